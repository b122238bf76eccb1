"""Strategies and columns with one mistake each, of the kinds that people really make; and honest
ones beside them, so that a check that fails everything does not look good."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trading.candles import CandleSeries
from trading.integrity import Columns, Decider
from trading.signals import Action, Signal, enter, leave
from trading.strategies.contract import Strategy, parameter

Found = Mapping[str, NDArray[Any]]
LENGTH = 20


def frame(candles: CandleSeries) -> Any:
    """The candles as a frame whose index is the time at which each one opened."""
    opened = candles.close_times - candles.timeframe.minutes * 60
    columns = {name: getattr(candles, name) for name in ("open", "high", "low", "close", "volume")}
    return pd.DataFrame(columns, index=pd.to_datetime(opened, unit="s"))


def _against(average: Any, close: Any) -> Found:
    above = close > average
    return {
        "average": average.to_numpy(),
        "enter_long": (above & ~above.shift(fill_value=False) & average.notna()).to_numpy(),
    }


# Columns that are honest


def rolling_mean(candles: CandleSeries) -> Found:
    close = frame(candles).close
    return _against(close.rolling(LENGTH).mean(), close)


def rolling_score(candles: CandleSeries) -> Found:
    close = frame(candles).close
    window = close.rolling(LENGTH)
    return {"score": ((close - window.mean()) / window.std().clip(lower=0.01)).to_numpy()}


def hours_by_close(candles: CandleSeries) -> Found:
    """The last hour that had closed when the candle did."""
    rows = frame(candles)
    hourly = rows.close.resample("1h", label="right", closed="left").last()
    # An hour carries the label of its end: in the making it is not there yet.
    closed = rows.index + pd.Timedelta("15min")
    return {"hourly": hourly.reindex(closed, method="ffill").to_numpy()}


def exponential_mean(candles: CandleSeries) -> Found:
    close = frame(candles).close
    return _against(close.ewm(span=LENGTH, adjust=False).mean(), close)


# Columns that look ahead


def shifted_back(candles: CandleSeries) -> Found:
    close = frame(candles).close
    return _against(close.shift(-1), close)


def centred(candles: CandleSeries) -> Found:
    close = frame(candles).close
    return _against(close.rolling(LENGTH, center=True).mean(), close)


def normalised_over_everything(candles: CandleSeries) -> Found:
    close = frame(candles).close
    return {"score": ((close - close.mean()) / close.std()).to_numpy()}


def hours_by_open(candles: CandleSeries) -> Found:
    """An hour stands beside the candle that opens it, with the close it will have."""
    rows = frame(candles)
    hourly = rows.close.resample("1h").last()
    return {"hourly": hourly.reindex(rows.index, method="ffill").to_numpy()}


def filled_from_behind(candles: CandleSeries) -> Found:
    close = frame(candles).close
    return _against(close.rolling(LENGTH).mean().bfill(), close)


def levels_filled_from_behind(candles: CandleSeries) -> Found:
    """A level that is known only at some candles, carried back to those before."""
    rows = frame(candles)
    is_peak = rows.high == rows.high.rolling(LENGTH).max()
    return {"peak": rows.high.where(is_peak).bfill().to_numpy()}


LEAKS: dict[str, Callable[[CandleSeries], Found]] = {
    "shift(-1)": shifted_back,
    "centred rolling": centred,
    "full-frame normalisation": normalised_over_everything,
    "higher timeframe by open time": hours_by_open,
    "bfill of the warm-up": filled_from_behind,
    "bfill of levels": levels_filled_from_behind,
}
HONEST: dict[str, Callable[[CandleSeries], Found]] = {
    "rolling mean": rolling_mean,
    "rolling score": rolling_score,
    "higher timeframe by close time": hours_by_close,
}


def columns(function: Callable[[CandleSeries], Found], warmup: int = 3 * LENGTH) -> Columns:
    return Columns(function.__name__, warmup, function)


# Deciders


@dataclass(frozen=True, slots=True)
class Parameters:
    length: int = parameter(LENGTH, minimum=2, maximum=500, about="candles in the average")


def long_or_out(candles: CandleSeries, *, is_above: bool, was_above: bool) -> Sequence[Signal]:
    if is_above == was_above:
        return ()
    say, action = (enter, Action.ENTER_LONG) if is_above else (leave, Action.EXIT_LONG)
    return (say(action, candles.symbol, float(candles.close[-1])),)


def honest(candles: CandleSeries) -> Sequence[Signal]:
    """A close above the mean of the last twenty, for the first time."""
    now, before = candles.close[-LENGTH:], candles.close[-LENGTH - 1 : -1]
    return long_or_out(
        candles,
        is_above=bool(now[-1] > now.mean()),
        was_above=bool(before[-1] > before.mean()),
    )


def recursive(candles: CandleSeries) -> Sequence[Signal]:
    """An exponential mean of all it is given: the beginning weighs until it is forgotten."""
    mean = before = float(candles.close[0])
    for price in candles.close[1:].tolist():
        mean, before = mean + 2 / (LENGTH + 1) * (price - mean), mean
    return long_or_out(
        candles,
        is_above=bool(candles.close[-1] > mean),
        was_above=bool(candles.close[-2] > before),
    )


def stop_by_range(candles: CandleSeries) -> Sequence[Signal]:
    """Honest entries, with a stop as far away as all the candles it is given are wide."""
    width = (candles.high.max() - candles.low.min()) / candles.close[-1]
    return tuple(
        enter(signal.action, signal.symbol, float(signal.reference_price), stop_fraction=width / 3)
        if signal.action.is_entry
        else signal
        for signal in honest(candles)
    )


def reads_beyond_its_end(candles: CandleSeries) -> Sequence[Signal]:
    """Finds the whole market behind the view that it was handed."""
    whole = candles.close.base if candles.close.base is not None else candles.close
    known = int(np.flatnonzero(np.isin(whole, candles.close[-1]))[-1])
    return long_or_out(
        candles,
        is_above=bool(whole[min(known + 1, len(whole) - 1)] > candles.close[-1]),
        was_above=bool(candles.close[-1] > candles.close[-2]),
    )


def writes_on_its_candles(candles: CandleSeries) -> Sequence[Signal]:
    candles.close[-1] = round(candles.close[-1])
    return honest(candles)


def hashed(candles: CandleSeries, parameters: Parameters) -> Sequence[Signal]:
    """Takes the first of a set of words, whose order is that of their hashes."""
    tag = next(iter({"alpha", "beta", "gamma", "delta", "epsilon", "zeta"}))
    price = float(candles.close[-1])
    return tuple(
        enter(signal.action, signal.symbol, price, tag=tag)
        for signal in honest(candles)
        if signal.action is Action.ENTER_LONG
    )


def counting() -> Callable[[CandleSeries], Sequence[Signal]]:
    """Speaks only every third time that it has something to say: it remembers."""
    times = 0

    def decide(candles: CandleSeries) -> Sequence[Signal]:
        nonlocal times
        said = honest(candles)
        times += len(said)
        return said if times % 3 == 0 else ()

    return decide


def slow(candles: CandleSeries, parameters: Parameters) -> Sequence[Signal]:
    time.sleep(0.06)
    return honest(candles)


def endless(candles: CandleSeries, parameters: Parameters) -> Sequence[Signal]:
    while True:
        time.sleep(1)


def dying(candles: CandleSeries, parameters: Parameters) -> Sequence[Signal]:
    raise SystemExit("the strategy ended the process")


def fails_at_rest(candles: CandleSeries) -> Sequence[Signal]:
    moved = candles.close[-1] - candles.close[-2]
    return () if 1 / float(moved) > 0 else honest(candles)


def decider_of(
    decide: Callable[[CandleSeries], Sequence[Signal]], warmup: int = LENGTH + 1
) -> Decider:
    return Decider("example", warmup, decide, frozenset({"enter_long", "exit_long"}))


def strategy(decide: Callable[[CandleSeries, Any], Sequence[Signal]]) -> Strategy:
    return Strategy(
        code=decide.__name__,
        title="An example",
        idea="Is wrong on purpose.",
        parameters=Parameters,
        warmup=lambda parameters: int(parameters.length) + 1,
        decide=decide,
    )


HASHED, SLOW, ENDLESS, DYING = map(strategy, (hashed, slow, endless, dying))
