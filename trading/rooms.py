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
    `held` and `entering`: units by subscription, below 0 for a short. They are kept apart: one that
    turns has a long and enters a short, and that is not nothing."""

    asset_class: AssetClass
    worth: Decimal | None = ZERO
    held: dict[int, Decimal] = field(default_factory=dict)
    entering: dict[int, Decimal] = field(default_factory=dict)

    def hold(self, subscription: int, quantity: Decimal, worth: Decimal | None) -> None:
        _count(self.held, subscription, quantity)
        self._weigh(worth)

    def enter(self, subscription: int, quantity: Decimal, worth: Decimal | None) -> None:
        _count(self.entering, subscription, quantity)
        self._weigh(worth)

    def has(self) -> set[int]:
        """The subscriptions that have a position in it, or one on its way."""
        units = (*self.held.items(), *self.entering.items())
        return {subscription for subscription, quantity in units if quantity}

    def against(self, sign: int, subscription: int) -> Decimal:
        """Units of other subscriptions that are above 0 where `sign` is 1, or below 0."""
        units = (*self.held.items(), *self.entering.items())
        others = (sign * quantity for pk, quantity in units if pk != subscription)
        return sum((max(ZERO, quantity) for quantity in others), ZERO)

    def _weigh(self, worth: Decimal | None) -> None:
        self.worth = None if worth is None or self.worth is None else self.worth + worth


@dataclass(slots=True)
class Shared:
    """What is counted of a person in all their accounts of one mode: what is ordered in one of them
    counts for the decisions in the others."""

    count: int


@dataclass(slots=True)
class Room:
    """Of one account. `stakes` by instrument; `budgets` by kind of instrument, in money: of
    those that an allocation speaks of. `ordered` counts entries since it was read;
    `traded` (entries today) and `opened` (positions) are shared by the accounts of a person.
    """

    account: AccountFacts = field(default_factory=AccountFacts)
    access: AccessFacts = field(default_factory=AccessFacts)
    stakes: dict[int, Stake] = field(default_factory=dict)
    budgets: Mapping[AssetClass, Decimal] = field(default_factory=dict)
    cool_downs: Mapping[int, datetime] = field(default_factory=dict)
    traded: Shared | None = None
    opened: Shared | None = None
    ordered: int = 0

    @property
    def exposure(self) -> Decimal | None:
        return _sum(stake.worth for stake in self.stakes.values())

    @property
    def open_positions(self) -> int:
        return positions_in(self.stakes)

    def facts(
        self,
        asked: Asked,
        subscription: int,
        market: MarketFacts,
        apart: Set[int],
        same_orders: Told[int] = NOT_PROVIDED,
    ) -> RiskFacts:
        """For one subscription. `apart`: instruments that are known not to move with this one; of
        what is not known it is taken that it does. `same_orders`: of what is typed only, for
        which there is no cool-down: who has closed a position by hand may open it again."""
        together = _sum(
            stake.worth for instrument, stake in self.stakes.items() if instrument not in apart
        )
        instrument = InstrumentFacts(
            correlated_exposure=together,
            class_exposure=self._of_class(asked.rules.asset_class),
            class_budget=self._budget(asked.rules.asset_class),
            opposite=self._opposite(asked, subscription),
            same_orders=same_orders,
            cool_down_until=self._cool_down(asked, is_typed=same_orders is not NOT_PROVIDED),
        )
        return RiskFacts(self._account(), instrument, market, self.access)

    def remember(self, asked: Asked, subscription: int, answer: Answer) -> None:
        """What was just ordered counts for the decisions that follow."""
        if answer.outcome is not Outcome.ORDERED or not asked.action.is_entry:
            return
        notional = answer.intent.notional
        sign = 1 if asked.action.direction is Direction.LONG else -1
        stake = self.stakes.setdefault(asked.instrument, Stake(asked.rules.asset_class))
        is_one_more = subscription not in stake.has()
        stake.enter(subscription, sign * answer.intent.quantity, notional)
        self.account = self.account.after_entry(notional, positions=int(is_one_more))
        self.ordered += 1
        if self.traded is not None:
            self.traded.count += 1
        if self.opened is not None:
            self.opened.count += int(is_one_more)

    def _account(self) -> AccountFacts:
        """With what was ordered in other accounts of the person meanwhile: it counts among their
        positions and the trades of the day, and among the messages where they are counted."""
        account, counted = self.account, self.account.trades_today
        if self.opened is not None:
            account = replace(account, users_positions=self.opened.count)
        if self.traded is None or not isinstance(counted, int) or self.traded.count == counted:
            return account
        more = self.traded.count - counted
        messages = (
            account.messages + more if isinstance(account.messages, int) else account.messages
        )
        return replace(account, trades_today=self.traded.count, messages=messages)

    def _of_class(self, asset_class: AssetClass) -> Decimal | None:
        stakes = self.stakes.values()
        return _sum(stake.worth for stake in stakes if stake.asset_class is asset_class)

    def _budget(self, asset_class: AssetClass) -> Told[Decimal]:
        return self.budgets.get(asset_class, NOT_PROVIDED)

    def _cool_down(self, asked: Asked, *, is_typed: bool) -> Told[datetime]:
        return NOT_PROVIDED if is_typed else self.cool_downs.get(asked.instrument, LONG_AGO)

    def _opposite(self, asked: Asked, subscription: int) -> Decimal:
        """Units that other subscriptions hold or are entering against it."""
        stake = self.stakes.get(asked.instrument)
        against = -1 if asked.action.direction is Direction.LONG else 1
        return ZERO if stake is None else stake.against(against, subscription)


def positions_in(stakes: Mapping[int, Stake]) -> int:
    """Open or on their way, of every subscription: one that turns has one."""
    return sum(len(stake.has()) for stake in stakes.values())


def _count(units: dict[int, Decimal], subscription: int, quantity: Decimal) -> None:
    units[subscription] = units.get(subscription, ZERO) + quantity


def _sum(worths: Iterable[Decimal | None]) -> Decimal | None:
    total = ZERO
    for worth in worths:
        if worth is None:
            return None
        total += worth
    return total
