from apps.risk.services.accounts import (
    AccountState,
    Closed,
    account_states,
    add_trades,
    cool_down,
    states_of_people,
    write_account_states,
)
from apps.risk.services.days import add_realised, ensure_risk_states
from apps.risk.services.deciding import Judged, record_decisions
from apps.risk.services.switches import Origin, expire, reset, reset_one, trip

__all__ = [
    "AccountState",
    "Closed",
    "Judged",
    "Origin",
    "account_states",
    "add_realised",
    "add_trades",
    "cool_down",
    "ensure_risk_states",
    "expire",
    "record_decisions",
    "reset",
    "reset_one",
    "states_of_people",
    "trip",
    "write_account_states",
]
