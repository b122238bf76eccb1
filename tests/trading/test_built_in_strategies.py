"""The two strategies that come with the platform, on closes that can be worked out by hand."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.examples import series
from trading.order_kinds import OrderType, TimeInForce
from trading.signals import Action, EntryPlan, ExitPlan, OffsetType, Signal, Trail
from trading.strategies import REGISTRY, ParametersNotUsable

SMA, DONCHIAN = REGISTRY["sma_crossover"], REGISTRY["donchian_breakout"]
UP = [Action.EXIT_SHORT, Action.ENTER_LONG]
DOWN = [Action.EXIT_LONG, Action.ENTER_SHORT]


def crossing(*closes: float, **parameters: object) -> list[Signal]:
    """What the averages of 2 and 3 candles say."""
    parsed = SMA.parse({"fast": 2, "slow": 3, **parameters})
    return list(SMA.decide(series(closes), parsed))


def actions(said: list[Signal]) -> list[Action]:
    return [signal.action for signal in said]


@pytest.mark.parametrize(
    ("closes", "expected"),
    [
        ((105, 100, 99, 104), UP),  # 99.5 below 101.33, then 101.5 above 101
        ((100, 100, 100, 102), UP),  # equal, then above
        ((95, 100, 101, 96), DOWN),
        ((100, 100, 100, 98), DOWN),
        ((105, 100, 99, 101), []),  # below, then equal: not yet
        ((95, 100, 101, 99), []),
        ((100, 99, 101, 102), UP),  # and the candle after that one
        ((100, 101, 99, 98), DOWN),
        ((100, 101, 102, 103), []),  # above and stays above
        ((103, 102, 101, 100), []),
        ((100, 100, 100, 100), []),
    ],
)
def test_a_cross_is_from_not_above_to_above_or_the_mirror_of_it(
    closes: tuple[float, ...], expected: list[Action]
) -> None:
    assert actions(crossing(*closes)) == expected


@given(
    cents=st.lists(st.integers(1_000, 1_002), min_size=13, max_size=13),
    fast=st.integers(2, 6),
    slower=st.integers(1, 6),
)
def test_averages_are_compared_as_if_reckoned_exactly(
    cents: list[int], fast: int, slower: int
) -> None:
    slow = fast + slower

    def above(end: int) -> int:
        """1 where the fast average is above, -1 where it is below."""
        difference = Fraction(sum(cents[end - fast : end]), fast) - Fraction(
            sum(cents[end - slow : end]), slow
        )
        return (difference > 0) - (difference < 0)

    before, now = above(len(cents) - 1), above(len(cents))
    expected = UP if before <= 0 < now else DOWN if now < 0 <= before else []

    said = crossing(*(cent / 100 for cent in cents), fast=fast, slow=slow)

    assert actions(said) == expected


def test_a_cross_leaves_the_other_side_before_it_enters() -> None:
    out, into = crossing(100, 100, 100, 102)

    assert out == Signal("BTC-USD", Action.EXIT_SHORT, Decimal(102), tag="cross")
    plan = ExitPlan(stop_price=Decimal("99.96"), target_price=Decimal("106.08"))
    assert into == Signal("BTC-USD", Action.ENTER_LONG, Decimal(102), plan, tag="cross")


def test_a_short_has_its_stop_above_and_its_target_below() -> None:
    _, into = crossing(100, 100, 100, 98)

    assert into.exit_plan == ExitPlan(Decimal("99.96"), Decimal("94.08"))


@pytest.mark.parametrize(
    ("parameters", "plan"),
    [
        ({"stop_loss": 0}, ExitPlan(None, Decimal("106.08"))),
        ({"take_profit": 0}, ExitPlan(Decimal("99.96"), None)),
        ({"stop_loss": 0, "take_profit": 0}, ExitPlan(None, None)),
    ],
)
def test_a_stop_or_target_of_zero_is_off(parameters: dict[str, object], plan: ExitPlan) -> None:
    assert crossing(100, 100, 100, 102, **parameters)[1].exit_plan == plan


def test_a_target_of_several_times_the_price_does_not_silence_the_way_down() -> None:
    said = crossing(100, 100, 100, 98, take_profit=5)

    assert actions(said) == DOWN
    assert said[1].exit_plan.target_price is None


def breaking(rows: Sequence[tuple[float, float, float]], **parameters: object) -> list[Signal]:
    """What channels of 3 and 2 say of these (high, low, close)."""
    parsed = DONCHIAN.parse({"channel": 3, "exit_channel": 2, **parameters})
    highs, lows, closes = zip(*rows, strict=True)
    return list(DONCHIAN.decide(series(closes, highs=highs, lows=lows), parsed))


# The highest high of the three before the last is 12, the lowest low of the two before it 9.
CHANNEL = [(10, 8, 9), (12, 9, 10), (11, 9, 10), (11, 9, 10)]


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ((12.5, 10, 12.1), UP),
        ((12.5, 10, 12), []),  # at the channel is not above it
        ((13, 10, 11), []),  # a shadow is no close
        ((10, 8, 8.9), [Action.EXIT_LONG]),
        ((10, 8, 9), []),
        ((10, 8, 9.5), []),
    ],
)
def test_a_break_is_a_close_beyond_the_channel(
    last: tuple[float, float, float], expected: list[Action]
) -> None:
    assert actions(breaking([*CHANNEL, last])) == expected


def test_the_second_close_beyond_the_channel_is_no_break() -> None:
    risen = [*CHANNEL[:3], (12.5, 10, 12.2), (13, 12, 12.8)]
    fallen = [*CHANNEL[:3], (10, 8, 8.5), (9, 7, 7.5)]

    assert breaking(risen) == []
    assert breaking(fallen) == []


def test_a_break_up_enters_with_a_stop_and_no_target() -> None:
    out, into = breaking([*CHANNEL, (12.5, 10, 12.5)])

    assert out.action is Action.EXIT_SHORT
    assert into.reference_price == Decimal("12.5")
    assert into.exit_plan == ExitPlan(stop_price=Decimal("12.125"))


def test_a_break_without_a_stop_has_no_exit_plan() -> None:
    _, into = breaking([*CHANNEL, (12.5, 10, 12.5)], stop_loss=0)

    assert into.exit_plan == ExitPlan()


def test_the_stop_of_a_break_follows_the_price_where_that_is_asked_for() -> None:
    _, into = breaking([*CHANNEL, (12.5, 10, 12.5)], stop_loss=0, trail=0.04)

    assert into.exit_plan == ExitPlan(
        stop_price=Decimal(12), trail=Trail(Decimal(400), OffsetType.BASIS_POINTS)
    )


BREAK = (20.5, 10, 20)
F = TimeInForce


@pytest.mark.parametrize(
    ("parameters", "plan", "stop"),
    [
        ({}, EntryPlan(), "19.4"),
        (
            {"pullback": 0.02},
            EntryPlan(OrderType.LIMIT, Decimal("19.6"), None, F.DAY, post_only=True),
            "19.012",
        ),
        (
            {"confirm": 0.02},
            EntryPlan(OrderType.STOP_MARKET, None, Decimal("20.4"), F.DAY),
            "19.788",
        ),
    ],
)
def test_a_break_is_bought_at_once_or_waited_for_on_either_side(
    parameters: dict[str, float], plan: EntryPlan, stop: str
) -> None:
    entry = breaking([*CHANNEL, BREAK], stop_loss=0.03, **parameters)[-1]

    assert entry.entry_plan == plan
    assert entry.exit_plan.stop_price == Decimal(stop)


def test_an_entry_does_not_wait_on_both_sides() -> None:
    with pytest.raises(ParametersNotUsable, match="not both"):
        DONCHIAN.parse({"pullback": 0.01, "confirm": 0.01})
