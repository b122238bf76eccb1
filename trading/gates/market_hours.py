from trading.gates.codes import GateCode
from trading.gates.values import Intent, Limits, Snapshot, Verdict, passed, refused, unknown

NUMBER = 10


def market_is_open(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """The exchange is in session. An order written after the bell would fill at the next session's
    open, however far that is from the price that was decided on.
    """
    is_open = snapshot.is_market_open
    if is_open is None:
        return unknown(NUMBER, "is_market_open")
    if is_open:
        return passed(NUMBER, "open")
    return refused(NUMBER, GateCode.MARKET_CLOSED, "closed", "open")
