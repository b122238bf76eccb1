"""What room an account has: all that its risk gates ask about, kept true in memory while decisions
are made one after the other, so that two strategies cannot both spend the last of an exposure.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

from trading.decisions import Answer, Asked
from trading.gates.risk_facts import (
    NOT_PROVIDED,
    AccessFacts,
    AccountFacts,
    InstrumentFacts,
    MarketFacts,
    RiskFacts,
    Told,
)
from trading.gates.values import Outcome
from trading.instruments import AssetClass
from trading.money import ZERO
from trading.signals import Direction

# Of an account in which nobody has closed anything by hand.
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Stake:
    """What an account has of one instrument, or on its way to it. `worth` is None without a price.
    `held`: units by subscription, below 0 for a short."""

    asset_class: AssetClass
    worth: Decimal | None = ZERO
    held: dict[int, Decimal] = field(default_factory=dict)

    def add(self, subscription: int, quantity: Decimal, worth: Decimal | None) -> None:
        self.worth = None if worth is None or self.worth is None else self.worth + worth
        self.held[subscription] = self.held.get(subscription, ZERO) + quantity


@dataclass(slots=True)
class Traded:
    """Entries of a person today, in all their accounts of one mode."""

    entries: int


@dataclass(slots=True)
class Room:
    """Of one account. `stakes` by instrument; `budgets` by kind of instrument, in money: of
    those that an allocation speaks of. `ordered` counts entries since it was read;
    `traded` is shared by the accounts of a person.
    """

    account: AccountFacts = field(default_factory=AccountFacts)
    access: AccessFacts = field(default_factory=AccessFacts)
    stakes: dict[int, Stake] = field(default_factory=dict)
    budgets: Mapping[AssetClass, Decimal] = field(default_factory=dict)
    cool_downs: Mapping[int, datetime] = field(default_factory=dict)
    traded: Traded | None = None
    ordered: int = 0

    @property
    def exposure(self) -> Decimal | None:
        return _sum(stake.worth for stake in self.stakes.values())

    @property
    def open_positions(self) -> int:
        """Open or on their way, of every subscription."""
        stakes = self.stakes.values()
        return sum(1 for stake in stakes for quantity in stake.held.values() if quantity)

    def facts(
        self,
        asked: Asked,
        subscription: int,
        market: MarketFacts,
        apart: Set[int],
        same_orders: Told[int] = NOT_PROVIDED,
    ) -> RiskFacts:
        """For one subscription. `apart`: instruments that are known not to move with this one; of
        what is not known it is taken that it does. `same_orders`: of what is typed only."""
        together = _sum(
            stake.worth for instrument, stake in self.stakes.items() if instrument not in apart
        )
        instrument = InstrumentFacts(
            correlated_exposure=together,
            class_exposure=self._of_class(asked.rules.asset_class),
            class_budget=self._budget(asked.rules.asset_class),
            opposite=self._opposite(asked, subscription),
            same_orders=same_orders,
            cool_down_until=self.cool_downs.get(asked.instrument, LONG_AGO),
        )
        return RiskFacts(self._account(), instrument, market, self.access)

    def remember(self, asked: Asked, subscription: int, answer: Answer) -> None:
        """What was just ordered counts for the decisions that follow."""
        if answer.outcome is not Outcome.ORDERED or not asked.action.is_entry:
            return
        notional = answer.intent.notional
        sign = 1 if asked.action.direction is Direction.LONG else -1
        stake = self.stakes.setdefault(asked.instrument, Stake(asked.rules.asset_class))
        stake.add(subscription, sign * answer.intent.quantity, notional)
        self.account = self.account.after_entry(notional)
        self.ordered += 1
        if self.traded is not None:
            self.traded.entries += 1

    def _account(self) -> AccountFacts:
        """With what was ordered in other accounts of the person meanwhile."""
        if self.traded is None or self.traded.entries == self.account.trades_today:
            return self.account
        return replace(self.account, trades_today=self.traded.entries)

    def _of_class(self, asset_class: AssetClass) -> Decimal | None:
        stakes = self.stakes.values()
        return _sum(stake.worth for stake in stakes if stake.asset_class is asset_class)

    def _budget(self, asset_class: AssetClass) -> Told[Decimal]:
        return self.budgets.get(asset_class, NOT_PROVIDED)

    def _opposite(self, asked: Asked, subscription: int) -> Decimal:
        """Units that other subscriptions hold against it."""
        stake = self.stakes.get(asked.instrument)
        if stake is None:
            return ZERO
        against = -1 if asked.action.direction is Direction.LONG else 1
        others = (quantity for pk, quantity in stake.held.items() if pk != subscription)
        return sum((max(ZERO, against * quantity) for quantity in others), ZERO)


def _sum(worths: Iterable[Decimal | None]) -> Decimal | None:
    total = ZERO
    for worth in worths:
        if worth is None:
            return None
        total += worth
    return total
