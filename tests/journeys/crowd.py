"""Many subscribers with mixed limits on two versions of one strategy and two instruments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.accounts.models import User
from apps.brokers.models import BrokerAccount, Venue
from apps.common import db
from apps.common.models import Mode
from apps.execution.models import Balance, JournalEntry, Posting
from apps.market.models import Instrument
from apps.risk import services as risk
from apps.strategies.models import StrategySubscription, StrategyVersion
from tests import fakes
from trading import ledger

GROUPS = (
    "plain", "one_position", "poor", "small_capital", "paused", "pausing", "narrowed",
    "wrong_currency", "lost_today", "shared_cash",
)  # fmt: skip
# Each subscription may use 5,000: what is shared is enough for one of them and a part of the other.
DEPOSITS = {"poor": Decimal("0.5"), "shared_cash": Decimal(6000)}
DEPOSIT = fakes.DEPOSIT
LOST = Decimal(-250)  # 5 % of 5,000: what a day may cost at most


@dataclass(frozen=True)
class Crowd:
    """`members` are the subscriptions to `first`, by group. `rivals` are subscriptions to `second`
    on the accounts of the group that shares its cash.
    """

    venue: Venue
    instruments: Sequence[Instrument]
    first: StrategyVersion
    second: StrategyVersion
    members: Mapping[str, Sequence[StrategySubscription]]
    rivals: Sequence[StrategySubscription]

    def ids(self, *groups: str) -> list[int]:
        return [member.pk for group in groups for member in self.members[group]]

    def write(self, prices: Sequence[fakes.Prices], first: datetime) -> datetime:
        """The same candles for both instruments; the close time of the last."""
        return max(fakes.write(instrument, prices, first) for instrument in self.instruments)

    def play(self, *prices: fakes.Prices, first: datetime) -> datetime:
        """Write candles and close them one after the other; the time of the last close."""
        moment = first
        for price in prices:
            moment = self.write([price], moment)
            fakes.close(self.venue, moment)
        return moment


def gather(count: int, *, venue: str = "lab", number: str = "1") -> Crowd:
    """`count` people, a tenth in each group; the same crowd at every venue."""
    at = fakes.venue(venue)
    instruments = [fakes.instrument(at, symbol) for symbol in ("BTC-USD", "ETH-USD")]
    first = fakes.version(instruments, f"{number}.0.0")
    second = fakes.version(instruments, f"{number}.1.0")
    groups = [GROUPS[index % len(GROUPS)] for index in range(count)]
    accounts = _accounts(at, groups)
    subscribed = StrategySubscription.objects.bulk_create(
        StrategySubscription(
            user_id=account.user_id,
            version=first,
            account=account,
            mode=account.mode,
            **_settings(group, instruments),
        )
        for account, group in zip(accounts, groups, strict=True)
    )
    members = {
        name: [one for one, group in zip(subscribed, groups, strict=True) if group == name]
        for name in GROUPS
    }
    rivals = StrategySubscription.objects.bulk_create(
        StrategySubscription(
            user_id=one.user_id, version=second, account_id=one.account_id, mode=one.mode
        )
        for one in members["shared_cash"]
    )
    _lose([one.pk for one in members["lost_today"]])
    return Crowd(at, instruments, first, second, members, rivals)


def _accounts(at: Venue, groups: Sequence[str]) -> list[BrokerAccount]:
    """One account each, with its first deposit, as the services would leave them one by one."""
    users = User.objects.bulk_create(
        User(email=f"{at.code}-{index}@example.com", password="!") for index in range(len(groups))
    )
    accounts = BrokerAccount.objects.bulk_create(
        BrokerAccount(
            user=owner,
            venue=at,
            name="Paper",
            mode=Mode.PAPER,
            currency="EUR" if group == "wrong_currency" else "USD",
            paper_slippage_bps=0,
        )
        for owner, group in zip(users, groups, strict=True)
    )
    deposits = [DEPOSITS.get(group, DEPOSIT) for group in groups]
    _deposit(list(zip(accounts, deposits, strict=True)))
    return accounts


def _deposit(deposits: Iterable[tuple[BrokerAccount, Decimal]]) -> None:
    of_account: dict[int, Any] = {
        account.pk: {"user_id": account.user_id, "account": account, "mode": account.mode}
        for account, _ in deposits
    }
    Balance.objects.bulk_create(
        Balance(**of_account[account.pk], currency=account.currency, cash=amount, reserved=0)
        for account, amount in deposits
    )
    entries = JournalEntry.objects.bulk_create(
        JournalEntry(
            **of_account[account.pk], kind=JournalEntry.Kind.DEPOSIT, happened_at=fakes.MONDAY
        )
        for account, _ in deposits
    )
    Posting.objects.bulk_create(
        Posting(
            **of_account[account.pk],
            entry=entry,
            ledger_account=line.account,
            currency=account.currency,
            amount=line.amount,
        )
        for (account, amount), entry in zip(deposits, entries, strict=True)
        for line in ledger.deposit(amount)
    )


def _settings(group: str, instruments: Sequence[Instrument]) -> dict[str, Any]:
    settings: dict[str, dict[str, Any]] = {
        "one_position": {"max_positions": 1},
        "small_capital": {"capital": Decimal(1)},
        "paused": {"is_paused": True},
        "narrowed": {"instrument_ids": [instruments[0].pk]},
    }
    return settings.get(group, {})


@db.transaction
def _lose(subscription_ids: Sequence[int]) -> None:
    day = fakes.MONDAY.date()
    risk.ensure_risk_states(subscription_ids, day)
    risk.add_realised(dict.fromkeys(subscription_ids, LOST), day)
