"""What waits for its owner's word, as they see it: what was asked, and how the price has moved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone

from apps.execution.models import Approval
from apps.market import selectors as market
from apps.market.models import MarketClock
from apps.risk.models import Decision
from trading.gates.values import Outcome

WAITING = Approval.Answer.WAITING
CLOCK = "decision__instrument__venue__marketclock"


@dataclass(frozen=True, slots=True)
class Asked:
    """`now` is the time there for who answers it; `price_now` is None where no price is known."""

    approval: Approval
    now: datetime
    price_now: Decimal | None

    @property
    def decision(self) -> Decision:
        return self.approval.decision

    @property
    def is_waiting(self) -> bool:
        return self.approval.answer == WAITING and self.left > timedelta()

    @property
    def answer(self) -> str:
        """Its own, or that its time is over though nobody has swept it yet."""
        is_over = self.approval.answer == WAITING and not self.is_waiting
        return Approval.Answer.EXPIRED.value if is_over else self.approval.answer

    @property
    def again(self) -> Decision | None:
        """As it was decided when it was approved; None until then."""
        return self.approval.again()

    @property
    def left(self) -> timedelta:
        return max(self.approval.expires_at - self.now, timedelta())

    @property
    def seconds_left(self) -> int:
        return int(self.left.total_seconds()) if self.is_waiting else 0

    @property
    def drift(self) -> Decimal | None:
        """Of the price since the signal: 0.01 is 1 % higher."""
        then = self.decision.reference_price
        return None if self.price_now is None or not then else self.price_now / then - 1


def approvals(user: Any, answer: str = "") -> QuerySet[Approval]:
    """The user's own; with this answer only, where one is said: whose time is over has expired,
    swept or not."""
    rows: QuerySet[Approval] = Approval.objects.of(user)
    if answer == WAITING:
        rows = still_waiting(user)
    elif answer == Approval.Answer.EXPIRED:
        rows = rows.filter(Q(answer=answer) | Q(answer=WAITING, expires_at__lte=_acting()))
    elif answer:
        rows = rows.filter(answer=answer)
    return rows.select_related(
        "decision__instrument", "decision__signal__instrument", "decision__signal__run",
        "decision__signal__version__strategy", "decision__account__venue", "limits",
    )  # fmt: skip


def answers_of(user: Any, decisions: Sequence[Decision]) -> dict[int, Approval]:
    """By decision, of those that were left to their owner; one query where there are any."""
    by_id = {each.pk: each for each in decisions if each.outcome == Outcome.DEFERRED}
    if not by_id:
        return {}
    rows: QuerySet[Approval] = Approval.objects.of(user).filter(decision__in=by_id)
    found = {row.decision_id: row for row in rows.select_related("limits")}
    for pk, row in found.items():
        row.decision = by_id[pk]
    return found


def still_waiting(user: Any) -> QuerySet[Approval]:
    """Those whose time is not over yet on their venue's clock, whether the others are swept or
    not."""
    rows: QuerySet[Approval] = Approval.objects.of(user)
    return rows.filter(answer=WAITING, expires_at__gt=_acting())


def _acting() -> Case:
    """As `MarketClock.acting_at`."""
    now = F(f"{CLOCK}__now")
    is_the_walls = When(
        **{f"{CLOCK}__seconds_per_candle__isnull": True},
        then=Greatest(now, Value(timezone.now())),
    )
    return Case(is_the_walls, default=now)


def asked(rows: Iterable[Approval]) -> list[Asked]:
    """In their order. A query for the clocks, and one for the prices of each venue."""
    found = list(rows)
    clocks = {clock.venue_id: clock for clock in MarketClock.objects.all()}
    by_venue: dict[str, set[int]] = {}
    for row in found:
        instrument = row.decision.instrument
        by_venue.setdefault(instrument.venue_id, set()).add(instrument.pk)
    prices: dict[int, Decimal] = {}
    for venue, instruments in by_venue.items():
        prices |= market.latest_prices(sorted(instruments), clocks[venue].now)
    wall = timezone.now()
    return [
        Asked(row, clocks[of.venue_id].acting_at(wall), prices.get(of.pk))
        for row in found
        for of in [row.decision.instrument]
    ]
