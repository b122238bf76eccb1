"""What kind of market it is at a close, and how each account would share its capital then."""

from decimal import Decimal

from django.utils import timezone

from apps.common import db
from apps.execution.equities import AccountRow, equities
from apps.execution.services.closes import Close
from apps.market.models import AllocationSnapshot, RegimeSnapshot
from apps.market.services import regimes
from apps.subscriptions.selectors import entitlements_of
from trading.allocation import Allocation, RiskTolerance, allocate
from trading.money import ZERO
from trading.tiers import CapitalTier

# Nobody is asked for theirs yet.
TOLERANCE = RiskTolerance.MODERATE


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
    known = list(equities(snapshot.close_time, account__venue_id=snapshot.venue_id))
    granted = entitlements_of({account.user_id for account, _ in known}, timezone.now())
    rows = []
    for account, equity in known:
        tier = granted[account.user_id].tier(equity)
        capital = max(equity, ZERO)
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
