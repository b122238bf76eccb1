"""What came of an entry that its owner was asked about."""

from trading.gates.codes import MEANINGS, GateCode
from trading.gates.execution_mode import ExecutionMode

APPROVALS = {
    "waiting": "Waits for your approval",
    "approved": "Approved",
    "declined": "Declined by you",
    "expired": "Expired before you approved it",
    "withdrawn": "Withdrawn: the strategy said to leave before you approved it",
}
EXECUTIONS = {
    ExecutionMode.AUTOMATIC: "Automatic: entries are ordered",
    ExecutionMode.APPROVE: "Approve each: an entry waits until you say yes",
    ExecutionMode.WATCH: "Watch: receipts only, nothing is entered",
}


def of_approval(answer: str, code: str) -> str:
    """`code` says why what was approved was not ordered."""
    if code:
        return f"Approved, then not ordered: {MEANINGS[GateCode(code)]}"
    return APPROVALS[answer]
