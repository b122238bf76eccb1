"""The stop of one's own trading: the one switch that needs no right but to be signed in."""

from datetime import datetime

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.common import db
from apps.execution.services import halting
from apps.risk import services as risk
from apps.risk.models import KillSwitch
from trading.gates.values import TradingState


@db.durable
def stop_own_trading(
    user: User,
    *,
    reason: str,
    close_positions: bool,
    source: KillSwitch.Source,
    now: datetime,
) -> KillSwitch:
    """Stopped already as strictly: that stop, drained once more. Asked to close positions as well,
    it becomes stricter. Raises Refused REASON_MISSING.
    """
    state = TradingState.LIQUIDATING if close_positions else TradingState.HALTED
    # Not one that tripped by itself: it would take the person's with it when it clears.
    current = _tripped(user).filter(cause="").first()
    if current is not None and current.state >= state:
        halting.drain(current, now)
        return current
    return halting.trip(
        by=user.email,
        reason=reason,
        now=now,
        state=state,
        origin=risk.Origin(source),
        user=user,
    )


def own_stop(user: User) -> KillSwitch | None:
    """The strictest that is tripped for this user, whoever has tripped it."""
    return _tripped(user).first()


def _tripped(user: User) -> QuerySet[KillSwitch]:
    """Strictest first; of equal ones that of a person."""
    return KillSwitch.objects.filter(user=user, reset_at=None).order_by("-state", "cause", "id")
