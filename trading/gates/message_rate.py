from trading.gates.codes import GateCode
from trading.gates.comparing import below
from trading.gates.values import Intent, Limits, Snapshot, Verdict

NUMBER = 30


def messages_are_left(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """An entry is one message more: it is counted afterwards, so that at the limit it refuses."""
    messages, bound = snapshot.risk.account.messages, limits.bounds.messages
    return below(NUMBER, GateCode.RATE_LIMIT_EXCEEDED, "messages", messages, bound)
