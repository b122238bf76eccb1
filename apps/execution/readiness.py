"""How ready a subscription is to go live: what its owner has, and how they have traded its version
on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models.functions import Coalesce

from apps.common.models import Mode
from apps.execution.models import Position, Trade
from apps.market import selectors as market
from apps.strategies.models import StrategySubscription
from apps.strategies.needs import needs
from trading.money import ZERO
from trading.performance.outcomes import payoff_ratio, total
from trading.performance.realised import ClosedTrade, performance
from trading.readiness import Check, Evidence, checks

SECONDS_AN_HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Paper:
    """Everybody's own paper trading of one version. `open_pnl` is None where a price is missing."""

    capital: Decimal
    trades: Sequence[ClosedTrade]
    began_at: datetime | None
    until: datetime
    open_pnl: Decimal | None
    is_holding: bool


class Open(NamedTuple):
    """The columns of a position that is held."""

    instrument_id: int
    quantity: Decimal
    entry_value: Decimal
    exit_value: Decimal
    fees: Decimal
    funding: Decimal

    def pnl(self, price: Decimal) -> Decimal:
        taken = self.exit_value - self.entry_value
        so_far = taken if self.quantity > 0 else -taken
        return so_far + self.quantity * price + self.funding - self.fees


def live_readiness(subscription: StrategySubscription, now: datetime) -> tuple[Check, ...]:
    """Every check, met or not; `now` is the wall clock's, by which consents and certificates go.
    What has been traded goes by the venue's."""
    found = needs(subscription.user, subscription.version, now)
    return checks(found, evidence(paper_trading(subscription)))


def evidence(paper: Paper) -> Evidence:
    """Of closed trades; what is open counts in the result and the drawdown, at its price of now.
    Those two are not known where it has none."""
    closed = list(paper.trades)
    outcomes = [trade.pnl for trade in closed]
    found = performance(closed, (), start=paper.capital, until=paper.until)
    hours = None if paper.began_at is None else (paper.until - paper.began_at).total_seconds()
    marked: ClosedTrade | None = None
    if paper.is_holding and paper.open_pnl is not None:
        marked = ClosedTrade(paper.until, paper.until, paper.open_pnl, ZERO)
    is_valued = (not paper.is_holding or marked is not None) and bool(closed)
    whole = [*closed, marked] if marked is not None else closed
    valued = performance(whole, (), start=paper.capital, until=paper.until)
    return Evidence(
        hours=None if hours is None else Decimal(int(hours)) / SECONDS_AN_HOUR,
        trades=Decimal(len(closed)),
        net=total(each.pnl for each in whole) / paper.capital if is_valued else None,
        drawdown=valued.drawdown.fraction if is_valued and valued.drawdown else None,
        win_rate=found.win_rate,
        sharpe=None if found.sharpe is None else Decimal(repr(found.sharpe)),
        profit_factor=found.profit_factor,
        reward_risk=payoff_ratio(outcomes),
    )


def paper_trading(subscription: StrategySubscription) -> Paper:
    """Of its owner, with its version, on all paper accounts of the same currency: subscriptions
    that have ended count too. The capital is each account's once."""
    version = subscription.version
    rows: Any = StrategySubscription.objects.of(subscription.user).filter(
        version=version, mode=Mode.PAPER, account__currency=subscription.account.currency
    )
    followed = list(
        rows.order_by("pk").values_list(
            "pk", "account_id", Coalesce("capital", "version__capital"), "is_paused", "ended_at"
        )
    )
    ids = [row[0] for row in followed]
    trades = _trades(subscription.user, ids)
    now = market.market_now(subscription.account.venue_id)
    began_at = min((trade.opened_at for trade in trades), default=None)
    is_running = any(not is_paused and ended is None for *_, is_paused, ended in followed)
    last = max((trade.closed_at for trade in trades), default=now)
    positions = [
        Open(*row)
        for row in Position.objects.of(subscription.user)
        .filter(subscription_id__any_of=ids)
        .exclude(quantity=0)
        .values_list(*Open._fields)
    ]
    return Paper(
        capital=sum({account: capital for _, account, capital, *_ in followed}.values(), ZERO),
        trades=trades,
        began_at=began_at,
        until=now if is_running or positions else last,
        open_pnl=_open_pnl(positions, now),
        is_holding=bool(positions),
    )


def _trades(user: Any, subscription_ids: Sequence[int]) -> list[ClosedTrade]:
    rows: Any = Trade.objects.of(user).filter(position__subscription_id__any_of=subscription_ids)
    columns = ("opened_at", "closed_at", "pnl", "fees")
    return [ClosedTrade(*row) for row in rows.order_by("closed_at", "pk").values_list(*columns)]


def _open_pnl(positions: Sequence[Open], now: datetime) -> Decimal | None:
    """Of the round trips that are open, with what has been taken of them and paid for them so far;
    None where something that is held has no price."""
    instruments = sorted({each.instrument_id for each in positions})
    prices = market.latest_prices(instruments, now) if instruments else {}
    if len(prices) < len(instruments):
        return None
    return sum((each.pnl(prices[each.instrument_id]) for each in positions), ZERO)
