from apps.risk.services.days import add_realised, ensure_risk_states
from apps.risk.services.deciding import Judged, record_decisions
from apps.risk.services.switches import Origin, expire, reset, reset_one, trip

__all__ = [
    "Judged",
    "Origin",
    "add_realised",
    "ensure_risk_states",
    "expire",
    "record_decisions",
    "reset",
    "reset_one",
    "trip",
]
