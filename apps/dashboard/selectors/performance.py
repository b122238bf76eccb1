"""The report of a book: its closed trades, and its equity at each midnight marked to market."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

import numpy as np

from apps.accounts.models import User
from apps.dashboard.selectors.books import Book, OfBook
from apps.dashboard.selectors.equity import Marked, daily_equity
from apps.dashboard.selectors.results import paid_flows
from apps.dashboard.selectors.trade_regimes import regimes_at_entry
from apps.execution.models import Position, Trade
from apps.market.models import Instrument
from apps.market.sessions import ALWAYS, expected
from trading.candles import Timeframe, floor_time
from trading.instruments import AssetClass
from trading.performance.curve import Curve
from trading.performance.measuring import DAYS_A_YEAR_OF_SHARES, report
from trading.performance.realised import DAYS_A_YEAR
from trading.performance.report import Report
from trading.performance.sheet import Sheet, sheet
from trading.performance.trips import Trip

DAY = timedelta(days=1)
OF_THE_MARKET = "Regime: the class of the venue's market that was in force at the entry."


@dataclass(frozen=True, slots=True)
class BookReport:
    """`benchmark` is the symbol compared with, empty where there is none."""

    report: Report
    benchmark: str
    regime_note: str = OF_THE_MARKET
    through: Curve | None = None  # what is drawn, where it is finer than days

    @property
    def sheet(self) -> Sheet:
        return sheet(self.report, self.through)


class PerformancePage(OfBook):
    @cached_property
    def told(self) -> BookReport:
        """Only asked for where there is a book, as the trips."""
        return book_report(self.user, self.book)

    @cached_property
    def trips(self) -> list[Trip]:
        return closed_trips(self.user, self.book)


def book_report(user: User, book: Book) -> BookReport:
    """From the first deposit until now; nine queries. Compared with holding the one instrument
    that was ever traded, where it is one.

    Where all are shares of one exchange its sessions are the days, 252 a year; otherwise all days.
    """
    marked = daily_equity(user, book)
    traded = Instrument.objects.filter(pk__in=marked.closes)
    kinds = list(traded.values_list("symbol", "asset_class", "calendar"))
    is_of_shares = {kind for _, kind, _ in kinds} == {AssetClass.EQUITY}
    calendars = {calendar for _, _, calendar in kinds}
    calendar = calendars.pop() if is_of_shares and len(calendars) == 1 else ALWAYS
    days = _days_of_trading(calendar, [point.at for point in marked.points])
    trips = closed_trips(user, book)
    found = report(
        trips,
        _curve(((point.at, point.value) for point in marked.points), days),
        flows=paid_flows(user, book),
        open_since=_open_since(user, book),
        benchmark=_benchmark(marked, days) if len(kinds) == 1 else None,
        regimes=regimes_at_entry(book.venue, trips),
        days_a_year=DAYS_A_YEAR if calendar == ALWAYS else DAYS_A_YEAR_OF_SHARES,
    )
    return BookReport(found, kinds[0][0] if found.benchmark else "")


def closed_trips(user: User, book: Book) -> list[Trip]:
    """In the order of their closes; one query."""
    own = Trade.objects.of(user).filter(account_id__in=book.account_ids)
    rows = own.order_by("closed_at", "id").values_list(
        "instrument__symbol", "direction", "quantity", "opened_at", "entry_price", "closed_at",
        "exit_price", "fees", "funding", "pnl", "exit_reason", "mae", "mfe",
    )  # fmt: skip
    return [Trip(*row) for row in rows]


def _open_since(user: User, book: Book) -> list[datetime]:
    held = Position.objects.of(user).filter(account_id__in=book.account_ids).exclude(quantity=0)
    return [at for at in held.values_list("opened_at", flat=True) if at is not None]


def _days_of_trading(calendar: str, moments: list[datetime]) -> set[datetime]:
    """The first moment, and those that end a day (or what there is of the last one) in which the
    market was open.
    """
    if len(moments) < 2:  # noqa: PLR2004 - the first and the last
        return set(moments)
    first, *midnights, last = moments
    opened = floor_time(last - timedelta(microseconds=1), Timeframe.D1)
    open_days = expected(calendar, midnights, DAY)
    return {first, *open_days, *expected(calendar, [last], last - opened)}


def _benchmark(marked: Marked, days: set[datetime]) -> Curve:
    (closes,) = marked.closes.values()
    moments = (point.at for point in marked.points)
    return _curve(zip(moments, closes, strict=True), days)


def _curve(values: Iterable[tuple[datetime, Decimal | None]], days: set[datetime]) -> Curve:
    """Without what had no price: a day that nobody can value is no day."""
    known = {
        int(at.timestamp()): float(value)
        for at, value in values
        if at in days and value is not None
    }
    return Curve(np.array(list(known), np.int64), np.array(list(known.values()), np.float64))
