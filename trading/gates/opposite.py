from trading.gates.codes import GateCode
from trading.gates.values import (
    Intent,
    Limits,
    Snapshot,
    Verdict,
    known,
    passed,
    refused,
)

NUMBER = 37


def nobody_holds_the_opposite(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """On an account that nets, an entry would only take down another subscription's position."""
    held = known(NUMBER, "opposite", snapshot.risk.instrument.opposite)
    if isinstance(held, Verdict):
        return held
    if held:
        return refused(NUMBER, GateCode.OPPOSITE_ON_ACCOUNT, held, 0)
    return passed(NUMBER, "0", "0")
