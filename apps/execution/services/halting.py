"""Tripping a switch, and what it does to orders that are on their way: measured, not assumed."""

from datetime import datetime
from typing import Any, NamedTuple

from apps.accounts.models import User
from apps.common import db
from apps.common.errors import Refused
from apps.execution.services import cancelling
from apps.risk import services as risk
from apps.strategies.models import Strategy
from trading.gates.values import TradingState


class Effect(NamedTuple):
    cancelled: int
    entries_left: int  # working entries that the switch forbids and that still stand


@db.durable
def trip(
    *,
    by: str,
    reason: str,
    now: datetime,
    state: TradingState,
    user: User | None = None,
    strategy: Strategy | None = None,
) -> Effect:
    """Trip the switch, then cancel the entries that were already at the venue. Raises Refused."""
    risk.trip(by=by, reason=reason, now=now, state=state, user=user, strategy=strategy)
    cancelled = cancelling.cancel_halted_entries()
    return Effect(cancelled, len(cancelling.halted_entries()))


def scope_named(text: str) -> dict[str, Any]:
    """What `platform`, `user:EMAIL` or `strategy:CODE` means to `trip` and `reset`.

    Raises Refused UNKNOWN_USER, UNKNOWN_STRATEGY, UNKNOWN_SCOPE.
    """
    kind, _, name = text.partition(":")
    if text == "platform":
        return {}
    if kind == "user":
        user = User.objects.filter(email=name.strip().lower()).first()
        if user is not None:
            return {"user": user}
        raise Refused("UNKNOWN_USER", f"Nobody has the email address '{name}'.")
    if kind == "strategy":
        strategy = Strategy.objects.filter(code=name).first()
        if strategy is not None:
            return {"strategy": strategy}
        raise Refused("UNKNOWN_STRATEGY", f"There is no strategy '{name}'.")
    raise Refused("UNKNOWN_SCOPE", f"'{text}' is not platform, user:EMAIL or strategy:CODE.")
