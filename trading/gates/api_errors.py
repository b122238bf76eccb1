from trading.gates.bounds import Bounds
from trading.gates.codes import GateCode
from trading.gates.comparing import below
from trading.gates.risk_facts import AccountFacts
from trading.gates.values import Intent, Limits, Snapshot, Verdict

NUMBER = 22


def venue_answers(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """At the limit of errors within the window it refuses; a success does not hide them."""
    return errors(snapshot.risk.account, limits.bounds)


def errors(account: AccountFacts, bounds: Bounds) -> Verdict:
    """Asked at every close as well, when nothing is ordered."""
    name, told = "api_errors", account.api_errors
    return below(NUMBER, GateCode.API_ERRORS, name, told, bounds.api_errors)
