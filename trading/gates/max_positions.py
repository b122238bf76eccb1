from trading.gates.codes import GateCode
from trading.gates.values import Intent, Limits, Snapshot, Verdict, passed, refused, unknown

NUMBER = 6


def position_is_within_maximum(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """Fewer than `max_positions` are open or being opened; those on their way count."""
    count = snapshot.open_positions
    if count is None:
        return unknown(NUMBER, "open_positions")
    if count < limits.max_positions:
        return passed(NUMBER, count, limits.max_positions)
    return refused(NUMBER, GateCode.MAX_POSITIONS, count, limits.max_positions)
