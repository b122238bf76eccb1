from apps.risk.services.days import add_realised, ensure_risk_states
from apps.risk.services.deciding import Case, Judged, decide, record_decisions
from apps.risk.services.switches import reset, trip

__all__ = [
    "Case",
    "Judged",
    "add_realised",
    "decide",
    "ensure_risk_states",
    "record_decisions",
    "reset",
    "trip",
]
