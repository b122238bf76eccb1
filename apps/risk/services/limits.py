"""A person's own limits: only what is stricter than their plan is kept."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from apps.accounts.models import User
from apps.common import db
from apps.common.errors import Refused
from apps.common.models import Mode
from apps.risk.limits import NAMES
from apps.risk.models import RiskLimits
from apps.subscriptions.selectors import Entitlements, entitlements
from trading.windows import Window

Value = Decimal | int | None
CODE = "EXCEEDS_TIER_LIMIT"


@db.transaction
def set_limits(
    user: User,
    mode: Mode,
    values: Mapping[str, Value],
    *,
    now: datetime,
    symbols: Sequence[str] | None = None,
    window: Window | None = None,
) -> RiskLimits:
    """In place of all that were set before; what is not named is no limit. Raises Refused
    EXCEEDS_TIER_LIMIT for one that the plan does not reach: it would hold nobody back."""
    for _, refused in above_plan(entitlements(user, now), values, mode):
        raise refused
    columns = {
        **dict.fromkeys(NAMES),
        **values,
        "symbols": symbols,
        "window_days": None if window is None else sorted(window.days),
        "window_opens": None if window is None else window.opens,
        "window_closes": None if window is None else window.closes,
        "changed_at": now,
    }
    row, _ = RiskLimits.objects.update_or_create(user=user, mode=mode, defaults=columns)
    return row


def above_plan(
    granted: Entitlements, values: Mapping[str, Value], mode: Mode
) -> Iterator[tuple[str, Refused]]:
    """The name of each limit that is above the plan's, and why it is not kept."""
    bounds = granted.bounds(is_live=mode is Mode.LIVE)
    for name, value in values.items():
        bound = getattr(bounds, name)
        if value is not None and bound is not None and value > bound.value:
            said = f"{granted.name} allows {bound.said}: set that or less, or leave it empty."
            yield name, Refused(CODE, said)
