"""What the two versions of APEX say of whole markets, and which parameters they refuse."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from tests.trading.apex_literal import Literal
from tests.trading.examples import series, until
from trading.candles import CandleSeries
from trading.signals import Action, Signal
from trading.sizing import SizingPolicy
from trading.strategies import REGISTRY, ParametersNotUsable, Strategy

V71, V72 = REGISTRY["apex_v71"], REGISTRY["apex_v72"]
BOTH = pytest.mark.parametrize("strategy", [V71, V72], ids=["v71", "v72"])
ENTER = {1: Action.ENTER_LONG, -1: Action.ENTER_SHORT}
EXIT = {1: Action.EXIT_LONG, -1: Action.EXIT_SHORT}
ROWS = 700


@cache
def market() -> CandleSeries:
    """A walk that trends, turns and rests, with volumes that do too."""
    draw = np.random.default_rng(7)
    drift = 0.0006 * np.sin(np.arange(ROWS) / 40)
    close = 100 * np.exp(np.cumsum(draw.normal(drift, 0.002)))
    opened = np.concatenate([[100], close[:-1]]) * (1 + draw.normal(0, 0.0003, ROWS))
    high = np.maximum(opened, close) * (1 + np.abs(draw.normal(0, 0.001, ROWS)))
    low = np.minimum(opened, close) * (1 - np.abs(draw.normal(0, 0.001, ROWS)))
    made = series(close.tolist(), highs=high.tolist(), lows=low.tolist())
    return replace(made, open=opened, volume=draw.gamma(2, 5, ROWS))


def windows() -> list[CandleSeries]:
    return [until(market(), count).last(100) for count in range(100, ROWS + 1)]


def said(code: str, **parameters: object) -> list[Sequence[Signal]]:
    strategy = REGISTRY[code]
    parsed = strategy.parse({"fees": 0, **parameters})
    return [strategy.decide(seen, parsed) for seen in windows()]


def entry_of(signals: Sequence[Signal]) -> Signal | None:
    return next((signal for signal in signals if signal.action.is_entry), None)


def test_v71_enters_exactly_where_its_rules_say_and_as_large() -> None:
    entered: Counter[Action] = Counter()
    for seen, signals in zip(windows(), said("apex_v71"), strict=True):
        literal, entry = Literal(seen), entry_of(signals)
        favour = literal.enters()
        assert (entry is None) is (favour == 0)
        if entry is None:
            continue
        entered[entry.action] += 1
        assert entry.action is ENTER[favour]
        assert entry.tag == f"score {literal.score(favour)}"
        worst = min(literal.low[-10:]) if favour > 0 else max(literal.high[-10:])
        stop, ladder = entry.exit_plan.stop_price, entry.exit_plan.ladder
        assert stop is not None
        assert ladder is not None
        assert float(stop) == pytest.approx(worst - favour * 0.5 * literal.atr(), rel=1e-9)
        risked = abs(literal.close[-1] - float(stop))
        assert [float(rung.offset) for rung in ladder.rungs] == pytest.approx(
            [risked, 2 * risked, 3 * risked], rel=1e-9
        )
        assert [str(rung.share) for rung in ladder.rungs] == ["0.5", "0.5", "1"]
        assert (ladder.break_even_after, ladder.trail and ladder.trail.after) == (1, 1)
        assert entry.size_fraction is not None
        assert Decimal("0.02") <= entry.size_fraction <= Decimal("0.10")
    assert min(entered[action] for action in ENTER.values()) >= 5


def test_a_position_hears_of_every_opposite_score_that_follows_its_entry() -> None:
    """Who holds what was entered here is told to leave by the first that suffices, or by a cross
    of the averages, and not before."""
    checked = 0
    held = 0
    for seen, signals in zip(windows(), said("apex_v71"), strict=True):
        literal = Literal(seen)
        if held:
            fast, slow = literal.ema9, literal.ema21
            crossed = (fast[-2] - slow[-2]) * held >= 0 > (fast[-1] - slow[-1]) * held
            expected = crossed or literal.score(-held) >= 3
            told = EXIT[held] in [signal.action for signal in signals]
            assert told is expected
            checked += 1
            held = 0 if told else held
        elif entry_of(signals) is not None:
            held = literal.enters()
    assert checked >= 50


@BOTH
def test_a_quiet_market_blocks_entries_and_no_exit(strategy: Strategy) -> None:
    code = strategy.code
    usual = [signal.action for signals in said(code) for signal in signals if "cross" in signal.tag]
    blocked = said(code, volume_min=5, volume_threshold=5)

    assert not any(entry_of(signals) for signals in blocked)
    crossed = [signal.action for each in blocked for signal in each if "cross" in signal.tag]
    assert crossed == usual
    assert set(crossed) == set(EXIT.values())


def test_v72_stops_by_the_atr_and_is_sized_by_its_score() -> None:
    found = 0
    for seen, signals in zip(windows(), said("apex_v72"), strict=True):
        entry, literal = entry_of(signals), Literal(seen)
        if entry is None:
            continue
        found += 1
        favour = 1 if entry.action is Action.ENTER_LONG else -1
        close = literal.close[-1]
        stop, ladder = entry.exit_plan.stop_price, entry.exit_plan.ladder
        assert stop is not None
        assert ladder is not None
        assert float(stop) == pytest.approx(close - favour * 1.5 * literal.atr(), rel=1e-9)
        assert [float(rung.offset) / close for rung in ladder.rungs] == pytest.approx(
            [0.005, 0.01, 0.02, 0.03], rel=1e-9
        )
        assert [str(rung.share) for rung in ladder.rungs] == ["0.1", "0.15", "0.25", "0.5"]
        assert ladder.trail is not None
        assert float(ladder.trail.trail.offset) == pytest.approx(1.5 * literal.atr(), rel=1e-9)
        assert entry.size_fraction == Decimal(entry.tag.removeprefix("score ")) / 100
    assert found >= 5


@BOTH
def test_nothing_is_entered_whose_risk_does_not_pay_the_fees(strategy: Strategy) -> None:
    code = strategy.code
    assert any(entry_of(signals) for signals in said(code))

    assert not any(entry_of(signals) for signals in said(code, fees=0.1, fee_multiple=20))


def test_the_dual_rsi_is_off_and_only_ever_adds_to_a_score() -> None:
    without, with_it = (said("apex_v71", dual_rsi=dual) for dual in (0, 1))

    assert V71.parse({}).dual_rsi == 0
    gained = 0
    for before, after in zip(without, with_it, strict=True):
        least, most = entry_of(before), entry_of(after)
        assert least is None or (most is not None and most.action is least.action)
        gained += least is None and most is not None
    assert gained


def test_the_ranges_by_the_state_of_the_market_are_off_and_change_what_is_said() -> None:
    assert V72.parse({}).adaptive_rsi == 0
    usual, adaptive = (said("apex_v72", adaptive_rsi=on) for on in (0, 1))

    sizes = {entry.size_fraction for each in adaptive if (entry := entry_of(each))}
    assert [entry_of(each) for each in usual] != [entry_of(each) for each in adaptive]
    in_a_trend = {Decimal(percent) / 100 * Decimal("1.2") for percent in (3, 4, 5)}
    otherwise = {Decimal(4) / 100 * Decimal("0.7"), Decimal(5) / 100 * Decimal("0.7")}
    assert sizes & in_a_trend
    assert sizes <= in_a_trend | otherwise


@BOTH
@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"min_adx": 9.9}, "min_adx must lie between 10 and 60"),
        ({"ema_fast": 21}, "must grow longer"),
        ({"macd_fast": 26}, "macd_fast .26. must be less"),
        ({"dual_rsi": 1, "rsi_quick": 14}, "rsi_quick .14. must be less"),
        ({"history": 51}, "history .51. must be at least 52"),
    ],
)
def test_unsafe_parameters_are_refused(
    strategy: Strategy, parameters: dict[str, object], why: str
) -> None:
    with pytest.raises(ParametersNotUsable, match=why):
        strategy.parse(parameters)


@pytest.mark.parametrize(
    "parameters",
    [
        {"long_high": 51},
        {"trending_long_high": 70, "trending_short_low": 45},
        {"ranging_long_low": 36},
        {"volatile_short_low": 67},
    ],
)
def test_v72_refuses_ranges_that_overlap_even_where_they_are_not_used(
    parameters: dict[str, object],
) -> None:
    with pytest.raises(ParametersNotUsable, match="RSI range"):
        V72.parse(parameters)


def test_v71_refuses_an_empty_range_and_sizes_that_cross() -> None:
    with pytest.raises(ParametersNotUsable, match="rsi_low"):
        V71.parse({"rsi_low": 70})
    with pytest.raises(ParametersNotUsable, match="min_position"):
        V71.parse({"min_position": 0.2})


@BOTH
def test_versions_are_sized_by_the_fraction_of_the_signal(strategy: Strategy) -> None:
    assert strategy.sizing is SizingPolicy.FRACTION
