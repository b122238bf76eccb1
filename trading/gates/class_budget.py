from trading.gates.codes import GateCode
from trading.gates.values import (
    Intent,
    Limits,
    Snapshot,
    Verdict,
    known,
    passed,
    refused,
    worth,
)

NUMBER = 36


def allocation_leaves_room(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """What is held of this kind of instrument and this order are within what the allocation gives
    it (inclusive)."""
    facts = snapshot.risk.instrument
    held = known(NUMBER, "class_exposure", facts.class_exposure)
    if isinstance(held, Verdict):
        return held
    budget = known(NUMBER, "class_budget", facts.class_budget)
    if isinstance(budget, Verdict):
        return budget
    notional = worth(NUMBER, intent)
    if isinstance(notional, Verdict):
        return notional
    if held + notional <= budget:
        return passed(NUMBER, held + notional, budget)
    return refused(NUMBER, GateCode.ASSET_CLASS_BUDGET, held + notional, budget)
