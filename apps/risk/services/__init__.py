from apps.risk.services.accounts import (
    AccountState,
    Closed,
    account_states,
    cool_down,
    record_venue_error,
    states_of_people,
    write_account_states,
)
from apps.risk.services.automatic import (
    Found,
    calming,
    clear_calm,
    found_again,
    found_in,
    trip_found,
)
from apps.risk.services.days import add_open, add_realised, ensure_risk_states
from apps.risk.services.deciding import (
    Judged,
    Undecided,
    as_decision,
    kept_again,
    record_decisions,
    record_undecided,
)
from apps.risk.services.switches import expire, reset, reset_one, trip

__all__ = [
    "AccountState",
    "Closed",
    "Found",
    "Judged",
    "Undecided",
    "account_states",
    "add_open",
    "add_realised",
    "as_decision",
    "calming",
    "clear_calm",
    "cool_down",
    "ensure_risk_states",
    "expire",
    "found_again",
    "found_in",
    "kept_again",
    "record_decisions",
    "record_undecided",
    "record_venue_error",
    "reset",
    "reset_one",
    "states_of_people",
    "trip",
    "trip_found",
    "write_account_states",
]
