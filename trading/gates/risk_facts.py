"""The facts that the risk gates ask about. Each is a value, None (it is provided but not known now:
the gate refuses and names it) or NOT_PROVIDED (it never is: the gate does not apply).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Final, Literal, TypeAlias, TypeVar

T = TypeVar("T")


class Absent(Enum):
    NOT_PROVIDED = "not provided"


NOT_PROVIDED: Final = Absent.NOT_PROVIDED
Told: TypeAlias = T | Literal[Absent.NOT_PROVIDED] | None


class Mode(StrEnum):
    BACKTEST = "backtest"
    PAPER = "paper"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """Of the broker account, in its currency. `users_positions`, `trades_today`, `lost_today` and
    `messages` are of its user, in all their accounts of this mode.

    `day_pnl` and `week_pnl` are realised and open, after fees, without deposits and withdrawals,
    since 00:00 UTC and since Monday 00:00 UTC; the equities at those moments are scaled by the same
    flows, so that only the share that was lost is what it was. `available` is the equity less the
    worth of positions and what is on its way, `exposure` that worth, over all strategies.
    `lost_today` counts losing trades only.
    """

    equity: Told[Decimal] = NOT_PROVIDED
    available: Told[Decimal] = NOT_PROVIDED
    exposure: Told[Decimal] = NOT_PROVIDED
    peak_equity: Told[Decimal] = NOT_PROVIDED
    start_of_day_equity: Told[Decimal] = NOT_PROVIDED
    start_of_week_equity: Told[Decimal] = NOT_PROVIDED
    day_pnl: Told[Decimal] = NOT_PROVIDED
    week_pnl: Told[Decimal] = NOT_PROVIDED
    lost_today: Told[Decimal] = NOT_PROVIDED
    open_positions: Told[int] = NOT_PROVIDED
    users_positions: Told[int] = NOT_PROVIDED
    trades_today: Told[int] = NOT_PROVIDED
    consecutive_losses: Told[int] = NOT_PROVIDED
    api_errors: Told[int] = NOT_PROVIDED  # in the window
    messages: Told[int] = NOT_PROVIDED  # to the venue, in the last minute

    def after_entry(self, notional: Decimal, *, positions: int = 1) -> "AccountFacts":
        """As it stands for the next decision once this one has been ordered. `positions`: how many
        more there are; none where it takes the place of one."""
        return replace(
            self,
            available=_plus(self.available, -notional),
            exposure=_plus(self.exposure, notional),
            open_positions=_more(self.open_positions, positions),
            users_positions=_more(self.users_positions, positions),
            trades_today=_more(self.trades_today, 1),
            messages=_more(self.messages, 1),
        )

    def after_exit(self, worth: Decimal, *, positions: int = 1) -> "AccountFacts":
        """As it stands for an entry that takes the place of a position that is being left.
        `positions`: how many less there are; dust was none."""
        return replace(
            self,
            available=_plus(self.available, worth),
            exposure=_plus(self.exposure, -worth),
            open_positions=_more(self.open_positions, -positions),
            users_positions=_more(self.users_positions, -positions),
        )


@dataclass(frozen=True, slots=True)
class InstrumentFacts:
    """Of the account in this instrument and what moves with it.

    `opposite`: what other subscriptions hold of it on this account against the entry's direction
    (an account that keeps the two apart does not provide it). `same_orders`: orders of the user of
    the same side and size in this instrument within the last seconds. `cool_down_until`: nothing
    is entered before; a moment that has passed where there is none.
    """

    correlated_exposure: Told[Decimal] = NOT_PROVIDED  # with this instrument's own
    class_exposure: Told[Decimal] = NOT_PROVIDED
    class_budget: Told[Decimal] = NOT_PROVIDED  # by the allocation
    opposite: Told[Decimal] = NOT_PROVIDED
    same_orders: Told[int] = NOT_PROVIDED
    cool_down_until: Told[datetime] = NOT_PROVIDED

    def after_entry(self, notional: Decimal) -> "InstrumentFacts":
        """For the next decision on this instrument, or on one of its class that moves with it."""
        return replace(
            self,
            correlated_exposure=_plus(self.correlated_exposure, notional),
            class_exposure=_plus(self.class_exposure, notional),
        )


@dataclass(frozen=True, slots=True)
class MarketFacts:
    """Of the signal and its market: the same for everybody who decides on it."""

    now: Told[datetime] = NOT_PROVIDED
    volatility: Told[Decimal] = NOT_PROVIDED  # a percentile, 0 to 100
    reference_price: Told[Decimal] = NOT_PROVIDED  # which the order's price is held against
    signal_price: Told[Decimal] = NOT_PROVIDED
    price_now: Told[Decimal] = NOT_PROVIDED
    bid: Told[Decimal] = NOT_PROVIDED
    ask: Told[Decimal] = NOT_PROVIDED
    candle_age: Told[Decimal] = NOT_PROVIDED  # of the last one, in candles
    signal_age: Told[Decimal] = NOT_PROVIDED  # in seconds
    is_regime_blocked: Told[bool] = NOT_PROVIDED


@dataclass(frozen=True, slots=True)
class AccessFacts:
    """What the user may do at all, and when. `window_opens_at` is said where it is closed."""

    mode: Told[Mode] = NOT_PROVIDED
    plan_allows_live: Told[bool] = NOT_PROVIDED
    is_payment_overdue: Told[bool] = NOT_PROVIDED
    is_in_window: Told[bool] = NOT_PROVIDED
    window_opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RiskFacts:
    account: AccountFacts = AccountFacts()
    instrument: InstrumentFacts = InstrumentFacts()
    market: MarketFacts = MarketFacts()
    access: AccessFacts = AccessFacts()

    def after_exit(self, worth: Decimal, *, positions: int = 1) -> "RiskFacts":
        """With the room that a position makes which is being left: it is there with its worth, and
        not with what it cost."""
        return replace(
            self,
            account=self.account.after_exit(worth, positions=positions),
            instrument=self.instrument.after_entry(-worth),
        )


NOTHING_PROVIDED: Final = RiskFacts()


def _plus(value: Told[Decimal], more: Decimal) -> Told[Decimal]:
    return value if value is None or value is NOT_PROVIDED else value + more


def _more(count: Told[int], more: int) -> Told[int]:
    return count if count is None or count is NOT_PROVIDED else count + more
