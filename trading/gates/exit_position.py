from trading.gates.codes import GateCode
from trading.gates.values import Intent, Limits, Snapshot, Verdict, passed, refused
from trading.signals import Action

NUMBER = 100


def there_is_a_position_to_close(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """The only question an exit is asked. An unknown position is for the venue to answer: it
    passes, and the order is reduce-only.
    """
    held = snapshot.position_quantity
    if held is None or not held.is_finite():
        return passed(NUMBER, "unknown")
    if snapshot.is_leaving:
        return refused(NUMBER, GateCode.EXIT_ALREADY_WORKING, held)
    is_held = held > 0 if intent.action is Action.EXIT_LONG else held < 0
    if is_held:
        return passed(NUMBER, held)
    return refused(NUMBER, GateCode.NO_POSITION, held)
