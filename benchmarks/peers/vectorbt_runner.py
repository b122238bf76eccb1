"""vectorbt. The crossover by signals, as its users write it. Signals know no partial targets and no
stop in prices, so RICH is an order function of ours, compiled, that its simulator asks at each
candle.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import talib
import vectorbt as vbt
from numba import njit
from vectorbt.portfolio.nb import order_nb, order_nothing_nb

from benchmarks.peers import rules
from benchmarks.peers.running import Candles, Fill, Prepared, Trade, main, trades_of

TICK, FEE = rules.TICK, rules.FEE
TIMES = np.array([times for times, _ in rules.RUNGS])
KEPT = np.array([1 - share for _, share in rules.RUNGS])
# The state of the order function.
SIDE, UNITS, ENTRY, STOP, RISK, TRAIL, DONE, PART, TURN, NUMBERS = range(10)


def prepare(strategy: str, candles: Candles) -> Prepared:
    return Prepared(lambda: (rich if strategy == "rich" else sma)(candles), told)


def sma(candles: Candles) -> Any:
    fast = vbt.MA.run(candles.close, rules.FAST).ma.to_numpy()
    slow = vbt.MA.run(candles.close, rules.SLOW).ma.to_numpy()
    up, down = fast - slow > rules.SAME, slow - fast > rules.SAME
    long, short = np.zeros(len(up), bool), np.zeros(len(up), bool)
    first = rules.SLOW  # the first candle of which the one before has both averages
    long[first + 1 :] = (up[first:] & ~up[first - 1 : -1])[:-1]  # filled at the next open
    short[first + 1 :] = (down[first:] & ~down[first - 1 : -1])[:-1]
    found = vbt.Portfolio.from_signals(
        candles.close, entries=long, short_entries=short, price=candles.open,
        size=rules.UNITS, fees=FEE, init_cash=rules.CASH, freq="1min",
        upon_opposite_entry="reverse",
    )  # fmt: skip
    found.value()
    return found


def rich(candles: Candles) -> Any:
    asked = rules.rich(talib, candles.high, candles.low, candles.close)
    found = vbt.Portfolio.from_order_func(
        candles.close, _order, candles.open, candles.high, candles.low, candles.close, asked.long,
        asked.short, asked.risk, asked.trail, np.zeros(NUMBERS), flexible=True,
        init_cash=rules.CASH, freq="1min",
    )  # fmt: skip
    found.value()
    return found


@njit
def _order(c, opens, highs, lows, closes, long, short, risk, trail, s):  # type: ignore[no-untyped-def]
    """What fills in this candle, one by one: at the open, then the stop; then what its close
    decides for the next."""
    i = c.i
    if s[TURN]:
        side, s[TURN] = s[TURN], 0
        s[SIDE], s[UNITS], s[ENTRY], s[DONE] = side, rules.RICH_UNITS, opens[i], 0
        return c.from_col, order_nb(side * s[UNITS], opens[i], fees=FEE)
    if s[PART]:
        part, s[PART] = s[PART], 0
        s[UNITS] -= part
        return c.from_col, order_nb(-s[SIDE] * part, opens[i], fees=FEE)
    side = s[SIDE]
    worst = lows[i] if side > 0 else highs[i]
    if side and (worst - s[STOP]) * side <= 0:
        price = side * min(side * opens[i], side * s[STOP])
        units, s[SIDE], s[UNITS] = s[UNITS], 0, 0
        return c.from_col, order_nb(-side * units, price, fees=FEE)
    if side:
        _manage(s, side, highs[i] if side > 0 else lows[i], closes[i])
    elif long[i] or short[i]:
        s[TURN] = 1 if long[i] else -1
        s[RISK], s[TRAIL] = risk[i], trail[i]
        s[STOP] = _nearer(closes[i] - s[TURN] * risk[i], s[TURN])
    return -1, order_nothing_nb()


@njit
def _manage(s, side, best, close):  # type: ignore[no-untyped-def]
    gained = (best - s[ENTRY]) * side
    done, kept = int(s[DONE]), 1.0
    if done:
        for stop in (_nearer(s[ENTRY], side), _nearer(close - side * s[TRAIL], side)):
            if (close - stop) * side > TICK / 2 and (stop - s[STOP]) * side > 0:
                s[STOP] = stop
    for rung in range(done, len(TIMES)):
        if gained >= TIMES[rung] * s[RISK]:
            kept *= KEPT[rung]
            s[DONE] = rung + 1
    s[PART] = np.floor(s[UNITS] * (1 - kept))


@njit
def _nearer(price, favour):  # type: ignore[no-untyped-def]
    return favour * np.ceil(favour * price / TICK - 1e-6) * TICK


def told(found: Any) -> Sequence[Trade]:
    records = found.orders.records
    signs = np.where(records.side == 0, 1, -1)  # 0 = it bought
    return trades_of(
        Fill(int(candle), float(quantity), float(price))
        for candle, quantity, price in zip(
            records.idx, records["size"] * signs, records.price, strict=True
        )
    )


if __name__ == "__main__":
    main(prepare)
