from trading.gates.codes import GateCode
from trading.gates.comparing import joined_within
from trading.gates.values import Intent, Limits, Snapshot, Verdict

NUMBER = 31


def correlated_exposure_is_within_limit(
    intent: Intent, snapshot: Snapshot, limits: Limits
) -> Verdict:
    """All positions of the account that move with this instrument, and this order."""
    risk = snapshot.risk
    held = ("correlated_exposure", risk.instrument.correlated_exposure)
    equity, bound = risk.account.equity, limits.bounds.correlated
    return joined_within(NUMBER, GateCode.CORRELATED_EXPOSURE, intent, held, equity, bound)
