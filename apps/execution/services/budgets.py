"""What the last allocation of an account gives to each kind of instrument."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from apps.market.models import AllocationSnapshot
from trading.instruments import AssetClass

# Of the percents of an allocation; everything else is in no class that it speaks of.
CLASSES = {AssetClass.CRYPTO: "crypto", AssetClass.EQUITY: "equity"}
PERCENT = Decimal("0.01")


def budgets_of(
    account_ids: Iterable[int], equity: Mapping[int, Decimal]
) -> dict[int, dict[AssetClass, Decimal]]:
    """What the last allocation gives each class, of the equity there is now; an account without an
    allocation, or whose equity is not known, is absent."""
    rows = AllocationSnapshot.objects.filter(account_id__any_of=set(account_ids))
    latest = rows.order_by("account_id", "-regime_snapshot_id").distinct("account_id")
    return {
        account: {
            of_class: share * PERCENT * equity[account]
            for of_class, share in zip(CLASSES, shares, strict=True)
        }
        for account, *shares in latest.values_list("account_id", *CLASSES.values())
        if account in equity
    }
