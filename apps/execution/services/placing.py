"""On what terms the order of a signal is placed."""

from datetime import datetime
from typing import Any, NamedTuple

from apps.market import sessions
from apps.strategies.models import Signal
from apps.strategies.rows import entry_plan_of
from trading.decisions import Asked
from trading.entries import on_increment
from trading.orders import OrderType, TimeInForce
from trading.signals import Action


class Terms(NamedTuple):
    """The same for everybody."""

    signal: Signal
    asked: Asked


def terms_of(signal: Signal, close_time: datetime) -> Terms:
    """To be asked before any lock is held: to load an exchange calendar takes seconds."""
    instrument, action = signal.instrument, Action(signal.action)
    asked = Asked(
        instrument=instrument.pk,
        rules=instrument.rules,
        action=action,
        price=signal.reference_price,
        stop_price=signal.stop_price,
        entry_plan=on_increment(entry_plan_of(signal), action.side, instrument.rules),
        candles_seen=0 if signal.run is None else signal.run.candles_seen,  # nobody had to look
        is_market_open=sessions.is_open(instrument.calendar, close_time),
        session_end=sessions.session_end(instrument.calendar, close_time),
        size_fraction=signal.size_fraction,
        target_price=signal.target_price,
    )
    return Terms(signal, asked)


def columns_of(terms: Terms) -> dict[str, Any]:
    """How the order is placed: an exit at market. An entry also remembers how its position is to be
    left.
    """
    signal, asked, plan = terms.signal, terms.asked, terms.asked.entry_plan
    if not asked.action.is_entry:
        return {"order_type": OrderType.MARKET.value}
    return {
        "order_type": plan.order_type.value,
        "limit_price": plan.limit_price,
        "trigger_price": plan.trigger_price,
        "time_in_force": plan.time_in_force.value,
        "expire_time": asked.session_end if plan.time_in_force is TimeInForce.DAY else None,
        "post_only": plan.post_only,
        "stop_price": signal.stop_price,
        "target_price": signal.target_price,
        "stop_limit_price": signal.stop_limit_price,
        "stop_trailing_offset": signal.trailing_offset,
        "stop_trailing_offset_type": signal.trailing_offset_type,
        "ladder": signal.ladder,
    }
