from trading.gates.codes import GateCode
from trading.gates.risk_facts import Mode
from trading.gates.values import (
    Intent,
    Limits,
    Snapshot,
    Verdict,
    answer,
    known,
    refused,
    unknown,
)

NUMBER = 23


def plan_allows_it(intent: Intent, snapshot: Snapshot, limits: Limits) -> Verdict:
    """Live orders need a plan that allows them; what is overdue blocks every entry."""
    access = snapshot.risk.access
    if access.is_payment_overdue is None:
        return unknown(NUMBER, "is_payment_overdue")
    if access.is_payment_overdue is True:
        return refused(NUMBER, GateCode.PAYMENT_OVERDUE, "overdue", "paid")
    mode = known(NUMBER, "mode", access.mode)
    if isinstance(mode, Verdict):
        return mode
    allows_live = known(NUMBER, "plan_allows_live", access.plan_allows_live)
    if mode is Mode.LIVE and isinstance(allows_live, Verdict):
        return allows_live
    is_forbidden = mode is Mode.LIVE and not allows_live
    return answer(NUMBER, GateCode.PLAN_FORBIDS_LIVE if is_forbidden else "", mode.value)
