from trading.gates.codes import GateCode
from trading.gates.values import (
    Intent,
    Limits,
    Snapshot,
    Verdict,
    known,
    moment,
    passed,
    refused,
    unknown,
)

NUMBER = 35


def cool_down_is_over(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """At the moment at which it ends it passes."""
    until = known(NUMBER, "cool_down_until", snapshot.risk.instrument.cool_down_until)
    if isinstance(until, Verdict):
        return until
    now = known(NUMBER, "now", snapshot.risk.market.now)
    if isinstance(now, Verdict):
        return unknown(NUMBER, "now")
    if now >= until:
        return passed(NUMBER, "over")
    return refused(NUMBER, GateCode.COOLDOWN_ACTIVE, moment(now), moment(until))
