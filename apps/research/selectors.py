from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet

from apps.common.errors import Refused
from apps.market.models import Instrument
from apps.research.models import BacktestRun
from apps.strategies.models import StrategyVersion
from trading.strategies import REGISTRY


def backtests(
    user: Any, *, state: str | None = None, strategy: str | None = None
) -> QuerySet[BacktestRun]:
    """The user's own, with all that a list shows of them; what was computed is left where it is
    until it is asked for (`run.result.payload`)."""
    rows: QuerySet[BacktestRun] = BacktestRun.objects.of(user)
    if state is not None:
        rows = rows.filter(state=state)
    if strategy is not None:
        rows = rows.filter(strategy_version__strategy__code=strategy)
    by_symbol = Prefetch("instruments", Instrument.objects.order_by("symbol"))
    found = rows.select_related("strategy_version__strategy", "result").prefetch_related(by_symbol)
    return found.defer("result__packed", "result__page")


def version_named(strategy: str, number: str = "") -> StrategyVersion:
    """The newest where no number is named. Raises Refused UNKNOWN_VERSION."""
    rows = StrategyVersion.objects.filter(strategy__code=strategy)
    rows = rows.filter(strategy__code__in=REGISTRY)  # what is ordered by hand has no code to run
    if number:
        rows = rows.filter(number=number)
    found = rows.select_related("strategy").order_by("-id").first()
    if found is None:
        raise Refused("UNKNOWN_VERSION", f"There is no version {number} of '{strategy}'.")
    return found


def instruments_named(venue: str, symbols: Sequence[str]) -> list[Instrument]:
    """Raises Refused UNKNOWN_INSTRUMENT."""
    found = {
        item.symbol: item for item in Instrument.objects.filter(venue_id=venue, symbol__in=symbols)
    }
    for symbol in symbols:
        if symbol not in found:
            raise Refused("UNKNOWN_INSTRUMENT", f"There is no {symbol} at the venue '{venue}'.")
    return list(found.values())
