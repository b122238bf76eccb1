from trading.gates.codes import GateCode
from trading.gates.values import (
    Intent,
    Limits,
    Snapshot,
    Verdict,
    not_applicable,
    passed,
    refused,
    unknown,
)

NUMBER = 18


def typed_size_is_within_every_cap(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """A size that somebody named is denied above a cap; a strategy's would be cut down to it."""
    if not intent.is_typed:
        return not_applicable(NUMBER, "typed_size")
    over = intent.over
    if not intent.quantity.is_finite():
        return unknown(NUMBER, "quantity")
    if over is None:
        return passed(NUMBER, intent.quantity)
    source = f"{over.code}:{over.source}" if over.source else over.code.value
    return refused(NUMBER, GateCode.SIZE_ABOVE_CAP, intent.quantity, over.quantity, source)
