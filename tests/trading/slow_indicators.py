"""Indicators as their definitions read, a row at a time; and a market to try them on."""

import numpy as np

from trading.candles import FloatArray

DAY = 86_400


def columns_of(seed: int, count: int) -> dict[str, FloatArray]:
    """A random market; of some seeds it stands still by turns, or is not traded at first."""
    random = np.random.default_rng(seed)
    moves = random.normal(0, 0.01, count) * (random.random(count) < random.choice([0.1, 0.9]))
    close = random.choice([1e-6, 1.0, 60_000.0]) * np.exp(np.cumsum(moves))
    wicks = 1 + np.abs(random.normal(0, 0.005, (2, count))) * (random.random(count) < 0.7)
    high, low = close * wicks[0], close / wicks[1]
    volume = random.lognormal(3, 1, count) * (np.arange(count) >= random.choice([0, 3]))
    times = 1_780_000_000 // DAY * DAY + np.arange(1, count + 1) * 3600
    return {
        "high": high,
        "low": low,
        "close": close,
        "values": close,
        "volume": volume,
        "close_times": times.astype(np.int64),
    }


def average(values: FloatArray, seed: float, weight: float) -> list[float]:
    """Recursive, from a seed on; `values` are what follows it."""
    found = [seed]
    for value in values:
        found.append(found[-1] + weight * (value - found[-1]))
    return found


def sma(values: FloatArray, length: int) -> list[float]:
    means = [values[end - length : end].mean() for end in range(length, len(values) + 1)]
    return [np.nan] * (length - 1) + means


def wma(values: FloatArray, length: int) -> list[float]:
    found = [np.nan] * (length - 1)
    for end in range(length, len(values) + 1):
        weighted = sum(
            weight * values[end - length + weight - 1] for weight in range(1, length + 1)
        )
        found.append(weighted / (length * (length + 1) / 2))
    return found


def ema(values: FloatArray, length: int) -> list[float]:
    rest = average(values[length:], float(values[:length].mean()), 2 / (length + 1))
    return [np.nan] * (length - 1) + rest


def ema_from_first(values: FloatArray, length: int) -> FloatArray:
    return np.array(average(values[1:], float(values[0]), 2 / (length + 1)))


def wilder(values: FloatArray, length: int) -> list[float]:
    return average(values[length:], float(values[:length].mean()), 1 / length)


def strength(gain: float, loss: float) -> float:
    if gain + loss == 0:
        return 50.0
    return 100.0 if loss == 0 else 100 - 100 / (1 + gain / loss)


def rsi(close: FloatArray, length: int) -> list[float]:
    moves = np.diff(close)
    gains = wilder(np.where(moves > 0, moves, 0), length)
    losses = wilder(np.where(moves < 0, -moves, 0), length)
    return [np.nan] * length + [strength(*pair) for pair in zip(gains, losses, strict=True)]


def rsi_simple(close: FloatArray, length: int) -> list[float]:
    found = [np.nan] * length
    for end in range(length, len(close)):
        moves = [close[row] - close[row - 1] for row in range(end - length + 1, end + 1)]
        gain = sum(move for move in moves if move > 0) / length
        loss = -sum(move for move in moves if move < 0) / length
        found.append(strength(gain, loss))
    return found


def ranges(high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    found = [high[0] - low[0]]
    for row in range(1, len(close)):
        before = close[row - 1]
        found.append(max(high[row] - low[row], abs(high[row] - before), abs(low[row] - before)))
    return np.array(found)


def atr(high: FloatArray, low: FloatArray, close: FloatArray, length: int) -> list[float]:
    return [np.nan] * length + wilder(ranges(high, low, close)[1:], length)


def atr_simple(high: FloatArray, low: FloatArray, close: FloatArray, length: int) -> list[float]:
    reach_of = ranges(high, low, close)
    means = [reach_of[end - length : end].mean() for end in range(length, len(close) + 1)]
    return [np.nan] * (length - 1) + means


def macd(close: FloatArray, fast: int, slow: int, signal: int) -> list[list[float]]:
    quick = ema(close[slow - fast :], fast)[fast - 1 :]
    line = np.array(quick) - np.array(ema(close, slow)[slow - 1 :])
    averaged = ema(line, signal)
    begin = signal - 1
    lines = [line[begin:], averaged[begin:], (line - np.array(averaged))[begin:]]
    return [[np.nan] * (slow + signal - 2) + list(each) for each in lines]


def macd_from_first(close: FloatArray, fast: int, slow: int, signal: int) -> list[FloatArray]:
    line = ema_from_first(close, fast) - ema_from_first(close, slow)
    averaged = ema_from_first(line, signal)
    return [line, averaged, line - averaged]


def movements(high: FloatArray, low: FloatArray, *, ties: bool) -> list[tuple[float, float]]:
    found = []
    for row in range(1, len(high)):
        up, down = high[row] - high[row - 1], low[row - 1] - low[row]
        plus = up if up > 0 and (up > down or (ties and up == down)) else 0.0
        minus = down if down > 0 and (down > up or (ties and up == down)) else 0.0
        found.append((plus, minus))
    return found


def adx_simple(
    high: FloatArray, low: FloatArray, close: FloatArray, length: int
) -> list[list[float]]:
    moved = movements(high, low, ties=True)
    reach_of = ranges(high, low, close)[1:]
    plus: list[float] = []
    minus: list[float] = []
    index: list[float] = []
    for end in range(length, len(close)):
        reach = reach_of[end - length : end].sum()
        for side, found in enumerate((plus, minus)):
            part = sum(pair[side] for pair in moved[end - length : end])
            found.append(100 * part / reach if reach else 0.0)
        both = plus[-1] + minus[-1]
        index.append(100 * abs(plus[-1] - minus[-1]) / both if both else np.nan)
    found = []
    for end in range(length, len(index) + 1):
        window = index[end - length : end]
        found.append(0.0 if np.isnan(window).any() else sum(window) / length)
    skipped = 2 * length - 1
    return [[np.nan] * skipped + each for each in (found, plus[length - 1 :], minus[length - 1 :])]


def vwap(*columns: FloatArray) -> list[float]:
    high, low, close, volume = columns
    found, paid, traded = [], 0.0, 0.0
    for row in range(len(close)):
        paid += (high[row] + low[row] + close[row]) / 3 * volume[row]
        traded += volume[row]
        found.append(paid / traded if traded else close[row])
    return found


def vwap_of_day(*columns: FloatArray) -> list[float]:
    days = [int((seconds - 1) // DAY) for seconds in columns[4]]
    found: list[float] = []
    for day in sorted(set(days)):
        found += vwap(*(column[np.array(days) == day] for column in columns[:4]))
    return found
