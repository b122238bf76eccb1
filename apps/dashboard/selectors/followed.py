"""Whom a person follows, and how ready they are to go live with it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apps.accounts.models import User
from apps.common import numbers
from apps.dashboard.approval_words import EXECUTIONS
from apps.execution.approvals import still_waiting
from apps.execution.reach import reaches
from apps.execution.readiness import live_readiness
from apps.strategies.models import StrategySubscription
from apps.strategies.selectors import subscriptions
from trading.gates.dead_zones import Reach
from trading.gates.execution_mode import ExecutionMode
from trading.money import ZERO, floor_to
from trading.readiness import Check, Section, State, first_unmet

TITLES = {
    Section.NEEDED: "Nobody goes live without",
    Section.PROVEN: "A strategy that has earned money, on paper",
    Section.GRADUATION: "The first level of the ladder from paper to live",
}
HUNDREDTH_PERCENT = Decimal("0.0001")
ANSWERS = {State.MET: "Met", State.NOT_MET: "Not met", State.NOT_KNOWN: "Not known"}


@dataclass(frozen=True, slots=True)
class Card:
    """`waiting` are the entries of it that wait for approval. `reach` None = it has ended, or the
    equity of its account is not known."""

    row: StrategySubscription
    waiting: int
    reach: Reach | None = None

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

    @property
    def too_small(self) -> str:
        """Why its orders would be denied, all of them or those with a wide stop; or empty."""
        reach, currency = self.reach, self.row.account.currency
        if reach is None or (not reach.is_out and reach.widest_stop is None):
            return ""
        least = f"In this account an order is worth {_money(reach.least, currency)} at least"
        if reach.is_out:
            most = _money(reach.most, currency)
            return f"{least}, and of it at most {most}: every entry is denied"
        widest = numbers.percent(floor_to(reach.widest_stop or ZERO, HUNDREDTH_PERCENT), 2)
        return f"{least}: with a stop further than {widest} from the entry it is denied"


@dataclass(frozen=True, slots=True)
class Line:
    check: Check

    @property
    def answer(self) -> str:
        return ANSWERS[self.check.state]


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


def _money(value: Decimal, currency: str) -> str:
    return f"{numbers.money(value, currency)} {currency}"


def followed(user: User, now: datetime, pk: int | None = None) -> list[Card]:
    """Those that run first, then the newest; as many queries however many they are."""
    rows = subscriptions(user) if pk is None else subscriptions(user).filter(pk=pk)
    counts = Counter(still_waiting(user).values_list("decision__subscription_id", flat=True))
    ordered = sorted(rows, key=lambda row: (row.ended_at is not None, -row.pk))
    found = reaches(user, [row.pk for row in ordered if row.ended_at is None], now)
    return [Card(row, counts[row.pk], found.get(row.pk)) for row in ordered]


def checklist(subscription: StrategySubscription, now: datetime) -> Checklist:
    return Checklist(live_readiness(subscription, now))
