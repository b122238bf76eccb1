"""How much of its trading a subscription leaves to the machine. Answered once every gate has
allowed an entry (`trading/autonomy.py`); exits are never asked."""

from enum import StrEnum

from trading.gates.codes import GateCode
from trading.gates.values import Verdict, refused

NUMBER = 38
TITLE = "Who places the order"


class ExecutionMode(StrEnum):
    WATCH = "watch"  # receipts only
    APPROVE = "approve"  # each entry waits for its owner
    AUTOMATIC = "automatic"


HOLDS_BACK = {
    ExecutionMode.WATCH: GateCode.WATCH_ONLY,
    ExecutionMode.APPROVE: GateCode.APPROVAL_NEEDED,
}


def entry_is_left_to_us(mode: ExecutionMode) -> Verdict | None:
    """None where it is: nothing holds the entry back."""
    code = HOLDS_BACK.get(mode)
    return None if code is None else refused(NUMBER, code, mode.value, ExecutionMode.AUTOMATIC)
