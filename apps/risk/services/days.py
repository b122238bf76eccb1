"""What each subscription has won or lost on the current day of its venue."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from apps.common import bulk, db
from apps.risk.models import RiskState
from apps.strategies.models import StrategySubscription
from trading.money import ZERO


@db.transaction_required
def ensure_risk_states(subscription_ids: Sequence[int], day: date) -> None:
    """A row for each subscription that has none yet, so that it can be locked."""
    with_row = RiskState.objects.filter(subscription_id__any_of=subscription_ids)
    missing = set(subscription_ids) - set(with_row.values_list("subscription_id", flat=True))
    if not missing:
        return
    owners = StrategySubscription.objects.filter(pk__any_of=missing).values_list(
        "pk", "user_id", "mode"
    )
    RiskState.objects.bulk_create(
        [
            RiskState(subscription_id=pk, user_id=user_id, mode=mode, day=day, realised_pnl=ZERO)
            for pk, user_id, mode in owners
        ],
        ignore_conflicts=True,
    )


@db.transaction_required
def add_open(changes: Mapping[int, Decimal | None], day: date) -> None:
    """Add to the open profit with which subscriptions begin this day; None is not known. Who holds
    nothing at 00:00 begins the day when first something happens.

    The caller holds the locks of the accounts. No row is of a later day.
    """
    ensure_risk_states(list(changes), day)
    rows = RiskState.objects.filter(subscription_id__any_of=changes).values_list(
        "id", "subscription_id", "day", "realised_pnl", "open_at_midnight"
    )
    updates = []
    for pk, subscription, row_day, realised, opened in rows:
        has_begun, change = row_day == day, changes[subscription]
        before = opened if has_begun else ZERO
        now = None if before is None or change is None else before + change
        updates.append((pk, day, realised if has_begun else ZERO, now))
    bulk.update_rows(RiskState, ("day", "realised_pnl", "open_at_midnight"), updates)


@db.transaction_required
def add_realised(changes: Mapping[int, Decimal], day: date) -> None:
    """Add to the day's result of each subscription; a new day starts from zero.

    The rows must be locked by the caller, who has begun the days of their accounts. A change dated
    before the row's day is of a day gone by.
    """
    rows = RiskState.objects.filter(subscription_id__any_of=changes, day__lte=day).values_list(
        "id", "subscription_id", "day", "realised_pnl", "open_at_midnight"
    )
    updates = [
        (pk, day, changes[subscription] + realised, opened)
        if row_day == day
        else (pk, day, changes[subscription], ZERO)
        for pk, subscription, row_day, realised, opened in rows
    ]
    bulk.update_rows(RiskState, ("day", "realised_pnl", "open_at_midnight"), updates)
