"""Kill switches. Tripping takes the lock that every submission shares, so lock order judges the
race: an order marked SUBMITTED before the trip commits is in flight, after it none is marked.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Unpack

from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from apps.common import db
from apps.common.errors import Refused
from apps.common.fields import LONGEST_REASON
from apps.common.locks import transaction_lock
from apps.events import services as events
from apps.market.models import MarketClock
from apps.risk.models import TARGETS, KillSwitch
from apps.risk.scopes import Target, owner_id, scope_of
from apps.risk.services import settling
from trading.gates.values import TradingState

LOCK = "risk.kill_switch"
EXPIRY = "expiry"
Source = KillSwitch.Source
_VENUES_NOW = Subquery(MarketClock.objects.filter(venue=OuterRef("clock")).values("now")[:1])


@db.transaction
def trip(
    *,
    by: str,
    reason: str,
    now: datetime,
    state: TradingState = TradingState.HALTED,
    source: KillSwitch.Source = Source.MANUAL,
    expires_at: datetime | None = None,
    is_own: bool = False,
    **target: Unpack[Target],
) -> KillSwitch:
    """Stop entries for the target, or for the whole platform: somebody's act. Tripping again may
    only make it stricter, or as strict and longer: never softer or shorter. Then it is another row.
    `is_own`: by the user that it is for; what staff trip stands beside it, and neither is measured
    by the other.

    Raises Refused REASON_MISSING, SCOPE_NOT_CLEAR, STATE_NOT_STRICTER, EXPIRY_PASSED,
    EXPIRY_TOO_EARLY.
    """
    _refuse_no_reason(reason)
    if expires_at is not None and expires_at <= now:
        raise Refused("EXPIRY_PASSED", f"{expires_at:%Y-%m-%d %H:%M:%S} UTC has passed already.")
    scope = scope_of(target)
    transaction_lock(LOCK)
    current = tripped_for(target).filter(cause="", is_own=is_own).first()
    if current is not None:
        _refuse_to_ease(current, state, expires_at)
        close(current, by=by, reason=f"made stricter: {reason}", now=now)
    switch = KillSwitch.objects.create(
        scope=scope,
        **target,
        state=state,
        reason=reason[:LONGEST_REASON],
        source=source,
        tripped_by=by,
        tripped_at=now,
        expires_at=expires_at,
        is_own=is_own,
    )
    tell("kill_switch.tripped", [switch], now)
    return switch


@db.transaction
def reset(*, by: str, reason: str, now: datetime, **target: Unpack[Target]) -> list[KillSwitch]:
    """Reset whatever is tripped for the target. What is tripped for another stays.

    Raises Refused REASON_MISSING, SCOPE_NOT_CLEAR, NOT_TRIPPED.
    """
    _refuse_no_reason(reason)
    scope_of(target)
    transaction_lock(LOCK)
    return _let_go(tripped_for(target), by=by, reason=reason, now=now)


@db.transaction
def reset_one(switch: KillSwitch, *, by: str, reason: str, now: datetime) -> None:
    """Reset this row, not another of its scope. Raises Refused REASON_MISSING, NOT_TRIPPED."""
    _refuse_no_reason(reason)
    transaction_lock(LOCK)
    _let_go(KillSwitch.objects.filter(pk=switch.pk, reset_at=None), by=by, reason=reason, now=now)


@db.transaction
def expire(now: datetime) -> int:
    """Reset the switches whose end has come on their clock, each as an act of its own; their
    number. `now` is the wall's."""
    over = KillSwitch.objects.annotate(its_now=Coalesce(_VENUES_NOW, Value(now))).filter(
        reset_at=None, expires_at__lte=F("its_now")
    )
    if not over.exists():  # asked every few seconds: without the lock that submissions share
        return 0
    transaction_lock(LOCK)
    ended = list(over.order_by("id"))
    for switch in ended:
        reason = f"It was tripped until {switch.expires_at:%Y-%m-%d %H:%M:%S} UTC."
        close(switch, by=EXPIRY, reason=reason, now=now)
    tell("kill_switch.reset", ended, now)
    return len(ended)


def tripped_for(target: Target) -> QuerySet[KillSwitch]:
    """What stands there by itself: not of a wider scope, nor of a narrower one."""
    named = {name: target.get(name) for name in TARGETS}
    return KillSwitch.objects.filter(**named, reset_at=None).order_by("id")


def _refuse_no_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("REASON_MISSING", "Say why: no switch is tripped or reset without a reason.")


def _refuse_to_ease(current: KillSwitch, state: TradingState, expires_at: datetime | None) -> None:
    ends = current.expires_at
    until = "until it is reset" if ends is None else f"until {ends:%Y-%m-%d %H:%M:%S} UTC"
    is_longer = ends is not None and (expires_at is None or expires_at > ends)
    if state < current.state or (state == current.state and not is_longer):
        raise Refused(
            "STATE_NOT_STRICTER",
            f"It is {TradingState(current.state).name} already {until}, tripped by "
            f"{current.tripped_by}.",
        )
    if expires_at is not None and (ends is None or expires_at < ends):
        raise Refused("EXPIRY_TOO_EARLY", f"What is tripped there already holds {until}.")


@db.transaction_required
def _let_go(
    switches: QuerySet[KillSwitch], *, by: str, reason: str, now: datetime
) -> list[KillSwitch]:
    found = list(switches)
    if not found:
        raise Refused("NOT_TRIPPED", "No switch is tripped there.")
    for switch in found:
        close(switch, by=by, reason=reason, now=now)
        settling.settle(switch)
    tell("kill_switch.reset", found, now)
    return found


@db.transaction_required
def close(switch: KillSwitch, *, by: str, reason: str, now: datetime) -> None:
    """Without a word; the caller holds LOCK."""
    switch.reset_by, switch.reset_reason, switch.reset_at = by, reason[:LONGEST_REASON], now
    switch.save(update_fields=["reset_by", "reset_reason", "reset_at"])


@db.transaction_required
def tell(kind: str, switches: Sequence[KillSwitch], now: datetime) -> None:
    events.record_many(
        [
            events.Fact(
                kind,
                owner_id(switch),
                now,
                {
                    "switch": switch.pk,
                    "scope": switch.scope,
                    "state": TradingState(switch.state).name,
                    "cause": switch.cause,
                },
            )
            for switch in switches
        ]
    )
