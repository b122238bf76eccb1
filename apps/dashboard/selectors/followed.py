"""Whom a person follows, and how ready they are to go live with it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apps.accounts.models import User
from apps.dashboard.approval_words import EXECUTIONS
from apps.execution.approvals import still_waiting
from apps.execution.readiness import live_readiness
from apps.strategies.models import StrategySubscription
from apps.strategies.selectors import subscriptions
from trading.gates.execution_mode import ExecutionMode
from trading.readiness import MEANINGS, Check, Section, State, first_unmet

TITLES = {
    Section.NEEDED: "Nobody goes live without",
    Section.PROVEN: "A strategy that has earned money, on paper",
    Section.GRADUATION: "The first level of the ladder from paper to live",
}
ANSWERS = {State.MET: "Met", State.NOT_MET: "Not met", State.NOT_KNOWN: "Not known"}


@dataclass(frozen=True, slots=True)
class Card:
    """`waiting` are the entries of it that wait for approval."""

    row: StrategySubscription
    waiting: int

    @property
    def execution(self) -> str:
        return EXECUTIONS[ExecutionMode(self.row.execution)]

    @property
    def state(self) -> str:
        if self.row.ended_at is not None:
            return "Ended"
        return "Paused" if self.row.is_paused else "Running"

    @property
    def capital(self) -> Decimal:
        own: Decimal | None = self.row.capital
        return self.row.version.capital if own is None else own


@dataclass(frozen=True, slots=True)
class Line:
    check: Check

    @property
    def answer(self) -> str:
        return ANSWERS[self.check.state]

    @property
    def why(self) -> str:
        return "" if self.check.is_met else MEANINGS[self.check.code]


@dataclass(frozen=True, slots=True)
class Checklist:
    checks: Sequence[Check]

    @property
    def first_unmet(self) -> Check | None:
        return first_unmet(self.checks)

    @property
    def met(self) -> int:
        return sum(check.is_met for check in self.checks)

    @property
    def sections(self) -> list[tuple[str, list[Line]]]:
        return [
            (title, [Line(check) for check in self.checks if check.section is section])
            for section, title in TITLES.items()
        ]


def followed(user: User, pk: int | None = None) -> list[Card]:
    """Those that run first, then the newest; two queries."""
    rows = subscriptions(user) if pk is None else subscriptions(user).filter(pk=pk)
    counts = Counter(still_waiting(user).values_list("decision__subscription_id", flat=True))
    ordered = sorted(rows, key=lambda row: (row.ended_at is not None, -row.pk))
    return [Card(row, counts[row.pk]) for row in ordered]


def checklist(subscription: StrategySubscription, now: datetime) -> Checklist:
    return Checklist(live_readiness(subscription, now))
