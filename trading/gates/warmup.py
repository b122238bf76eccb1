from trading.gates.codes import GateCode
from trading.gates.values import Intent, Limits, Snapshot, Verdict, passed, refused, unknown

NUMBER = 4


def warmup_is_complete(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """The strategy saw at least as many candles as it declares to need (inclusive)."""
    seen = snapshot.candles_seen
    if seen is None:
        return unknown(NUMBER, "candles_seen")
    if seen >= limits.warmup_candles:
        return passed(NUMBER, seen, limits.warmup_candles)
    return refused(NUMBER, GateCode.INSUFFICIENT_WARMUP, seen, limits.warmup_candles)
