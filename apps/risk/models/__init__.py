from apps.risk.models.decisions import Decision
from apps.risk.models.limits import LimitSet, RiskLimits
from apps.risk.models.states import AccountRisk, CoolDown, RiskState
from apps.risk.models.switches import TARGETS, KillSwitch

__all__ = [
    "TARGETS",
    "AccountRisk",
    "CoolDown",
    "Decision",
    "KillSwitch",
    "LimitSet",
    "RiskLimits",
    "RiskState",
]
