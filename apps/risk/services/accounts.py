"""How accounts stand against their loss limits, read and written by the thousand."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

from apps.brokers.models import BrokerAccount
from apps.common import bulk, db
from apps.risk.models import AccountRisk, CoolDown, VenueError
from apps.risk.selectors import venue_errors
from trading.account_days import AccountDay
from trading.gates.sources import COOL_DOWN

COLUMNS = (
    "day", "start_of_day_equity", "start_of_week_equity", "peak_equity", "trades_today",
    "lost_today", "consecutive_losses", "measured_equity",
)  # fmt: skip


class AccountState(NamedTuple):
    """`id` is None until it is written."""

    id: int | None
    user_id: int
    account_id: int
    mode: str
    currency: str
    today: AccountDay

    def values(self) -> tuple[object, ...]:
        return tuple(getattr(self.today, name) for name in COLUMNS)


def account_states(account_ids: Iterable[int]) -> dict[int, AccountState]:
    """By account; one that has none yet is absent."""
    return _states(AccountRisk.objects.filter(account_id__any_of=set(account_ids)))


def states_of_people(user_ids: Iterable[int]) -> dict[int, AccountState]:
    """Of all their accounts, by account."""
    return _states(AccountRisk.objects.filter(user_id__any_of=set(user_ids)))


def _states(rows: "QuerySet[AccountRisk]") -> dict[int, AccountState]:
    return {
        account: AccountState(pk, user, account, mode, currency, AccountDay(*values))
        for pk, user, account, mode, currency, *values in rows.values_list(
            "id", "user_id", "account_id", "mode", "account__currency", *COLUMNS
        )
    }


@db.transaction_required
def write_account_states(states: Iterable[AccountState]) -> None:
    """Insert the new ones, update the others. The caller holds the locks of the accounts."""
    fresh, changed = [], []
    for state in states:
        if state.id is None:
            fresh.append((state.user_id, state.account_id, state.mode, *state.values()))
        else:
            changed.append((state.id, *state.values()))
    bulk.copy_rows(AccountRisk, ("user_id", "account_id", "mode", *COLUMNS), fresh)
    bulk.update_rows(AccountRisk, COLUMNS, changed)


@db.transaction
def record_venue_error(account: BrokerAccount, *, code: str, at: datetime) -> int:
    """How many its person has had in the window, with this one."""
    VenueError.objects.create(
        user_id=account.user_id, account=account, mode=account.mode, code=code[:64], happened_at=at
    )
    return venue_errors([account.user_id], at).get(account.user_id, 0)


class Closed(NamedTuple):
    """A position that somebody closed by hand, or a part of it."""

    user_id: int
    account_id: int
    instrument_id: int
    mode: str


@db.transaction_required
def cool_down(closed: Mapping[Closed, datetime]) -> None:
    """Nothing is entered in the same instrument until COOL_DOWN after these moments."""
    CoolDown.objects.bulk_create(
        [CoolDown(**one._asdict(), until=at + COOL_DOWN) for one, at in closed.items()],
        update_conflicts=True,
        unique_fields=["account", "instrument"],
        update_fields=["until"],
    )
