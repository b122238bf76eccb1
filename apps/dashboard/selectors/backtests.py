"""A person's backtests, and what they may be made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from apps.accounts.models import User
from apps.research.models import BacktestRun
from apps.research.selectors import backtests
from apps.strategies.models import StrategyVersion
from trading.performance.sheet import said
from trading.strategies import REGISTRY

SHOWN = 20


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in the list; what came of it is empty until it is done."""

    run: BacktestRun
    symbols: Sequence[str]
    total_return: str = ""
    max_drawdown: str = ""
    trades: str = ""
    tone: str = "flat"


@dataclass(frozen=True, slots=True)
class RunList:
    page: Page[BacktestRun]
    lines: Sequence[RunLine]


def run_list(user: User, number: str) -> RunList:
    """The latest first; three queries. A page that is not there is the nearest one."""
    page = Paginator(backtests(user).order_by("-id"), SHOWN).get_page(number)
    return RunList(page, [_line(run) for run in page])


def run_of(user: User, pk: int) -> BacktestRun | None:
    """With its result; None where the user has no such run."""
    return runs(user).select_related("result").defer("result__packed").filter(pk=pk).first()


def runs(user: User) -> QuerySet[BacktestRun]:
    own: QuerySet[BacktestRun] = BacktestRun.objects.of(user)
    return own.select_related("strategy_version__strategy")


def versions_to_try() -> list[StrategyVersion]:
    """Every version of a strategy that is built in: they are everybody's."""
    found = StrategyVersion.objects.filter(strategy__code__in=REGISTRY)
    return list(found.select_related("strategy").order_by("strategy__name", "-id"))


def _line(run: BacktestRun) -> RunLine:
    symbols = sorted(item.symbol for item in run.instruments.all())
    if run.result is None:
        return RunLine(run, symbols)
    metrics = run.result.metrics
    total = metrics["total_return"]
    return RunLine(
        run,
        symbols,
        said("total_return", total),
        said("max_drawdown", metrics["max_drawdown"]),
        said("trades", metrics["trades"]),
        _tone(total),
    )


def _tone(value: float | None) -> str:
    """The class of a gain or a loss."""
    if not value:
        return "flat"
    return "up" if value > 0 else "down"
