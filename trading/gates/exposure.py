from trading.gates.codes import GateCode
from trading.gates.comparing import joined_within
from trading.gates.values import Intent, Limits, Snapshot, Verdict

NUMBER = 32


def exposure_is_within_limit(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """All positions of the account, whichever strategy opened them, and this order."""
    account = snapshot.risk.account
    held = ("exposure", account.exposure)
    bound = limits.bounds.exposure
    return joined_within(NUMBER, GateCode.TOTAL_EXPOSURE, intent, held, account.equity, bound)
