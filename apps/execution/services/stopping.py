"""The stop of one's own trading: the one switch that needs no right but to be signed in."""

from datetime import datetime

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.common import db
from apps.common.locks import transaction_lock
from apps.execution.services import drains, halting
from apps.risk import services as risk
from apps.risk.models import KillSwitch
from apps.risk.services.switches import LOCK
from trading.gates.values import TradingState


@db.durable
def stop_own_trading(
    user: User,
    *,
    reason: str,
    close_positions: bool,
    source: KillSwitch.Source,
    now: datetime,
    drain_again: bool = True,
) -> KillSwitch:
    """Until an operator resets this very stop: what staff or a trigger have tripped for the user
    stands beside it. Stopped so already by the user, and as strictly: that stop, drained once more.
    Else a stricter one takes its place. Raises Refused REASON_MISSING.

    Without `drain_again` what stands already is left to the sweep, which drains it every few
    seconds: draining takes the locks of everybody's exits.
    """
    state = TradingState.LIQUIDATING if close_positions else TradingState.HALTED
    standing = own_stop(user, state)
    if standing is not None and not drain_again:
        return standing
    switch = standing or _stop(user, reason, state, source, now)
    halting.drain(switch, now)
    return switch


def strictest_stop(user: User) -> KillSwitch | None:
    """Of what is tripped for this user, whoever has tripped it; of equal ones the user's own."""
    return _tripped(user).order_by("-state", "-is_own", "cause", "id").first()


def own_stop(user: User, state: TradingState) -> KillSwitch | None:
    """The user's, at least as strict."""
    return _tripped(user).filter(is_own=True, state__gte=state).first()


@db.transaction
def _stop(
    user: User, reason: str, state: TradingState, source: KillSwitch.Source, now: datetime
) -> KillSwitch:
    """Asked under the lock once more: pressed twice at once, it is one stop."""
    transaction_lock(LOCK)
    found = own_stop(user, state)
    if found is not None:
        return found
    switch = risk.trip(
        by=user.email, reason=reason, now=now, state=state, source=source, is_own=True, user=user
    )
    drains.note(switch)
    return switch


def _tripped(user: User) -> QuerySet[KillSwitch]:
    return KillSwitch.objects.filter(user=user, reset_at=None)
