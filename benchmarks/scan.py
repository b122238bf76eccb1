"""One close of many instruments: from the stored candles to what APEX v7.2 says of each.

    python benchmarks/scan.py --instruments 732 --rounds 7

Ours reads the windows as the pipeline does, one question for all instruments, and looks as it does;
nothing is recorded. Beside it, of the same windows: TA-Lib on their arrays (the floor: six usual
indicators, nothing decided), and the usual way of bots: for each pair a DataFrame of the last 500
candles, TA-Lib asked through pandas, the rules of an entry written into columns over all rows, of
which the last is read. That is how freqtrade works, not freqtrade itself.

"held" keeps the windows between closes, and reads and appends the candle that has closed. It is
what that would save: the pipeline reads its windows anew.

CPU is that of this process; what PostgreSQL computes beside it is in the time of the clock.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nija.settings.dev")

import django

django.setup()

import numpy as np
import pandas as pd
import talib
import talib._ta_lib as bare

from apps.market import selectors
from apps.market.models import Instrument
from apps.strategies import services as strategies
from apps.strategies.models import StrategyVersion
from apps.strategies.services.running import Look, look
from benchmarks.candles import MINUTE, STARTS_AT, fill, make_instruments
from benchmarks.stage.database import own_database
from trading.candles import Candle, CandleSeries, Timeframe

USUAL_WINDOW = 500  # candles that the usual way looks at
Windows = Mapping[int, CandleSeries]
Said = dict[int, list[str]]


@dataclass(frozen=True, slots=True)
class Spent:
    """Milliseconds: of this process, and of the clock."""

    cpu: float
    clock: float


@dataclass(frozen=True, slots=True)
class World:
    version: StrategyVersion
    instruments: Sequence[Instrument]
    minutes: int

    @property
    def ids(self) -> list[int]:
        return [instrument.pk for instrument in self.instruments]

    @property
    def until(self) -> Any:
        return STARTS_AT + self.minutes * MINUTE

    def read(self, count: int) -> Windows:
        return selectors.series(self.ids, Timeframe.M1, self.until, count)

    def look(self, windows: Windows) -> list[Look]:
        return [look(self.version, each, windows.get(each.pk)) for each in self.instruments]


def build(instruments: int, minutes: int) -> World:
    """Instruments with stored minutes, and a version of APEX v7.2 that runs on all of them."""
    ids = make_instruments(instruments)
    fill(ids, minutes)
    strategies.register_strategies()
    rows = list(Instrument.objects.filter(pk__in=ids).order_by("symbol"))
    version = strategies.create_version(
        "apex_v72", "1.0.0", timeframe=Timeframe.M1, instruments=rows, parameters={"fees": 0}
    )
    return World(version, rows, minutes)


# The windows, held between closes


def held(world: World) -> dict[int, CandleSeries]:
    """The windows as they were a candle ago."""
    before = world.until - MINUTE
    return selectors.series(world.ids, Timeframe.M1, before, world.version.warmup_candles)


def brought_up(world: World, windows: Windows) -> Windows:
    """The windows with the candle that has closed."""
    closed = selectors.candles_closing_at(world.ids, Timeframe.M1, world.until)
    return {pk: appended(windows[pk], candle) for pk, candle in closed.items()}


def appended(window: CandleSeries, candle: Candle) -> CandleSeries:
    now = (candle.open, candle.high, candle.low, candle.close, candle.volume)
    columns = (window.open, window.high, window.low, window.close, window.volume)
    return CandleSeries(
        window.symbol,
        window.timeframe,
        np.append(window.close_times[1:], int(candle.close_time.timestamp())),
        *(np.append(column[1:], float(value)) for column, value in zip(columns, now, strict=True)),
    )


# TA-Lib on arrays, and through pandas


def floor(windows: Windows) -> None:
    """What APEX would have of TA-Lib itself: three averages, RSI, MACD, ADX, ATR, VWAP."""
    for seen in windows.values():
        high, low, close = seen.high, seen.low, seen.close
        for length in (9, 21, 50):
            bare.EMA(close, length)
        bare.RSI(close, 14)
        bare.MACD(close, 12, 26, 9)
        bare.ADX(high, low, close, 14)
        bare.ATR(high, low, close, 14)
        bare.VWAP(high, low, close, seen.volume)


def usual(windows: Windows) -> None:
    for seen in windows.values():
        frame = with_columns(frame_of(seen))
        last = frame.iloc[-1]
        bool(last["enter_long"]), bool(last["enter_short"])


def frame_of(seen: CandleSeries) -> Any:
    names = ("open", "high", "low", "close", "volume")
    columns: dict[str, Any] = {name: getattr(seen, name) for name in names}
    return pd.DataFrame({"date": pd.to_datetime(seen.close_times, unit="s"), **columns})


def with_columns(frame: Any) -> Any:
    """Indicators, and the rules of an entry without its score, column by column."""
    high, low, close, volume = (frame[name] for name in ("high", "low", "close", "volume"))
    for length in (9, 21, 50):
        frame[f"ema{length}"] = talib.EMA(close, length)
    frame["rsi"] = talib.RSI(close, 14)
    frame["macd"], frame["signal"], frame["histogram"] = talib.MACD(close, 12, 26, 9)
    frame["adx"] = talib.ADX(high, low, close, 14)
    frame["atr"] = talib.ATR(high, low, close, 14)
    typical = (high + low + close) / 3
    frame["vwap"] = (typical * volume).cumsum() / volume.cumsum()
    is_traded = volume >= 0.25 * volume.rolling(20).mean()
    for name, favour in (("enter_long", 1), ("enter_short", -1)):
        rules = (
            is_traded
            & (frame["adx"] > 20)
            & ((close - frame["vwap"]) * favour > 0)
            & ((frame["ema9"] - frame["ema21"]) * favour > 0)
            & ((frame["ema21"] - frame["ema50"]) * favour > 0)
            & (frame["histogram"].diff() * favour > 0)
        )
        frame[name] = rules.astype(int)
    return frame


# Measuring


def measured(work: Callable[[], object], rounds: int) -> Spent:
    cpu, clock = [], []
    for _ in range(rounds + 1):
        begun, at = time.process_time(), time.perf_counter()
        work()
        cpu.append(time.process_time() - begun)
        clock.append(time.perf_counter() - at)
    return Spent(statistics.median(cpu[1:]) * 1e3, statistics.median(clock[1:]) * 1e3)


def said(looks: Sequence[Look]) -> Said:
    return {each.instrument.pk: [repr(signal) for signal in each.signals] for each in looks}


def report(world: World, rounds: int) -> None:
    windows = world.read(world.version.warmup_candles)
    before = held(world)
    now = brought_up(world, before)
    looks = world.look(windows)
    assert {each.status for each in looks} == {"completed"}
    assert said(looks) == said(world.look(now)), "held windows say something else"
    assert [seen.digest() for seen in windows.values()] == [now[pk].digest() for pk in windows], (
        "held windows hold something else"
    )
    wide = world.read(USUAL_WINDOW)
    signals = sum(len(each.signals) for each in looks)
    print(
        f"{len(world.instruments)} instruments, {signals} signals, medians of {rounds} rounds, ms"
    )
    print(f"{'':44}{'CPU':>9}{'clock':>9}")
    line = partial(measure_line, rounds=rounds)
    read = line("read the windows", lambda: world.read(world.version.warmup_candles))
    decide = line("decide", lambda: world.look(windows))
    ours = total("stored candles to signals", read, decide)
    newest = line("held: read and append the newest candle", lambda: brought_up(world, before))
    total("held windows to signals", newest, decide)
    line("floor: TA-Lib on the arrays of the windows", lambda: floor(windows))
    line(f"floor on {USUAL_WINDOW} candles", lambda: floor(wide))
    frames = line("TA-Lib through DataFrames, as freqtrade does", lambda: usual(wide))
    print(f"{'  of which ours is':44}{ours.cpu / frames.cpu:9.3f}")
    print(f"{'  of which ours is, held':44}{(newest.cpu + decide.cpu) / frames.cpu:9.3f}")


def measure_line(name: str, work: Callable[[], object], rounds: int) -> Spent:
    spent = measured(work, rounds)
    print(f"{name:44}{spent.cpu:9.1f}{spent.clock:9.1f}")
    return spent


def total(name: str, *parts: Spent) -> Spent:
    spent = Spent(sum(part.cpu for part in parts), sum(part.clock for part in parts))
    print(f"  {name:42}{spent.cpu:9.1f}{spent.clock:9.1f}")
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--instruments", type=int, default=732)
    parser.add_argument("--minutes", type=int, default=USUAL_WINDOW)
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    with own_database():
        report(build(chosen.instruments, chosen.minutes), chosen.rounds)


if __name__ == "__main__":
    main()
