"""What a person was asked to approve, as the pages show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from apps.accounts.models import User
from apps.common.numbers import places_of
from apps.dashboard.approval_words import of_approval
from apps.dashboard.selectors.again import Again, again
from apps.dashboard.words import VERBS
from apps.execution.approvals import Asked, approvals, asked, still_waiting
from apps.execution.models import Approval
from apps.risk.models import Decision
from trading.signals import Action

SHOWN = 50


@dataclass(frozen=True, slots=True)
class AskedLine:
    asked: Asked

    @property
    def approval(self) -> Approval:
        return self.asked.approval

    @property
    def decision(self) -> Decision:
        return self.asked.decision

    @property
    def is_waiting(self) -> bool:
        return self.asked.is_waiting

    @property
    def what(self) -> str:
        return f"{VERBS[Action(self.decision.action)].said} {self.decision.instrument.symbol}"

    @property
    def places(self) -> int:
        return places_of(self.decision.instrument.price_increment)

    @property
    def price_now(self) -> Decimal | None:
        return self.asked.price_now

    @property
    def drift(self) -> Decimal | None:
        return self.asked.drift

    @property
    def worth(self) -> Decimal:
        quantity: Decimal = self.decision.quantity
        price: Decimal = self.decision.reference_price
        return quantity * price

    @property
    def left(self) -> str:
        """`12 min`, `1 h 05 min`: on the market's clock, rounded down."""
        minutes, _ = divmod(self.asked.seconds_left, 60)
        if self.asked.left < timedelta(minutes=1):
            return "less than a minute"
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest:02} min" if hours else f"{minutes} min"

    @property
    def said(self) -> str:
        return of_approval(self.asked.answer, self.approval.code)

    @property
    def over_at(self) -> datetime:
        """When it was answered, or its time was over though nobody has swept it yet."""
        approval = self.approval
        ended: datetime = approval.answered_at or approval.expires_at
        return ended

    @property
    def again(self) -> Again | None:
        """The second decision; None until it was made."""
        made = self.asked.again
        return None if made is None else again(made)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many there are, and of them the first to expire, these first."""

    count: int
    lines: Sequence[AskedLine]


def waiting(user: User) -> Waiting:
    own = still_waiting(user)
    rows = approvals(user).filter(pk__in=own).order_by("expires_at", "pk")[:SHOWN]
    lines = [AskedLine(row) for row in asked(rows)]
    return Waiting(own.count() if len(lines) == SHOWN else len(lines), lines)


def answered(user: User) -> list[AskedLine]:
    """The latest first, with those that have expired."""
    rows = approvals(user).exclude(pk__in=still_waiting(user)).order_by("-pk")[:SHOWN]
    return [AskedLine(row) for row in asked(rows)]


def asked_of(user: User, pk: int) -> AskedLine | None:
    """None where the user was not asked for this."""
    found = asked(approvals(user).filter(pk=pk))
    return AskedLine(found[0]) if found else None
