"""Money into an account, and the locks under which an account's money and positions change."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TypeVar

from django.db import OperationalError
from django.db.models import F

from apps.accounts.models import User
from apps.brokers import services as brokers
from apps.brokers.models import BrokerAccount, Venue
from apps.common import db
from apps.common.errors import Refused
from apps.events import services as events
from apps.execution.models import Balance, JournalEntry, Position, Posting
from apps.execution.services import days
from trading import ledger
from trading.margin import locked

R = TypeVar("R")


@db.transaction
def open_paper_account(
    user: User, venue: Venue, *, name: str, currency: str, deposit: Decimal, now: datetime
) -> BrokerAccount:
    """A paper account with its first deposit. Raises Refused as brokers.open_account does."""
    account = brokers.open_account(user, venue, name=name, currency=currency, now=now)
    Balance.objects.create(
        user=user,
        account=account,
        mode=account.mode,
        currency=currency,
        cash=Decimal(0),
        reserved=Decimal(0),
    )
    record_deposit(account, deposit, now=now)
    return account


@db.transaction
def record_deposit(account: BrokerAccount, amount: Decimal, *, now: datetime) -> JournalEntry:
    """Money that came into the account. Raises Refused AMOUNT_NOT_POSITIVE."""
    if amount <= 0:
        raise Refused("AMOUNT_NOT_POSITIVE", "A deposit must be more than nothing.")
    lock_accounts([account.pk])
    days.record_flow(account, amount, now)
    entry = JournalEntry.objects.create(
        user_id=account.user_id,
        account=account,
        kind=JournalEntry.Kind.DEPOSIT,
        mode=account.mode,
        happened_at=now,
    )
    Posting.objects.bulk_create(
        Posting(
            user_id=account.user_id,
            entry=entry,
            account=account,
            mode=account.mode,
            ledger_account=line.account,
            currency=account.currency,
            amount=line.amount,
        )
        for line in ledger.deposit(amount)
    )
    Balance.objects.filter(account=account, currency=account.currency).update(
        cash=F("cash") + amount
    )
    events.record(
        "money.deposited", user_id=account.user_id, happened_at=now,
        account=account.pk, currency=account.currency, amount=str(amount),
    )  # fmt: skip
    return entry


def free_cash(account_ids: Iterable[int]) -> dict[int, Decimal]:
    """What each account may spend, in its own currency: what is neither set aside for entries on
    their way nor kept by its shorts. An account without a balance is left out."""
    accounts = set(account_ids)
    balances = Balance.objects.filter(
        account_id__any_of=accounts, currency=F("account__currency")
    ).values_list("account_id", F("cash") - F("reserved"))
    free: dict[int, Decimal] = dict(balances)
    shorts = Position.objects.filter(account_id__any_of=accounts, quantity__lt=0)
    for account, cost, margin in shorts.values_list(
        "account_id", "cost", "instrument__initial_margin"
    ):
        if account in free:
            free[account] -= locked(cost, margin)
    return free


@db.transaction_required
def lock_people(user_ids: Iterable[int]) -> list[int]:
    """Lock all accounts of these people, and say which: what is counted over all of them stays as
    it is read."""
    rows = BrokerAccount.objects.filter(user_id__any_of=set(user_ids)).order_by("pk")
    return list(rows.select_for_update().values_list("pk", flat=True))


@db.transaction_required
def lock_free(account_ids: Iterable[int]) -> set[int]:
    """Lock those of the accounts that nobody else is at, without waiting; which. The others are
    for later: to be waited for, or looked at in the next round."""
    rows = BrokerAccount.objects.filter(pk__any_of=set(account_ids)).order_by("pk")
    return set(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))


def free_first(
    accounts: Mapping[int, int], size: int, act: Callable[[Sequence[int]], tuple[R, Sequence[int]]]
) -> list[R]:
    """Act on all of these (their accounts, by id), so many in a transaction. `act` leaves out those
    whose account somebody else is at, and says which: they are tried again when the others are
    done. Only when nothing else is left is one of them waited for. Raises OperationalError, when
    all others are done, where that takes too long.
    """
    done, left = [], list(accounts)
    gave_up: OperationalError | None = None
    while left:
        held: list[int] = []
        for start in range(0, len(left), size):
            result, busy = act(left[start : start + size])
            done.append(result)
            held += busy
        if len(held) == len(left):
            pk = held.pop(0)
            try:
                done.append(_when_free(accounts[pk], partial(act, [pk])))
            except OperationalError as error:
                gave_up = error
        left = held
    if gave_up is not None:
        raise gave_up
    return done


@db.transaction
def _when_free(account: int, act: Callable[[], tuple[R, Sequence[int]]]) -> R:
    lock_accounts([account])
    return act()[0]


@db.transaction_required
def lock_accounts(account_ids: Iterable[int]) -> None:
    """Lock the accounts in the order of their ids: first thing, whoever changes what is theirs."""
    rows = BrokerAccount.objects.filter(pk__any_of=set(account_ids)).order_by("pk")
    list(rows.select_for_update().values_list("pk", flat=True))
