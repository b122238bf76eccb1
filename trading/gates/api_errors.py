from trading.gates.codes import GateCode
from trading.gates.comparing import below
from trading.gates.values import Intent, Limits, Snapshot, Verdict

NUMBER = 22


def venue_answers(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """At the limit of errors within the window it refuses; a success does not hide them."""
    errors, bound = snapshot.risk.account.api_errors, limits.bounds.api_errors
    return below(NUMBER, GateCode.API_ERRORS, "api_errors", errors, bound)
