"""One candle as a person asks about it: which of their strategies looked when it closed, what they
said and what was answered, and what was filled while it lasted.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.dashboard.selectors.books import Book
from apps.dashboard.selectors.receipt_lines import ReceiptLine, receipt_lines
from apps.dashboard.selectors.watching import every as words_of
from apps.execution.models import Fill
from apps.market.models import Instrument
from apps.risk.models import Decision
from apps.risk.selectors import decisions
from apps.strategies.models import Run, Signal, StrategySubscription
from trading.candles import Timeframe, boundaries

UNASKED = "spoke, and your subscription was not asked: it was paused, narrowed or ended by then"
MOST_LINES = 200
STATUSES: dict[str, str] = {
    Run.Status.WARMING_UP: "was warming up: too few candles had closed",
    Run.Status.FAILED: "made a mistake in its own code, and said nothing",
    Run.Status.MISSED: "did not look",
}
MISSES = {
    "NO_CANDLE": "did not look: the venue sent no candle for this close",
    "TOO_LATE": "did not look: the candle came too late to act on",
}


class Look(NamedTuple):
    """One close of one strategy; `receipts` are the answers to what it said."""

    strategy: str
    closed_at: datetime
    words: str
    receipts: Sequence[ReceiptLine]


class Silence(NamedTuple):
    """At how many closes a strategy looked and said nothing, and at how many there is no record of
    its looking. Both are 0 where none of its own candles closed."""

    strategy: str
    every: str
    silent: int
    unseen: int


@dataclass(frozen=True, slots=True)
class Close:
    """`looks` are those at which something was to tell, latest first."""

    instrument: Instrument
    timeframe: Timeframe
    opened_at: datetime
    is_over: bool
    looks: Sequence[Look]
    silences: Sequence[Silence]
    fills: Sequence[Fill]

    @property
    def closed_at(self) -> datetime:
        return self.opened_at + self.timeframe.duration

    @property
    def times(self) -> dict[str, int]:
        """Of this candle's neighbours, as the page is asked."""
        step = self.timeframe.duration
        neighbours = {"before": self.opened_at - step, "after": self.opened_at + step}
        return {name: int(moment.timestamp()) for name, moment in neighbours.items()}


def close_of(
    user: User, book: Book, instrument: Instrument, timeframe: Timeframe, opened_at: datetime
) -> Close:
    """Eight queries, however long the candle."""
    closed_at = min(opened_at + timeframe.duration, book.now)
    followed = _followed(user, book, instrument)
    versions = {subscription.version_id: subscription for subscription in followed}
    runs = Run.objects.filter(
        version__in=versions, instrument=instrument,
        candle_close_time__gt=opened_at, candle_close_time__lte=closed_at,
    )  # fmt: skip
    found = list(runs.order_by("-candle_close_time", "version_id"))
    answers = _answers(user, book, found)
    answered = set(answers.values_list("signal__run", flat=True))
    told = _receipts(user, answers)
    spoke: set[int | None] = set(
        Signal.objects.filter(run__in=found).values_list("run_id", flat=True)
    )
    looks = [
        Look(_name(versions[run.version_id]), run.candle_close_time, words, told.get(run.pk, ()))
        for run in found
        if (words := _words(run, has_spoken=run.pk in spoke, is_answered=run.pk in answered))
    ]
    fills = Fill.objects.of(user).filter(
        account_id__in=book.account_ids, instrument=instrument,
        filled_at__gte=opened_at, filled_at__lt=opened_at + timeframe.duration,
    )  # fmt: skip
    return Close(
        instrument=instrument,
        timeframe=timeframe,
        opened_at=opened_at,
        is_over=opened_at + timeframe.duration <= book.now,
        looks=looks[:MOST_LINES],
        silences=[
            _silence(subscription, found, spoke, opened_at, closed_at)
            for subscription in versions.values()
        ],
        fills=list(fills.select_related("order__exit").order_by("id")[:MOST_LINES]),
    )


def _followed(user: User, book: Book, instrument: Instrument) -> QuerySet[StrategySubscription]:
    """Those that trade the instrument, or did."""
    own = StrategySubscription.objects.of(user).filter(
        Q(instrument_ids=None) | Q(instrument_ids__contains=[instrument.pk]),
        account_id__in=book.account_ids, version__instruments=instrument,
    )  # fmt: skip
    found: QuerySet[StrategySubscription] = own.select_related("version__strategy").order_by("id")
    return found


def _answers(user: User, book: Book, runs: Sequence[Run]) -> QuerySet[Decision]:
    """Every one, also those that there is no room to show."""
    return decisions(user).filter(signal__run__in=runs, account_id__in=book.account_ids)


def _receipts(user: User, answers: QuerySet[Decision]) -> dict[int, list[ReceiptLine]]:
    """Of each run the answers to be shown: the latest, like the looks."""
    shown = list(answers.order_by("-signal__candle_close_time", "-id")[:MOST_LINES])
    told: dict[int, list[ReceiptLine]] = {}
    for line in receipt_lines(user, shown[::-1]):
        told.setdefault(line.decision.signal.run_id or 0, []).append(line)
    return told


def _words(run: Run, *, has_spoken: bool, is_answered: bool) -> str:
    """Empty of a look that said nothing."""
    if run.status == Run.Status.COMPLETED:
        if not has_spoken:
            return ""
        return "spoke" if is_answered else UNASKED
    return MISSES.get(run.reason, STATUSES[run.status])


def _silence(
    subscription: StrategySubscription,
    runs: Sequence[Run],
    spoke: Set[int | None],
    opened_at: datetime,
    closed_at: datetime,
) -> Silence:
    own = [run for run in runs if run.version_id == subscription.version_id]
    every = Timeframe(subscription.version.timeframe)
    silent = [run for run in own if run.status == Run.Status.COMPLETED and run.pk not in spoke]
    expected = len(boundaries(opened_at, closed_at, every))
    return Silence(_name(subscription), words_of(every), len(silent), max(0, expected - len(own)))


def _name(subscription: StrategySubscription) -> str:
    version = subscription.version
    return f"{version.strategy.name} {version.number}"
