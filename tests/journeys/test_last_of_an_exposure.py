"""Whatever is left of an exposure is spent once, whoever comes for it at the same moment: a
strategy by the fan-out, its owner by a ticket, or two tickets.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pytest
from django.db import connection

from apps.accounts.models import User
from apps.brokers.models import BrokerAccount, Venue
from apps.execution.models import Order, Position
from apps.execution.services import by_hand, fan_out
from apps.execution.services.by_hand import Receipt
from apps.execution.services.tickets import Ticket
from apps.market.models import Instrument, MarketClock
from apps.risk.models import Decision
from apps.strategies import services as strategies
from apps.strategies.models import Signal, StrategyVersion
from tests import fakes
from tests.fakes import JUMP, MONDAY, QUIET
from trading.candles import Timeframe
from trading.signals import Side

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("conserved")]

PEOPLE = 6
HELD = Decimal(30)
WORTH = Decimal(860)
# 97,000 in cash and 25,800 held: of what moves together a quarter, 30,700, may be held.
MOST = Decimal(30_700)
TYPED = Decimal(3_000)


@dataclass(frozen=True)
class Desk:
    """Each person holds ETH that has risen, and has room for one order more, not for two."""

    venue: Venue
    followed: Instrument
    typed: Instrument
    other: Instrument
    version: StrategyVersion
    accounts: dict[User, BrokerAccount]
    now: datetime

    def ticket(self, person: User, instrument: Instrument) -> Ticket:
        return Ticket(self.accounts[person], instrument, Side.BUY, notional=TYPED)


@pytest.fixture
def desk() -> Desk:
    at = fakes.venue()
    fakes.keep_own_time(at)
    held, followed, typed, other = (
        fakes.instrument(at, symbol) for symbol in ("ETH-USD", "BTC-USD", "LTC-USD", "XRP-USD")
    )
    version = fakes.version([followed], capital=Decimal(20_000))
    people = [fakes.user(f"person{number}") for number in range(PEOPLE)]
    accounts = {person: fakes.account(person, at) for person in people}
    for account in accounts.values():
        fakes.subscribe(account.user, version, account)
    everything = (held, followed, typed, other)
    now = MONDAY
    for price in QUIET[:3]:
        now = _play(at, dict.fromkeys(everything, price), now)
    for account in accounts.values():
        bought = by_hand.place(Ticket(account, held, Side.BUY, HELD), key="held")
        assert bought.decision.outcome == "ordered"
    now = _play(at, dict.fromkeys(everything, "100"), now)
    risen = {**dict.fromkeys(everything, "100"), held: str(WORTH)}
    now = _play(at, risen, now)
    assert Position.objects.filter(quantity=HELD).count() == PEOPLE
    return Desk(at, followed, typed, other, version, accounts, now)


def test_a_strategy_and_a_ticket_cannot_both_spend_the_last_of_an_exposure(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fan_out, "CHUNK", 1)  # a transaction for each person
    moment = fakes.write(desk.followed, [JUMP], desk.now)
    fakes.write(desk.typed, ["100"], desk.now)
    MarketClock.objects.update(now=moment)
    ids = [desk.followed.pk]
    strategies.look_and_record(desk.venue.code, Timeframe.M1, moment, ids, still_holding={})
    assert Signal.objects.filter(source="run", action="enter_long").count() == 1

    _at_once(
        lambda: fan_out.fan_out(desk.version.pk, moment),
        *(lambda one=person: _buy(desk, one, desk.typed) for person in desk.accounts),
    )

    for account in desk.accounts.values():
        decided = Decision.objects.filter(account=account).exclude(instrument__symbol="ETH-USD")
        outcomes = dict(decided.values_list("signal__source", "outcome"))
        assert sorted(outcomes) == ["manual", "run"]
        assert sorted(outcomes.values()) == ["denied", "ordered"], decided.values("code")
        _assert_within(account)
    refused = Decision.objects.filter(outcome="denied").values_list("signal__source", "code")
    assert set(refused) <= {("manual", "SIZE_ABOVE_CAP"), ("run", "NOTIONAL_BELOW_MINIMUM")}


def test_two_tickets_cannot_both_spend_the_last_of_an_exposure(desk: Desk) -> None:
    _at_once(
        *(
            lambda one=person, of=instrument: _buy(desk, one, of)
            for person in desk.accounts
            for instrument in (desk.typed, desk.other)
        )
    )

    for account in desk.accounts.values():
        tickets = Decision.objects.filter(account=account, instrument__in=[desk.typed, desk.other])
        assert sorted(tickets.values_list("outcome", "code")) == [
            ("denied", "SIZE_ABOVE_CAP"), ("ordered", ""),
        ]  # fmt: skip
        (above,) = (
            row for row in tickets.get(outcome="denied").verdicts if row[2] == "SIZE_ABOVE_CAP"
        )
        assert above[5] == "CORRELATED:platform"
        _assert_within(account)


def test_the_same_key_at_once_is_one_order(desk: Desk) -> None:
    person = next(iter(desk.accounts))
    receipts: list[Receipt] = []
    same = desk.ticket(person, desk.typed)
    _at_once(*[lambda: receipts.append(by_hand.place(same, key="tap"))] * 6)

    assert len({receipt.decision.pk for receipt in receipts}) == 1
    assert sorted(receipt.is_new for receipt in receipts) == [False] * 5 + [True]
    assert Order.objects.filter(instrument=desk.typed).count() == 1


def _buy(desk: Desk, person: User, instrument: Instrument) -> None:
    by_hand.place(desk.ticket(person, instrument), key=instrument.symbol)


def _assert_within(account: BrokerAccount) -> None:
    entries = Order.objects.filter(account=account, status="pending") | Order.objects.filter(
        account=account, status="accepted", leg="entry"
    )
    prices = entries.values_list("quantity", "decision__reference_price")
    worth = sum((quantity * price for quantity, price in prices), HELD * WORTH)
    assert HELD * WORTH < worth <= MOST


def _play(at: Venue, prices: dict[Instrument, str], first: datetime) -> datetime:
    moment = max(fakes.write(of, [price], first) for of, price in prices.items())
    fakes.close(at, moment)
    return moment


def _at_once(*works: Callable[[], object]) -> None:
    """Each in a thread and on a connection of its own, let go at the same moment."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            barrier.wait()
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        for ended in [threads.submit(run, work) for work in works]:
            ended.result()
