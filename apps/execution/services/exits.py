"""Step 2: what a switch has said is to be closed, with every candle and by whoever trips one; and
what no switch says any more is not."""

from django.db.models import Q, QuerySet

from apps.common import db
from apps.common.locks import transaction_lock
from apps.common.models import Mode
from apps.execution.models import Order, Position
from apps.execution.rows import read_orders
from apps.execution.services.accounts import lock_accounts
from apps.execution.services.cancelling import cancel, stop_entering
from apps.execution.services.clocks import by_clock
from apps.execution.services.closes import Close
from apps.execution.services.flattening import flatten
from apps.execution.services.leaving import SWITCH_RESET
from apps.risk import selectors as risk
from apps.risk.services.switches import LOCK
from trading.exits import ExitReason
from trading.gates.values import TradingState
from trading.orders import OPEN, Leg

CHUNK = 500


def leave(close: Close | None = None) -> int:
    """Write an exit at market for every position whose trading state is LIQUIDATING; the number
    written. One that is leaving already is left alone, so it is harmless to repeat.

    With a close: those of its venue, at its time. Without: at every venue, on the clock of each,
    without waiting for a candle. What somebody else is at is left by whoever comes next: the
    monitor does within seconds.
    """
    states = risk.trading_states()
    if states.strictest < TradingState.LIQUIDATING:
        return 0
    doomed = _doomed_by(states)
    if close is None:
        return flatten(doomed, ExitReason.LIQUIDATION, still=_doomed, waits=False).exits
    here = doomed.filter(instrument__venue=close.venue)
    return flatten(here, ExitReason.LIQUIDATION, now=close.time, still=_doomed, waits=False).exits


@db.transaction_required
def leave_by(states: risk.TradingStates) -> int:
    """The same as if these were tripped: of who undoes all of it."""
    doomed = _doomed_by(states).exclude(quantity=0)
    lock_accounts(doomed.values_list("account_id", flat=True))  # in one order, whatever the chunks
    return flatten(doomed, ExitReason.LIQUIDATION).exits


@db.durable
def withdraw() -> int:
    """Cancel the exits at paper venues that only switches asked for, where none does any more; the
    number. What stands beside the positions protects them as before.

    Whoever resets does it at once; every close and the sweep do it too, for who died before that
    and for switches that have ended by themselves.
    """
    if not _of_switches().exists():  # asked at every close
        return 0
    ids = list(_spared(risk.trading_states()).values_list("pk", flat=True))
    chunks = (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
    return sum(_withdraw_chunk(chunk) for chunk in chunks)


@db.transaction
def _withdraw_chunk(ids: list[int]) -> int:
    transaction_lock(LOCK, shared=True)  # tripped again meanwhile, they go on
    spared = _spared(risk.trading_states()).filter(pk__any_of=ids)
    lock_accounts(spared.values_list("account_id", flat=True))
    # Asked for by somebody else meanwhile, they go on too.
    kept = read_orders(pk__in=list(spared.values_list("pk", flat=True)))
    for now, theirs in by_clock(kept):  # what was to turn these positions has nothing to turn
        stop_entering(((order.subscription_id, order.instrument_id) for order in theirs), now)
    return cancel(kept, SWITCH_RESET)


def _spared(states: risk.TradingStates) -> QuerySet[Order]:
    if states.platform >= TradingState.LIQUIDATING:
        return Order.objects.none()
    return _of_switches().exclude(states.where(TradingState.LIQUIDATING))


def _of_switches() -> QuerySet[Order]:
    """Exits on their way that nobody but switches asked for."""
    return Order.objects.filter(
        leg=Leg.EXIT,
        exit__cause=ExitReason.LIQUIDATION,
        exit__by="",
        mode=Mode.PAPER,
        status__in=sorted(OPEN),
    )


def _doomed_by(states: risk.TradingStates) -> QuerySet[Position]:
    return Position.objects.filter(states.where(TradingState.LIQUIDATING))


def _doomed() -> Q:
    """Asked for each chunk, under the lock that every reset takes alone: what is let go in the
    middle is not closed."""
    transaction_lock(LOCK, shared=True)
    return risk.trading_states().where(TradingState.LIQUIDATING)
