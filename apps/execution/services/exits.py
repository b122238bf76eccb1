"""Step 2: what a switch has said is to be closed, with every candle and by whoever trips one."""

from apps.execution.models import Position
from apps.execution.services.closes import Close
from apps.execution.services.flattening import flatten
from apps.risk import selectors as risk
from trading.exits import ExitReason
from trading.gates.values import TradingState


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
    doomed = Position.objects.filter(states.where(TradingState.LIQUIDATING))
    if close is None:
        return flatten(doomed, ExitReason.LIQUIDATION, waits=False).exits
    here = doomed.filter(instrument__venue=close.venue)
    return flatten(here, ExitReason.LIQUIDATION, now=close.time, waits=False).exits
