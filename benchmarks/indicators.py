"""What the usual indicators cost: ours, TA-Lib called directly, pandas, and writing the answer.

    python benchmarks/indicators.py --rows 1000000

Ours checks its columns and looks for holes first; that is what it may cost more than TA-Lib. TA-Lib
is asked for what ours answers (ADX with both directions). The values of all three are compared.
Times are of the processor, not of the clock: all of it is computing, and other work stays out.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import pandas as pd
import talib._ta_lib as talib

from trading import indicators
from trading.candles import FloatArray

Market = dict[str, FloatArray]
Frame = dict[str, "pd.Series[float]"]

WINDOW = 500  # candles that a strategy looks at when one has closed
CALLS = 200  # of a window, in one measurement
FADED = 1_000  # rows after which a seed is forgotten, to nine digits and more
HLC = ("high", "low", "close")


@dataclass(frozen=True, slots=True)
class Contest:
    """The same indicator three times; `pandas` may seed differently, which fades."""

    name: str
    columns: tuple[str, ...]
    ours: Callable[..., Any]
    talib: Callable[..., Any]
    pandas: Callable[[Frame], Any]


def market_of(rows: int) -> Market:
    random = np.random.default_rng(1)
    close = 60_000 * np.exp(np.cumsum(random.normal(0, 5e-4, rows)))
    wicks = 1 + np.abs(random.normal(0, 3e-4, (2, rows)))
    return {
        "high": close * wicks[0],
        "low": close / wicks[1],
        "close": close,
        "volume": random.lognormal(0, 1, rows),
    }


def pandas_rsi(frame: Frame) -> Any:
    moves = frame["close"].diff()
    gains = moves.clip(lower=0).ewm(alpha=1 / 14, adjust=False).mean()
    losses = (-moves).clip(lower=0).ewm(alpha=1 / 14, adjust=False).mean()
    return 100 - 100 / (1 + gains / losses)


def pandas_macd(frame: Frame) -> Any:
    close = frame["close"]
    line = close.ewm(span=12, adjust=False).mean() - close.ewm(span=26, adjust=False).mean()
    signal = line.ewm(span=9, adjust=False).mean()
    return line, signal, line - signal


def pandas_ranges(frame: Frame) -> Any:
    before = frame["close"].shift()
    above, below = (frame["high"] - before).abs(), (frame["low"] - before).abs()
    return np.maximum(np.maximum(frame["high"] - frame["low"], above), below)


def pandas_atr(frame: Frame) -> Any:
    return pandas_ranges(frame).ewm(alpha=1 / 14, adjust=False).mean()


def pandas_adx(frame: Frame) -> Any:
    up, down = frame["high"].diff(), -frame["low"].diff()
    reach = pandas_atr(frame)
    plus, minus = (
        100 * moved.ewm(alpha=1 / 14, adjust=False).mean() / reach
        for moved in (up.where((up > down) & (up > 0), 0), down.where((down > up) & (down > 0), 0))
    )
    index = 100 * (plus - minus).abs() / (plus + minus)
    return index.ewm(alpha=1 / 14, adjust=False).mean(), plus, minus


def pandas_bollinger(frame: Frame) -> Any:
    window = frame["close"].rolling(20)
    middle, spread = window.mean(), 2 * window.std(ddof=0)
    return middle + spread, middle, middle - spread


def pandas_vwap(frame: Frame) -> Any:
    typical = (frame["high"] + frame["low"] + frame["close"]) / 3
    return (typical * frame["volume"]).cumsum() / frame["volume"].cumsum()


def talib_adx(high: FloatArray, low: FloatArray, close: FloatArray) -> Any:
    return tuple(each(high, low, close, 14) for each in (talib.ADX, talib.PLUS_DI, talib.MINUS_DI))


CONTESTS = (
    Contest(
        "EMA",
        ("close",),
        lambda close: indicators.ema(close, 21),
        lambda close: talib.EMA(close, 21),
        lambda frame: frame["close"].ewm(span=21, adjust=False).mean(),
    ),
    Contest(
        "RSI",
        ("close",),
        lambda close: indicators.rsi(close, 14),
        lambda close: talib.RSI(close, 14),
        pandas_rsi,
    ),
    Contest(
        "MACD",
        ("close",),
        lambda close: indicators.macd(close, 12, 26, 9),
        lambda close: talib.MACD(close, 12, 26, 9),
        pandas_macd,
    ),
    Contest(
        "ADX",
        HLC,
        lambda high, low, close: indicators.adx(high, low, close, 14),
        talib_adx,
        pandas_adx,
    ),
    Contest(
        "ATR",
        HLC,
        lambda high, low, close: indicators.atr(high, low, close, 14),
        lambda high, low, close: talib.ATR(high, low, close, 14),
        pandas_atr,
    ),
    Contest(
        "Bollinger",
        ("close",),
        lambda close: indicators.bollinger(close, 20, 2),
        lambda close: talib.BBANDS(close, 20, 2, 2),
        pandas_bollinger,
    ),
    Contest("VWAP", (*HLC, "volume"), indicators.vwap, talib.VWAP, pandas_vwap),
)


def arrays(answer: Any) -> Sequence[FloatArray]:
    many = answer if isinstance(answer, tuple) else (answer,)
    return [np.asarray(each) for each in many]


def compare(contest: Contest, columns: list[FloatArray], frame: Frame) -> None:
    """Stops the run when the contenders answer differently."""
    ours, theirs, slow = (
        arrays(answer)
        for answer in (contest.ours(*columns), contest.talib(*columns), contest.pandas(frame))
    )
    for one, two, three in zip(ours, theirs, slow, strict=True):
        known = np.isfinite(one)
        np.testing.assert_allclose(one[known], two[known], rtol=1e-9, atol=1e-9)
        # A rolling variance of pandas keeps seven digits of prices like these.
        np.testing.assert_allclose(one[FADED:], three[FADED:], rtol=1e-7, atol=1e-7)


def floor(rows: int, count: int) -> None:
    for _ in range(count):
        np.empty(rows).fill(1.0)


def milliseconds(work: Callable[[], object], calls: int) -> float:
    started = time.process_time()
    for _ in range(calls):
        work()
    return (time.process_time() - started) * 1e3 / calls


def medians(works: Sequence[Callable[[], object]], rounds: int, calls: int) -> list[float]:
    """By turns, so that a busy moment of the machine hits all of them."""
    spent = [[milliseconds(work, calls) for work in works] for _ in range(rounds + 1)]
    return [statistics.median(column) for column in zip(*spent[1:], strict=True)]


def report(market: Market, rounds: int, calls: int) -> None:
    rows = len(market["close"])
    frame: Frame = {name: pd.Series(column) for name, column in market.items()}
    print(f"\n{rows:,} candles, ms of processor a call (median of {rounds})")
    print(f"{'':12}{'ours':>10}{'TA-Lib':>10}{'pandas':>10}{'floor':>10}{'ours/TA-Lib':>13}")
    total = np.zeros(4)
    for contest in CONTESTS:
        columns = [market[name] for name in contest.columns]
        compare(contest, columns, frame)
        works = [
            partial(contest.ours, *columns),
            partial(contest.talib, *columns),
            partial(contest.pandas, frame),
            partial(floor, rows, len(arrays(contest.ours(*columns)))),
        ]
        spent = medians(works, rounds, calls)
        total += spent
        line(contest.name, spent)
    line("all", total.tolist())


def line(name: str, spent: list[float]) -> None:
    figures = "".join(f"{each:10.4f}" if each < 1 else f"{each:10.2f}" for each in spent)
    print(f"{name:12}{figures}{spent[0] / spent[1]:13.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    market = market_of(chosen.rows)
    report(market, chosen.rounds, 1)
    report({name: column[:WINDOW] for name, column in market.items()}, chosen.rounds, CALLS)


if __name__ == "__main__":
    main()
