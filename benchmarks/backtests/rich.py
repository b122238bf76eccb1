"""RICH as one of our strategies: what benchmarks/README.md says in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers import rules
from trading.candles import CandleSeries, FloatArray
from trading.exit_plans import ScaleOut, Unit
from trading.indicators import adx, atr, ema, rsi
from trading.signals import Action, Signal, enter
from trading.strategies import Strategy
from trading.strategies.crossing import crosses_above

# What a whole history and its last candles differ by at most, once an average has settled.
_NEAR = 1e-9


@dataclass(frozen=True, slots=True)
class Parameters:
    """RICH has none: its numbers are those of all engines."""


def warmup(_: Parameters) -> int:
    return rules.SETTLED


def decide(candles: CandleSeries, parameters: Parameters) -> Sequence[Signal]:
    seen = candles.last(warmup(parameters))
    fast, slow = ema(seen.close, rules.RICH_FAST), ema(seen.close, rules.RICH_SLOW)
    action = _crossing((fast[-2], fast[-1]), (slow[-2], slow[-1]))
    if action is None:
        return ()
    strength = float(rsi(seen.close, rules.LENGTH)[-1])
    if action is Action.ENTER_SHORT:
        strength = 100 - strength
    trend = adx(seen.high, seen.low, seen.close, rules.LENGTH).adx[-1]
    if not rules.RSI_FROM <= strength <= rules.RSI_TO or trend < rules.LEAST_ADX:
        return ()
    price, reach = (
        float(seen.close[-1]),
        float(atr(seen.high, seen.low, seen.close, rules.LENGTH)[-1]),
    )
    ladder = ScaleOut(
        rules.RUNGS, Unit.R, break_even_after=1, trail_after=1,
        trail_offset=rules.TRAIL_ATRS * reach,
    )  # fmt: skip
    stop = rules.STOP_ATRS * reach / price
    return (enter(action, seen.symbol, price, stop_fraction=stop, scale_out=ladder, tag="rich"),)


def may_speak(candles: CandleSeries, parameters: Parameters) -> NDArray[np.bool_]:
    """The same conditions over all candles at once, a hair wider: an average of the whole history
    differs in its last digits from one of its last candles."""
    close = candles.close
    above = ema(close, rules.RICH_FAST) / ema(close, rules.RICH_SLOW) - 1
    strength = rsi(close, rules.LENGTH)
    trend = adx(candles.high, candles.low, close, rules.LENGTH).adx
    low, high = rules.RSI_FROM - _NEAR, rules.RSI_TO + _NEAR
    may = (_turns(above) & (strength >= low) & (strength <= high)) | (
        _turns(-above) & (strength <= 100 - low) & (strength >= 100 - high)
    )
    may &= trend >= rules.LEAST_ADX - _NEAR
    may[: warmup(parameters) - 1] = False
    return may


def _turns(above: FloatArray) -> NDArray[np.bool_]:
    found = above > -_NEAR
    found[1:] &= above[:-1] < _NEAR
    return found


def _crossing(fast: tuple[float, float], slow: tuple[float, float]) -> Action | None:
    if crosses_above(*fast, *slow):
        return Action.ENTER_LONG
    return Action.ENTER_SHORT if crosses_above(*slow, *fast) else None


STRATEGY = Strategy(
    code="rich",
    title="RICH",
    idea="Not to be traded: a strategy of many parts, by which engines are compared.",
    parameters=Parameters,
    warmup=warmup,
    decide=decide,
    may_speak=may_speak,
)
