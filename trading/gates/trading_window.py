from trading.gates.codes import GateCode
from trading.gates.values import (
    Intent,
    Limits,
    Snapshot,
    Verdict,
    known,
    moment,
    passed,
    refused,
)

NUMBER = 34


def trading_window_is_open(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """The user's own hours, on the market's clock."""
    access = snapshot.risk.access
    is_open = known(NUMBER, "is_in_window", access.is_in_window)
    if isinstance(is_open, Verdict):
        return is_open
    if is_open:
        return passed(NUMBER, "open")
    opens = "" if access.window_opens_at is None else moment(access.window_opens_at)
    return refused(NUMBER, GateCode.OUTSIDE_TRADING_WINDOW, "closed", opens)
