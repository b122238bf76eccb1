from apps.risk.services.days import add_realised, ensure_risk_states
from apps.risk.services.deciding import Judged, record_decisions
from apps.risk.services.switches import reset, trip

__all__ = [
    "Judged",
    "add_realised",
    "ensure_risk_states",
    "record_decisions",
    "reset",
    "trip",
]
