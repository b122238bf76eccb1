from trading.gates.codes import GateCode
from trading.gates.values import Intent, Limits, Snapshot, Verdict, passed, refused, unknown
from trading.order_kinds import TimeInForce

NUMBER = 10


def market_is_open(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """The exchange is in session. An order written after the bell would fill at the next session's
    open, however far that is from the price that was decided on. An order for the day needs to know
    when the session ends.
    """
    is_open = snapshot.is_market_open
    if is_open is None:
        return unknown(NUMBER, "is_market_open")
    if not is_open:
        return refused(NUMBER, GateCode.MARKET_CLOSED, "closed", "open")
    if intent.time_in_force is TimeInForce.DAY and snapshot.session_end is None:
        return unknown(NUMBER, "session_end")
    return passed(NUMBER, "open")
