from trading.gates.codes import GateCode
from trading.gates.values import (
    Intent,
    Limits,
    Snapshot,
    Verdict,
    missing,
    passed,
    refused,
    unknown,
)

NUMBER = 9


def signal_is_new(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """One position per subscription and instrument: nothing is held, or only what is being left
    to turn the other way, and nothing is on its way."""
    held = snapshot.position_quantity
    if lacking := missing(position_quantity=held):
        return unknown(NUMBER, lacking)
    if held and not snapshot.turns(intent.action):
        return refused(NUMBER, GateCode.DUPLICATE_SIGNAL, held, 0)
    if snapshot.is_entering:
        return refused(NUMBER, GateCode.DUPLICATE_SIGNAL, "on its way", 0)
    return passed(NUMBER, 0, 0)
