"""Many parameter sets over one history, and what each comes to.

Each is a whole backtest: sized, asked every gate, filled and booked in whole numbers. Kept of it
are the figures, so that memory does not grow with the number of sets. The threads share the
history; machine code needs no lock.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from trading.backtest.settings import Market, Settings
from trading.compiled.measuring import Swept, day_ends, figures_of
from trading.compiled.running import Made, pass_over
from trading.compiled.terms import check_scope
from trading.compiled.tracks import track_of
from trading.performance.realised import DAYS_A_YEAR

THREADS = 2


def sweep(
    settings: Settings,
    market: Market,
    sets: Sequence[Any],
    *,
    threads: int = THREADS,
    days_a_year: int = DAYS_A_YEAR,
    progress: Callable[[int, int], None] | None = None,
) -> list[Swept]:
    """What `settings` come to with each of these parameters of their strategy, in their order.
    Raises NotExpressible, NumbaMissing."""
    check_scope(settings, [market])
    track, made = track_of(market), Made()
    marks = day_ends(track.candles.times)
    found: list[Swept] = []

    def one(parameters: Any) -> Swept:
        limits = replace(settings.limits, warmup_candles=settings.strategy.warmup(parameters))
        chosen = replace(settings, parameters=parameters, limits=limits)
        done = pass_over(track, chosen, marks, made)
        return figures_of(track, chosen, done, marks, done.equity, days_a_year)

    with ThreadPoolExecutor(threads) as pool:
        for swept in pool.map(one, sets):
            found.append(swept)
            if progress is not None:
                progress(len(found), len(sets))
    return found
