"""On what terms the order of a signal is placed."""

from datetime import datetime
from typing import Any, NamedTuple

from apps.market import sessions
from apps.strategies.models import Signal
from apps.strategies.rows import entry_plan_of
from trading.entries import on_increment
from trading.orders import OrderType, TimeInForce
from trading.signals import Action, EntryPlan


class Terms(NamedTuple):
    """The same for everybody. `session_end` is of the session at the close, None = not known."""

    signal: Signal
    entry_plan: EntryPlan
    is_market_open: bool | None
    session_end: datetime | None


def terms_of(signal: Signal, close_time: datetime) -> Terms:
    """To be asked before any lock is held: to load an exchange calendar takes seconds."""
    instrument = signal.instrument
    return Terms(
        signal,
        on_increment(entry_plan_of(signal), Action(signal.action).side, instrument.rules),
        sessions.is_open(instrument.calendar, close_time),
        sessions.session_end(instrument.calendar, close_time),
    )


def columns_of(terms: Terms) -> dict[str, Any]:
    """How the order is placed: an exit at market. An entry also remembers how its position is to be
    left.
    """
    signal, plan = terms.signal, terms.entry_plan
    if not Action(signal.action).is_entry:
        return {"order_type": OrderType.MARKET.value}
    return {
        "order_type": plan.order_type.value,
        "limit_price": plan.limit_price,
        "trigger_price": plan.trigger_price,
        "time_in_force": plan.time_in_force.value,
        "expire_time": terms.session_end if plan.time_in_force is TimeInForce.DAY else None,
        "post_only": plan.post_only,
        "stop_price": signal.stop_price,
        "target_price": signal.target_price,
        "stop_limit_price": signal.stop_limit_price,
        "stop_trailing_offset": signal.trailing_offset,
        "stop_trailing_offset_type": signal.trailing_offset_type,
    }
