"""What a ladder does when a candle has closed: each rule of it, on numbers worked out by hand."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.examples import BTC, candle
from trading.exit_plans import Ladder, LateTrail, OffsetType, Rung, Trail
from trading.exit_policy import NOTHING, Laddered, ToDo, is_stop_nearer, what_is_due
from trading.signals import Direction

LONG, SHORT = Direction.LONG, Direction.SHORT
FINE = replace(
    BTC, quantity_increment=Decimal("0.000001"), min_quantity=Decimal("0.000001"),
    min_notional=Decimal(0),
)  # fmt: skip


def rungs(*pairs: str) -> tuple[Rung, ...]:
    """`4:0.5` closes a half of what is left, 4 from the entry."""
    split = (pair.split(":") for pair in pairs)
    return tuple(Rung(Decimal(offset), Decimal(share)) for offset, share in split)


# Entry 100, stop 96: R is 4. A half at 1R with the stop to the entry, a half of the rest at 2R, all
# that is left at 3R; behind the close by 3 (1.5 times a range of 2) once the first has been filled.
THIRDS = Ladder(rungs("4:0.5", "8:0.5", "12:1"), 1, LateTrail(Trail(Decimal(3)), after=1))
# Tenths of the remaining: 0.5, 1, 2 and 3 % above 100.
STEPPED = Ladder(rungs("0.5:0.10", "1:0.15", "2:0.25", "3:0.50"))


def held(quantity: str = "1", direction: Direction = LONG, **facts: Any) -> Laddered:
    """Entered with 1 at 100."""
    stop = Decimal(96 if direction is LONG else 104)
    known = {"entry_quantity": Decimal(1), "average_entry": Decimal(100), "stop": stop}
    return Laddered(direction, Decimal(quantity), **{**known, **facts})


def mirrored(prices: str) -> str:
    """What is above 100 lies as far below it."""
    opening, high, low, close = (200 - Decimal(price) for price in prices.split())
    return f"{opening} {low} {high} {close}"


@pytest.mark.parametrize(
    ("prices", "rung", "quantity"),
    [
        ("100 103.99 99 103", 0, "0"),
        ("100 104 99 101", 1, "0.5"),
        ("100 107.99 99 104", 1, "0.5"),
        ("100 108 99 104", 2, "0.75"),
        ("100 112 99 112", 3, "1"),
        ("113 120 113 115", 3, "1"),  # a gap over the last closes all at once
    ],
)
@pytest.mark.parametrize("direction", [LONG, SHORT])
def test_a_candle_takes_every_rung_that_it_reached_by_one_exit(
    direction: Direction, prices: str, rung: int, quantity: str
) -> None:
    seen = candle(prices if direction is LONG else mirrored(prices))

    said = what_is_due(THIRDS, held(direction=direction), seen, FINE)

    assert said == ToDo(rung, Decimal(quantity))


@pytest.mark.parametrize(
    ("ladder", "highs", "remaining"),
    [
        (THIRDS, ["104", "108", "112"], ["0.5", "0.25", "0"]),
        (THIRDS, ["104", "112"], ["0.5", "0"]),
        (STEPPED, ["100.5", "101", "102", "103"], ["0.90", "0.765", "0.57375", "0.286875"]),
        (STEPPED, ["101", "103"], ["0.765", "0.286875"]),
        (STEPPED, ["103"], ["0.286875"]),
    ],
)
def test_shares_are_of_what_remains_however_many_rungs_a_candle_takes(
    ladder: Ladder, highs: list[str], remaining: list[str]
) -> None:
    stands, found = held(), []
    for high in highs:
        said = what_is_due(ladder, stands, candle(f"100 {high} 100 100"), FINE)
        left = stands.quantity - said.quantity
        stands = replace(stands, quantity=left, done=said.rung)
        found.append(left)

    assert found == [Decimal(each) for each in remaining]


def test_a_rung_is_taken_once_it_is_filled_and_tried_again_until_then() -> None:
    seen = candle("100 104 99 101")

    assert what_is_due(STEPPED, held(), seen, FINE).rung == 4
    assert what_is_due(STEPPED, held(done=3), seen, FINE) == ToDo(4, Decimal("0.5"))
    assert what_is_due(STEPPED, held(done=4), seen, FINE) == NOTHING


def test_no_second_exit_is_written_while_one_is_on_its_way() -> None:
    assert what_is_due(STEPPED, held(is_stepping=True), candle("100 104 99 101"), FINE) == NOTHING


def test_who_leaves_whole_is_left_alone() -> None:
    seen = candle("100 120 99 120")

    assert what_is_due(THIRDS, held(done=1, is_leaving=True), seen, FINE) == NOTHING
    assert what_is_due(THIRDS, held("0"), seen, FINE) == NOTHING


def test_of_a_candle_inside_which_was_entered_only_the_close_counts() -> None:
    assert what_is_due(THIRDS, held(is_fresh=True), candle("100 112 99 103"), FINE) == NOTHING
    assert what_is_due(THIRDS, held(is_fresh=True), candle("100 112 99 104"), FINE).rung == 1


@pytest.mark.parametrize(
    ("quantity", "entered", "done", "rung", "closed"),
    [
        ("0.300", "0.300", 0, 1, "0.150"),
        ("0.333", "0.333", 0, 1, "0.166"),  # down to the step of 0.001
        ("0.180", "0.180", 0, 0, "0"),  # 0.09 is worth 9 at 100, and 10 is the least
        ("0.150", "0.300", 1, 2, "0.150"),  # 0.075 is too little to sell: it goes along
        ("0.004", "0.600", 1, 2, "0.004"),  # less than a hundredth would be left
    ],
)
def test_what_is_too_small_waits_and_what_would_be_left_too_small_goes_along(
    quantity: str, entered: str, done: int, rung: int, closed: str
) -> None:
    ladder = Ladder(rungs("4:0.5", "8:0.3"))
    if quantity == "0.150":
        ladder = Ladder(rungs("4:0.5", "8:0.7"))
    stands = held(quantity, entry_quantity=Decimal(entered), done=done)
    high = 104 if rung < 2 else 108

    said = what_is_due(ladder, stands, candle(f"100 {high} 100 100"), BTC)

    assert said == ToDo(rung, Decimal(closed))


def test_what_waited_goes_with_the_next_rung() -> None:
    stands = held("0.180", entry_quantity=Decimal("0.180"))

    said = what_is_due(Ladder(rungs("4:0.5", "8:0.5")), stands, candle("100 108 100 100"), BTC)

    assert said == ToDo(2, Decimal("0.180"))  # 0.135; the 0.045 that would be left goes along


def test_a_last_rung_closes_whole_however_little_is_left() -> None:
    stands = held("0.001", entry_quantity=Decimal("0.180"), done=2)

    assert what_is_due(THIRDS, stands, candle("100 112 100 100"), BTC) == ToDo(3, Decimal("0.001"))


@pytest.mark.parametrize(
    ("done", "prices", "stop"),
    [
        (0, "100 103 99 102", None),  # no rung has been filled
        (1, "103 103 101 102", "100"),  # to the entry; 3 behind 102 would be less
        (1, "104 105 103 105", "102"),
        (1, "101 101 99 99.5", "96.5"),  # the close has passed the entry: 3 behind it is left
        (1, "101 101 99 98.9", None),  # and 3 behind it is farther than the stop that stands
    ],
)
@pytest.mark.parametrize("direction", [LONG, SHORT])
def test_the_stop_moves_to_the_entry_after_the_first_rung_and_then_behind_the_close(
    direction: Direction, done: int, prices: str, stop: str | None
) -> None:
    seen = candle(prices if direction is LONG else mirrored(prices))
    stands = held("0.5", direction, done=done)
    wanted = None if stop is None else Decimal(stop)
    if wanted is not None and direction is SHORT:
        wanted = 200 - wanted

    assert what_is_due(THIRDS, stands, seen, FINE) == ToDo(stop=wanted)


@pytest.mark.parametrize(("close", "stop"), [("100.01", "100"), ("100", None), ("99", None)])
def test_a_stop_is_never_set_where_the_market_is_or_beyond(close: str, stop: str | None) -> None:
    ladder = Ladder(rungs("4:0.5"), break_even_after=1)

    said = what_is_due(ladder, held("0.5", done=1), candle(close), FINE)

    assert said.stop == (None if stop is None else Decimal(stop))


def test_a_stop_never_steps_back() -> None:
    stands = held("0.5", done=1)

    first = what_is_due(THIRDS, stands, candle("105"), FINE)
    assert first.stop == 102
    stands = replace(stands, stop=first.stop)
    assert what_is_due(THIRDS, stands, candle("103"), FINE) == NOTHING
    assert what_is_due(THIRDS, stands, candle("105"), FINE) == NOTHING  # twice is harmless
    assert what_is_due(THIRDS, stands, candle("105.5"), FINE).stop == Decimal("102.5")


@pytest.mark.parametrize(
    ("close", "stop"), [("101.49", None), ("101.50", "99.47"), ("103", "100.94")]
)
def test_a_trail_may_begin_with_a_profit_and_follow_by_basis_points(
    close: str, stop: str | None
) -> None:
    by_two_percent = Trail(Decimal(200), OffsetType.BASIS_POINTS)
    ladder = Ladder(trail=LateTrail(by_two_percent, profit=Decimal("1.5")))

    said = what_is_due(ladder, held(), candle(close), FINE)

    assert said == ToDo(stop=None if stop is None else Decimal(stop))


def test_a_trail_stays_an_increment_behind_the_close_at_least() -> None:
    ladder = Ladder(trail=LateTrail(Trail(Decimal("0.001")), profit=Decimal(1)))

    assert what_is_due(ladder, held(), candle("102"), FINE).stop == Decimal("101.99")
    short = held(direction=SHORT)
    assert what_is_due(ladder, short, candle("98"), FINE).stop == Decimal("98.01")


def test_the_entry_is_rounded_towards_the_market_so_that_it_is_not_lost_again() -> None:
    ladder = Ladder(rungs("4:0.5"), break_even_after=1)
    odd: dict[str, Any] = {"average_entry": Decimal("100.003"), "done": 1}

    assert what_is_due(ladder, held(**odd), candle("102"), FINE).stop == Decimal("100.01")
    assert what_is_due(ladder, held(direction=SHORT, **odd), candle("98"), FINE).stop == 100


@pytest.mark.parametrize("direction", [LONG, SHORT])
@pytest.mark.parametrize(
    ("ticks", "is_moved"),
    [("0.01", False), ("0.02", False), ("0.03", True)],  # FINE's tick is 0.01
)
def test_a_stop_is_not_replaced_for_a_tick_or_two(
    direction: Direction, ticks: str, is_moved: bool
) -> None:
    # Behind the close by 3: at 102, or as far below 100.
    favour = 1 if direction is LONG else -1
    meant = 100 + 2 * favour
    stands = held("0.5", direction, done=1, stop=meant - Decimal(ticks) * favour)

    said = what_is_due(THIRDS, stands, candle(str(100 + 5 * favour)), FINE)

    assert said.stop == (meant if is_moved else None)


def test_small_moves_add_up_to_one_that_is_made() -> None:
    stands, moved = held("0.5", done=1, stop=Decimal("102.00")), []
    for cents in range(7):
        said = what_is_due(THIRDS, stands, candle(str(105 + Decimal(cents) / 100)), FINE)
        if said.stop is not None:
            stands = replace(stands, stop=said.stop)
            moved.append(said.stop)
    assert moved == [Decimal("102.03"), Decimal("102.06")]


def test_without_a_stop_there_is_none_to_move() -> None:
    assert what_is_due(THIRDS, held("0.5", done=1, stop=None), candle("105"), FINE) == NOTHING


PRICES = st.integers(9_000, 12_500).map(lambda cents: Decimal(cents) / 100)


@settings(max_examples=150, deadline=None)
@given(path=st.lists(PRICES, min_size=1, max_size=12), direction=st.sampled_from([LONG, SHORT]))
def test_whatever_comes_a_position_only_shrinks_and_its_stop_only_comes_nearer(
    path: list[Decimal], direction: Direction
) -> None:
    ladder = replace(THIRDS, rungs=rungs("1:0.3", "2:0.5", "5:0.9"))
    stands = held("0.777", direction, entry_quantity=Decimal("0.777"))
    for close in path:
        seen = candle(f"{close} {close + 1} {close - 1} {close}")
        said = what_is_due(ladder, stands, seen, BTC)
        assert said == what_is_due(ladder, stands, seen, BTC)
        assert 0 <= said.quantity <= stands.quantity
        assert BTC.quantity_down(said.quantity) == said.quantity
        assert (said.rung > stands.done) is (said.quantity > 0)
        if said.stop is not None and stands.stop is not None:
            assert is_stop_nearer(direction, said.stop, stands.stop)
            assert is_stop_nearer(direction, close, said.stop)  # and never beyond the market
        stands = replace(
            stands,
            quantity=stands.quantity - said.quantity,
            done=max(stands.done, said.rung),
            stop=said.stop or stands.stop,
        )
    assert not stands.quantity or stands.quantity >= BTC.min_quantity
