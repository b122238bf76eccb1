"""What kind of market it is at a close, and how each account would share its capital then."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Sum

from apps.common import db
from apps.execution.models import Balance, Position
from apps.execution.services.closes import Close
from apps.market import selectors as market
from apps.market.models import AllocationSnapshot, RegimeSnapshot
from apps.market.services import regimes
from trading.allocation import Allocation, RiskTolerance, allocate
from trading.money import ZERO
from trading.tiers import CapitalTier, tier_of

# Nobody is asked for theirs yet.
TOLERANCE = RiskTolerance.MODERATE


class AccountRow(NamedTuple):
    user_id: int
    id: int
    mode: str
    cash: Decimal


def record(close: Close) -> None:
    """Keep both, once. Where no candle of the regime's timeframe has closed, nothing is asked."""
    if not regimes.is_due(close.time):
        return
    snapshot = regimes.record(close.venue, close.time)
    if snapshot is not None:
        record_allocations(snapshot)


@db.transaction
def record_allocations(snapshot: RegimeSnapshot) -> int:
    """A row for each account of the venue whose allocation is another one from this close on; how
    many. An account that holds something without a price has no known equity, and gets none.
    """
    now = _last(snapshot)
    rows = []
    for account, equity in _equities(snapshot):
        tier, capital = tier_of(equity), max(equity, ZERO)
        found = allocate(
            snapshot.in_force, tier, TOLERANCE, capital, crypto_volatility=snapshot.volatility
        )
        row = _row(snapshot, account, tier, capital, found)
        if now.get(account.id) != (tier, TOLERANCE, *found.shares.parts, row.reason):
            rows.append(row)
    AllocationSnapshot.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _row(
    snapshot: RegimeSnapshot,
    account: AccountRow,
    tier: CapitalTier,
    capital: Decimal,
    found: Allocation,
) -> AllocationSnapshot:
    shares = found.shares
    return AllocationSnapshot(
        user_id=account.user_id, account_id=account.id, mode=account.mode, tier=tier,
        tolerance=TOLERANCE, regime_snapshot=snapshot, capital=capital, crypto=shares.crypto,
        equity=shares.equity, derivatives=shares.derivatives, cash=shares.cash,
        reason=" ".join(found.reasons),
    )  # fmt: skip


def _last(snapshot: RegimeSnapshot) -> dict[int, tuple[object, ...]]:
    """What was last said of each account of the venue."""
    rows = AllocationSnapshot.objects.filter(account__venue_id=snapshot.venue_id)
    latest = rows.order_by("account_id", "-regime_snapshot_id").distinct("account_id")
    return {
        account: tuple(said)
        for account, *said in latest.values_list(
            "account_id", "tier", "tolerance", "crypto", "equity", "derivatives", "cash", "reason"
        )
    }


def _equities(snapshot: RegimeSnapshot) -> Iterator[tuple[AccountRow, Decimal]]:
    """Cash, and what is held at the last prices, of each account whose holdings have one."""
    own = Balance.objects.filter(
        account__venue_id=snapshot.venue_id, currency=F("account__currency")
    )
    held = Position.objects.filter(account__venue_id=snapshot.venue_id).exclude(quantity=0)
    holdings: dict[int, dict[int, Decimal]] = {}
    summed = held.values("account_id", "instrument_id").annotate(sum=Sum("quantity"))
    for account_id, instrument, quantity in summed.values_list(
        "account_id", "instrument_id", "sum"
    ):
        holdings.setdefault(account_id, {})[instrument] = quantity
    ids = {instrument for of_account in holdings.values() for instrument in of_account}
    prices = market.latest_prices(sorted(ids), snapshot.close_time) if ids else {}
    for row in own.order_by("account_id").values_list("user_id", "account_id", "mode", "cash"):
        account = AccountRow(*row)
        quantities = holdings.get(account.id, {})
        if quantities.keys() <= prices.keys():
            worth = (quantity * prices[pk] for pk, quantity in quantities.items())
            yield account, account.cash + sum(worth, ZERO)
