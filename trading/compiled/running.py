"""A run of the compiled path, and the choice between the two paths."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trading.backtest.settings import Market, Settings
from trading.compiled.book import BOOK, FINE, RECEIPT, TRIP, Record, Terms
from trading.compiled.kernel import simulate
from trading.compiled.machine import NumbaMissing, compiled
from trading.compiled.terms import check_scope, terms_of, units_of
from trading.compiled.tracks import Track, track_of
from trading.compiled.units import NotExpressible, Units
from trading.entries import tradable
from trading.signals import Action, leave
from trading.strategies.columns import DOUBTFUL, Columns, Said

NO_MARKS: NDArray[np.int64] = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Done:
    """What the kernel wrote."""

    book: Record
    trips: NDArray[Any]
    receipts: NDArray[Any]
    equity: NDArray[np.float64]
    units: Units
    terms: Terms


Made = dict[tuple[float, float], tuple[Units, Terms]]
"""The terms of settings that differ in their parameters only, by stop and target."""


def pass_over(
    track: Track,
    settings: Settings,
    marks: NDArray[np.int64] = NO_MARKS,
    made: Made | None = None,
) -> Done:
    """One pass. The equity is of the rows `marks`, or of every row where there are none. Raises
    NotExpressible."""
    columns = _columns(track, settings)
    units, terms = _terms(track, settings, columns, {} if made is None else made)
    leaves, enters = _spoken(columns, track, settings)
    signals = np.empty(len(leaves) + 1, np.int64)
    signals = signals[: compiled(rows_of)(leaves, enters, signals)]
    book = np.zeros(1, BOOK)
    book["cash"] = units.money(settings.cash)
    trips, receipts = np.zeros(len(signals) + 1, TRIP), np.zeros(2 * len(signals) + 1, RECEIPT)
    equity = np.empty(len(marks) or len(track.candles.close))
    row = compiled(simulate)(
        terms, track.candles, signals, leaves, enters, marks, book[0], trips, receipts, equity
    )
    if book[0]["trouble"] != FINE:
        raise NotExpressible(f"the amounts at candle {row} do not fit, or nothing is left")
    return Done(
        book[0], trips[: book[0]["trips"]], receipts[: book[0]["receipts"]], equity, units, terms
    )


def rows_of(leaves: Said, enters: Said, rows: NDArray[np.int64]) -> int:
    """How many rows say something; `rows` becomes which, and has room for one more."""
    found = 0
    for row in range(len(leaves)):
        rows[found] = row
        found += (leaves[row] | enters[row]) != 0
    return found


def _terms(track: Track, settings: Settings, columns: Columns, made: Made) -> tuple[Units, Terms]:
    levels = (columns.stop_fraction, columns.target_fraction)
    if levels not in made:
        check_scope(settings, [track.market])
        units = units_of(settings, track.market, track.places)
        made[levels] = (units, terms_of(settings, track.market, units, columns, track.highest))
    return made[levels]


def _columns(track: Track, settings: Settings) -> Columns:
    if settings.strategy.columns is None:
        raise NotExpressible("the strategy has no columns")
    columns = settings.strategy.columns(track.market.series, settings.parameters, track)
    doubtful = np.flatnonzero(columns.enters == DOUBTFUL)
    if len(doubtful):
        raise NotExpressible(f"rounding could decide the signal at candle {doubtful[0]}")
    return columns


def _spoken(columns: Columns, track: Track, settings: Settings) -> tuple[Said, Said]:
    """What is looked at, and taken by the instrument."""
    leaves, enters = columns.leaves, columns.enters
    first = settings.strategy.warmup(settings.parameters) - 1
    if settings.begins_at is not None:
        begins = settings.begins_at.timestamp()
        first = max(first, int(np.searchsorted(track.candles.times, begins, side="right")))
    if np.any(leaves[:first]) or np.any(enters[:first]):
        leaves, enters = leaves.copy(), enters.copy()
        leaves[:first], enters[:first] = 0, 0
    if not track.market.rules.is_shortable:
        taken = _taken()
        leaves, enters = taken[0][leaves + 1, enters + 1], taken[1][leaves + 1, enters + 1]
    return leaves, enters


def _taken() -> tuple[Said, Said]:
    """What is left of each pair where nothing can be sold short, as `trading.entries` says."""
    left, entered = np.zeros((3, 3), np.int8), np.zeros((3, 3), np.int8)
    for out, into in product((-1, 0, 1), repeat=2):
        actions = _actions(out, (Action.EXIT_SHORT, Action.EXIT_LONG))
        actions += _actions(into, (Action.ENTER_SHORT, Action.ENTER_LONG))
        said = [leave(action, "", 1.0) for action in actions]
        stays = {signal.action for signal, _ in tradable(said, is_shortable=False)}
        left[out + 1, into + 1] = out if set(actions[: abs(out)]) & stays else 0
        entered[out + 1, into + 1] = into if set(actions[abs(out) :]) & stays else 0
    return left, entered


def _actions(sign: int, named: Sequence[Action]) -> list[Action]:
    return [named[(sign + 1) // 2]] if sign else []


def can_express(settings: Settings, markets: Sequence[Market]) -> str | None:
    """Why the compiled path cannot run this; None = it can, as far as can be seen without running
    it."""
    try:
        check_scope(settings, markets)
        track = track_of(markets[0])
        units = units_of(settings, markets[0], track.places)
        units.money(settings.cash)
        columns = _columns(track, settings)
        terms_of(settings, markets[0], units, columns, track.highest)
    except (NotExpressible, NumbaMissing) as why:
        return str(why)
    return None
