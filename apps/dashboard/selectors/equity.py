"""Equity at moments gone by: what there is now, less what has flowed since. Nothing is stored.

A moment includes everything dated up to and at it; positions are valued at the last close by then.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    F,
    Func,
    IntegerField,
    Min,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast

from apps.accounts.models import User
from apps.dashboard.selectors.books import Book
from apps.dashboard.selectors.closes import Closes, closes_at
from apps.execution.models import Fill, JournalEntry, Position, Posting
from trading.candles import Timeframe, end_of_day
from trading.ledger import Account
from trading.money import ZERO
from trading.signals import Side

MOST_POINTS = 300
INSTANT = timedelta(microseconds=1)  # the finest step of the database's clock


@dataclass(frozen=True, slots=True)
class Point:
    """`value` is None where a held instrument had no price yet."""

    at: datetime
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Flows:
    """What moved after moment `i` and not after the next one, by `i`."""

    count: int
    cash: dict[int, Decimal] = field(default_factory=dict)
    deposits: dict[int, Decimal] = field(default_factory=dict)  # withdrawals are negative
    quantities: dict[int, dict[int, Decimal]] = field(default_factory=dict)  # by instrument

    @property
    def deposited(self) -> Decimal:
        return sum(self.deposits.values(), ZERO)


@dataclass(frozen=True, slots=True)
class Marked:
    """An equity at moments; `closes` are, at each, those of every instrument held in between."""

    points: list[Point]
    closes: Closes


def equity_curve(user: User, book: Book, *, since: datetime | None = None) -> list[Point]:
    """At most 300 points from the first deposit (or `since`, if later) until now; four queries."""
    now, first = book.now, _began_at(user, book)
    if first is None or first > now:
        return []
    return _marked(user, book, moments_between(max(first, since or first), now, book.finest)).points


def daily_equity(user: User, book: Book) -> Marked:
    """At the second that follows the first deposit, each midnight (UTC) since, and now; four
    queries.
    """
    first = _began_at(user, book)
    start = None if first is None else datetime.fromtimestamp(ceil(first.timestamp()), tz=UTC)
    if start is None or start > book.now:
        return Marked([], {})
    return _marked(user, book, midnights_between(start, book.now))


def midnights_between(start: datetime, end: datetime) -> list[datetime]:
    """`start`, every midnight (UTC) after it, and `end`."""
    day = timedelta(days=1)
    midnight = end_of_day(start)
    count = max(0, (end - midnight) // day + 1)
    return sorted({start, *(midnight + number * day for number in range(count)), end})


def _began_at(user: User, book: Book) -> datetime | None:
    entries = JournalEntry.objects.of(user).filter(account_id__in=book.account_ids)
    first: datetime | None = entries.aggregate(first=Min("happened_at"))["first"]
    return first


def _marked(user: User, book: Book, moments: Sequence[datetime]) -> Marked:
    flowed = flows(user, book, moments)
    held = quantities_held(user, book)
    ids = sorted({*(pk for pk, quantity in held.items() if quantity), *flowed.quantities})
    closes = closes_at(ids, book.finest, moments)
    values = equity_at(book.cash, held, flowed, closes)
    return Marked([Point(at, value) for at, value in zip(moments, values, strict=True)], closes)


def moments_between(start: datetime, end: datetime, timeframe: Timeframe) -> list[datetime]:
    """`start`, the boundaries of a step that makes at most 300 points, and `end`."""
    candle = timeframe.duration
    candles = -(-(end - start) // candle)
    step = candle * max(1, -(-candles // (MOST_POINTS - 2)))
    seconds = int(step.total_seconds())
    after = int(start.timestamp()) // seconds * seconds + seconds
    steps = range(after, int(end.timestamp()) + 1, seconds)
    between = [datetime.fromtimestamp(second, tz=UTC) for second in steps]
    return sorted({start, *between, end})


def equity_at(
    cash: Decimal, held: Mapping[int, Decimal], flowed: Flows, closes: Closes
) -> list[Decimal | None]:
    """The equity at each moment, given cash and quantities as they are now. Pure."""
    quantities = dict(held)
    values: list[Decimal | None] = [None] * flowed.count
    for index in reversed(range(flowed.count)):
        cash -= flowed.cash.get(index, ZERO)
        for pk, moved in flowed.quantities.items():
            quantities[pk] = quantities.get(pk, ZERO) - moved.get(index, ZERO)
        values[index] = _worth(cash, quantities, closes, index)
    return values


def quantities_held(user: User, book: Book) -> dict[int, Decimal]:
    """Signed, by instrument, over all subscriptions."""
    held = Position.objects.of(user).filter(account_id__in=book.account_ids).exclude(quantity=0)
    rows = held.values("instrument_id").annotate(held=Sum("quantity"))
    return dict(rows.values_list("instrument_id", "held"))


def flows(user: User, book: Book, moments: Sequence[datetime]) -> Flows:
    """Cash and quantities that moved after the first of the moments, in one query."""
    fills = Fill.objects.of(user).filter(account_id__in=book.account_ids, filled_at__gt=moments[0])
    postings = Posting.objects.of(user).filter(
        account_id__in=book.account_ids,
        ledger_account=Account.CASH,
        entry__happened_at__gt=moments[0],
    )
    quantity = Case(When(side=Side.BUY, then=F("quantity")), default=-F("quantity"))
    moved = _summed(fills, Cast("instrument_id", CharField()), "filled_at", quantity, moments)
    paid = _summed(postings, F("entry__kind"), "entry__happened_at", F("amount"), moments)
    return _sorted(moved.union(paid, all=True), len(moments))


def _summed(
    rows: QuerySet[Any], what: Any, at: str, amount: Any, moments: Sequence[datetime]
) -> QuerySet[Any, Any]:
    """(what, number of moments before it, sum) of the rows."""
    # `width_bucket` counts the thresholds at or before; what is dated at a moment belongs to it.
    thresholds = Value(
        [moment + INSTANT for moment in moments], output_field=ArrayField(DateTimeField())
    )
    slot = Func(F(at), thresholds, function="width_bucket", output_field=IntegerField())
    grouped = rows.annotate(what=what, slot=slot).values("what", "slot")
    summed: QuerySet[Any, Any] = grouped.annotate(sum=Sum(amount))
    return summed.values_list("what", "slot", "sum")


def _sorted(rows: Iterable[tuple[str, int, Decimal]], count: int) -> Flows:
    found = Flows(count)
    for what, slot, amount in rows:
        index = slot - 1
        if what.isdigit():
            found.quantities.setdefault(int(what), {})[index] = amount
            continue
        found.cash[index] = found.cash.get(index, ZERO) + amount
        if what not in JournalEntry.OF_TRADING:
            found.deposits[index] = found.deposits.get(index, ZERO) + amount
    return found


def _worth(
    cash: Decimal, quantities: Mapping[int, Decimal], closes: Closes, index: int
) -> Decimal | None:
    total = cash
    for pk, quantity in quantities.items():
        if not quantity:
            continue
        close = closes[pk][index]
        if close is None:
            return None
        total += quantity * close
    return total
