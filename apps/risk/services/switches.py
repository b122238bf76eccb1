"""Kill switches. Tripping takes the lock that every submission shares, so lock order judges the
race: an order marked SUBMITTED before the trip commits is in flight, after it none is marked.
"""

from datetime import datetime

from apps.accounts.models import User
from apps.common import db
from apps.common.errors import Refused
from apps.common.locks import transaction_lock
from apps.events import services as events
from apps.risk.models import KillSwitch
from apps.strategies.models import Strategy
from trading.gates.values import TradingState

LOCK = "risk.kill_switch"


@db.transaction
def trip(
    *,
    by: str,
    reason: str,
    now: datetime,
    state: TradingState = TradingState.HALTED,
    user: User | None = None,
    strategy: Strategy | None = None,
) -> KillSwitch:
    """Stop entries for the platform, a user or a strategy. Tripping again may only make it
    stricter.

    Raises Refused REASON_MISSING, STATE_NOT_STRICTER.
    """
    if not reason.strip():
        raise Refused("REASON_MISSING", "Say why: a switch is never tripped without a reason.")
    transaction_lock(LOCK)
    current = KillSwitch.objects.filter(user=user, strategy=strategy, reset_at=None).first()
    if current is not None and current.state >= state:
        raise Refused(
            "STATE_NOT_STRICTER",
            f"It is {TradingState(current.state).name} already, tripped by {current.tripped_by}.",
        )
    if current is not None:
        _close(current, by=by, reason=f"made stricter: {reason}", now=now)
    switch = KillSwitch.objects.create(
        scope=_scope(user, strategy),
        user=user,
        strategy=strategy,
        state=state,
        reason=reason,
        tripped_by=by,
        tripped_at=now,
    )
    _tell("kill_switch.tripped", switch, now)
    return switch


@db.transaction
def reset(
    *,
    by: str,
    reason: str,
    now: datetime,
    user: User | None = None,
    strategy: Strategy | None = None,
) -> KillSwitch:
    """Let entries through again. Raises Refused REASON_MISSING, NOT_TRIPPED."""
    if not reason.strip():
        raise Refused("REASON_MISSING", "Say why: a switch is never reset without a reason.")
    transaction_lock(LOCK)
    current = KillSwitch.objects.filter(user=user, strategy=strategy, reset_at=None).first()
    if current is None:
        raise Refused("NOT_TRIPPED", "No switch is tripped there.")
    _close(current, by=by, reason=reason, now=now)
    _tell("kill_switch.reset", current, now)
    return current


@db.transaction_required
def _close(switch: KillSwitch, *, by: str, reason: str, now: datetime) -> None:
    switch.reset_by, switch.reset_reason, switch.reset_at = by, reason[:200], now
    switch.save(update_fields=["reset_by", "reset_reason", "reset_at"])


def _scope(user: User | None, strategy: Strategy | None) -> KillSwitch.Scope:
    if user is not None and strategy is not None:
        raise Refused("SCOPE_NOT_CLEAR", "A switch is for a user or for a strategy, not for both.")
    if user is not None:
        return KillSwitch.Scope.USER
    return KillSwitch.Scope.PLATFORM if strategy is None else KillSwitch.Scope.STRATEGY


def _tell(kind: str, switch: KillSwitch, now: datetime) -> None:
    events.record(
        kind,
        user_id=switch.user_id,
        happened_at=now,
        switch=switch.pk,
        scope=switch.scope,
        state=TradingState(switch.state).name,
    )
