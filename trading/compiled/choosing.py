"""Which of the two paths runs a backtest."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from trading.backtest import Market, Result, Settings, backtest
from trading.backtest.engine import Progress
from trading.compiled.machine import NumbaMissing, is_ready
from trading.compiled.running import pass_over
from trading.compiled.telling import result_of
from trading.compiled.terms import check_scope
from trading.compiled.tracks import track_of
from trading.compiled.units import NotExpressible

# Candles that the event path walks through in the time that compiling takes.
WORTH_COMPILING = 100_000


class Engine(StrEnum):
    """`auto` is the compiled one where it can."""

    AUTO = "auto"
    EVENT = "event"
    COMPILED = "compiled"


class Ran(NamedTuple):
    """`why` the event path ran, where that was not asked for."""

    result: Result
    engine: Engine
    why: str = ""


def run(settings: Settings, markets: Sequence[Market]) -> Result:
    """The backtest, compiled. Raises NotExpressible, NumbaMissing."""
    check_scope(settings, markets)
    track = track_of(markets[0])
    return result_of(track, pass_over(track, settings))


def backtest_fastest(
    settings: Settings,
    markets: Sequence[Market],
    *,
    engine: Engine = Engine.AUTO,
    progress: Progress | None = None,
) -> Ran:
    """By the compiled path where that can express the run, or else by the event path. Both come to
    the same. Raises NotExpressible where only the compiled one was wanted, and what `backtest`
    raises.
    """
    if engine is Engine.EVENT:
        return Ran(backtest(settings, markets, progress=progress), Engine.EVENT)
    candles = sum(len(market.candles) for market in markets)
    if engine is Engine.AUTO and candles < WORTH_COMPILING and not is_ready():
        ran = backtest(settings, markets, progress=progress)
        return Ran(ran, Engine.EVENT, "compiling takes longer, the first time")
    try:
        result = run(settings, markets)
    except (NotExpressible, NumbaMissing) as why:
        if engine is Engine.COMPILED:
            raise NotExpressible(str(why)) from why
        return Ran(backtest(settings, markets, progress=progress), Engine.EVENT, str(why))
    if progress is not None:
        progress(len(result.times), len(result.times))
    return Ran(result, Engine.COMPILED)
