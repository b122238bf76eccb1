"""What an account's loss limits are held against, as rows: begun, moved by money, kept by fills."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from apps.common.models import Mode
from apps.execution.models import Order, Position, Reservation, Trade
from apps.execution.services import by_hand, days
from apps.execution.services.accounts import open_paper_account, record_deposit
from apps.execution.services.flattening import flatten
from apps.execution.services.rooms import counts_of_people
from apps.execution.services.tickets import Ticket
from apps.market.models import MarketClock
from apps.risk.models import AccountRisk, CoolDown, Decision, LimitSet
from apps.risk.services import account_states
from apps.risk.services.limits import set_limits
from tests.fakes import (
    DEPOSIT,
    JUMP,
    MINUTE,
    MONDAY,
    QUIET,
    World,
    account,
    past,
    subscribe,
    world,
    write,
)
from trading.exits import ExitReason
from trading.gates.sources import COOL_DOWN
from trading.signals import Side

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return world()


def row(lab: World) -> AccountRisk:
    return AccountRisk.objects.get(account=lab.account)


def begin(lab: World, now: datetime) -> AccountRisk:
    with transaction.atomic():
        days.begin([lab.account.pk], now)
    return row(lab)


def refusal(decision: Decision) -> list[list[object]]:
    return [verdict for verdict in decision.verdicts if verdict[1] == 0]


def test_the_first_deposit_begins_the_account_and_is_no_profit(lab: World) -> None:
    kept = row(lab)
    assert (kept.day, kept.user, kept.mode) == (MONDAY.date(), lab.alice, "paper")
    assert kept.start_of_day_equity == kept.start_of_week_equity == kept.peak_equity == DEPOSIT


def test_another_deposit_is_no_profit_either(lab: World) -> None:
    record_deposit(lab.account, Decimal(50_000), now=MONDAY + MINUTE)
    assert row(lab).start_of_day_equity == row(lab).peak_equity == DEPOSIT + 50_000


def test_a_day_begins_with_what_the_account_was_worth_at_midnight(lab: World) -> None:
    lab.play(*QUIET, JUMP, "102", first=MONDAY)
    held = Position.objects.get()
    write(lab.instrument, ["103"], MONDAY + DAY - MINUTE)
    write(lab.instrument, ["109"], MONDAY + DAY)  # after midnight: none of its business

    kept = begin(lab, MONDAY + DAY + 5 * MINUTE)

    cash = DEPOSIT - held.cost - held.fees
    assert kept.day == (MONDAY + DAY).date()
    assert kept.start_of_day_equity == cash + held.quantity * 103
    assert kept.start_of_week_equity == DEPOSIT  # the same week
    assert kept.trades_today == 0


def test_to_begin_a_day_again_or_an_earlier_one_changes_nothing(lab: World) -> None:
    kept = begin(lab, MONDAY + DAY)
    assert begin(lab, MONDAY + DAY + MINUTE).start_of_day_equity == kept.start_of_day_equity
    assert begin(lab, MONDAY).day == kept.day
    assert AccountRisk.objects.count() == 1


def test_another_week_begins_on_monday_whenever_somebody_looks(lab: World) -> None:
    lab.play(*QUIET, JUMP, "102", first=MONDAY)
    held = Position.objects.get()
    write(lab.instrument, ["104"], MONDAY + 7 * DAY - MINUTE)
    write(lab.instrument, ["105"], MONDAY + 9 * DAY - MINUTE)

    kept = begin(lab, MONDAY + 9 * DAY + MINUTE)

    cash = DEPOSIT - held.cost - held.fees
    assert kept.start_of_week_equity == cash + held.quantity * 104
    assert kept.start_of_day_equity == cash + held.quantity * 105
    assert kept.peak_equity == kept.start_of_day_equity


def test_a_trade_counts_when_it_is_ordered_and_its_loss_when_it_is_closed(lab: World) -> None:
    after = lab.play(*QUIET, JUMP, first=MONDAY)
    assert (row(lab).trades_today, row(lab).consecutive_losses) == (1, 0)
    lab.play("102", ("102", "102", "99", "99"), first=after)

    trade = Trade.objects.get()
    assert trade.pnl < 0
    assert (row(lab).trades_today, row(lab).lost_today) == (1, -trade.pnl)
    assert row(lab).consecutive_losses == 1


def test_what_was_closed_by_hand_is_not_entered_again_so_soon(lab: World) -> None:
    after = lab.play(*QUIET, JUMP, "102", first=MONDAY)
    flatten(Position.objects.all(), ExitReason.MANUAL, by="alice")
    after = lab.play("102", "99", "98", "97", "104", first=after)

    cool = CoolDown.objects.of(lab.alice).get()
    assert (cool.account, cool.instrument) == (lab.account, lab.instrument)
    assert cool.until == Trade.objects.get().closed_at + COOL_DOWN
    again = Decision.objects.filter(action="enter_long").latest("id")
    assert (again.outcome, again.code) == ("denied", "COOLDOWN_ACTIVE")
    assert refusal(again)[0][4] == f"{cool.until:%Y-%m-%d %H:%M} UTC"


def test_what_was_sold_by_a_ticket_is_not_bought_back_by_a_strategy(lab: World) -> None:
    after = lab.play(*QUIET, first=MONDAY)
    bought = Ticket(lab.account, lab.instrument, Side.BUY, Decimal(20))
    by_hand.place(bought, key="bought")
    after = lab.play("100", first=after)
    by_hand.place(replace(bought, side=Side.SELL), key="sold")
    after = lab.play("100", JUMP, first=after)

    trade = Trade.objects.get()
    assert trade.exit_reason == "manual"
    assert CoolDown.objects.get().until == trade.closed_at + COOL_DOWN
    strategys = Decision.objects.get(subscription=lab.subscription)
    assert (strategys.outcome, strategys.code) == ("denied", "COOLDOWN_ACTIVE")
    again = by_hand.place(replace(bought, quantity=Decimal(21)), key="again")
    assert again.is_ordered  # of whoever sold it, it is no mistake


def test_a_stop_is_no_reason_to_wait(lab: World) -> None:
    lab.play(*QUIET, JUMP, "102", ("102", "102", "99", "99"), first=MONDAY)
    assert Trade.objects.get().exit_reason == "stop"
    assert not CoolDown.objects.exists()


def test_a_receipt_keeps_every_limit_with_who_set_it_and_the_same_ones_once(lab: World) -> None:
    other = account(lab.alice, lab.venue, name="Second")
    subscribe(lab.alice, lab.version, other)
    set_limits(lab.alice, Mode.PAPER, {"daily_loss": Decimal("0.01")}, now=MONDAY)
    lab.play(*QUIET, JUMP, first=MONDAY)

    first, second = Decision.objects.select_related("limits")
    kept = LimitSet.objects.get()
    assert first.limits == second.limits == kept
    assert kept.limits["daily_loss"] == ["0.01", "user"]
    assert kept.limits["most_share"] == ["0.03", "tier"]
    assert kept.limits["least_share"] == ["0.02", "hard"]
    assert kept.limits["positions"] == ["3", "plan"]
    assert kept.limits["exposure"] == ["0.8", "platform"]


def test_trades_of_the_day_are_counted_over_all_accounts_of_a_person(lab: World) -> None:
    other = account(lab.alice, lab.venue, name="Second")
    subscribe(lab.alice, lab.version, other)
    set_limits(lab.alice, Mode.PAPER, {"trades_a_day": 1}, now=MONDAY)
    AccountRisk.objects.filter(account=other).update(trades_today=1)

    lab.play(*QUIET, JUMP, first=MONDAY)

    assert set(Decision.objects.values_list("outcome", "code")) == {("denied", "DAILY_TRADES")}
    assert not Order.objects.exists()


def test_an_instrument_that_a_person_does_not_trade_is_not_entered(lab: World) -> None:
    set_limits(lab.alice, Mode.PAPER, {}, now=MONDAY, symbols=["ETH-USD"])
    lab.play(*QUIET, JUMP, first=MONDAY)
    assert Decision.objects.get().code == "SYMBOL_NOT_ALLOWED"


def test_without_a_price_nothing_is_known_and_nothing_is_entered(lab: World) -> None:
    lab.play(*QUIET, JUMP, "102", first=MONDAY)
    AccountRisk.objects.update(start_of_day_equity=None)
    Position.objects.update(quantity=0, cost=0)

    lab.play("98", "97", "104", first=MONDAY + 6 * MINUTE)

    refused = Decision.objects.filter(action="enter_long").latest("id")
    assert (refused.outcome, refused.code) == ("denied", "FACT_UNKNOWN")
    assert [verdict[3] for verdict in refusal(refused)] == ["day_pnl"]


def test_a_market_that_is_fed_needs_its_volatility_and_one_that_is_written_has_none(
    lab: World,
) -> None:
    after = lab.play(*QUIET, JUMP, first=MONDAY)
    written = Decision.objects.get()
    assert (written.outcome, told(written, 14)[1]) == ("ordered", 2)
    Order.objects.update(status="canceled")
    Reservation.objects.update(released_at=after)
    MarketClock.objects.update(feed="replay")

    after = lab.play("98", "97", "104", first=after)
    unknown = Decision.objects.filter(action="enter_long").latest("id")
    assert (unknown.outcome, unknown.code) == ("denied", "FACT_UNKNOWN")
    assert told(unknown, 14)[3] == "volatility"

    past(lab.instrument, MONDAY)
    lab.play("98", "97", "104", first=after)
    known = Decision.objects.filter(action="enter_long").latest("id")
    assert (known.outcome, told(known, 14)[1]) == ("ordered", 1)
    assert 40 < float(told(known, 14)[3]) < 60


def told(decision: Decision, gate: int) -> list[Any]:
    return next(verdict for verdict in decision.verdicts if verdict[0] == gate)


def test_the_last_trade_of_a_day_is_ordered_once_though_two_accounts_ask_at_once(
    lab: World,
) -> None:
    other = account(lab.alice, lab.venue, name="Second")
    subscribe(lab.alice, lab.version, other)
    set_limits(lab.alice, Mode.PAPER, {"trades_a_day": 1}, now=MONDAY)

    lab.play(*QUIET, JUMP, first=MONDAY)

    decided = Decision.objects.order_by("id").values_list("outcome", "code")
    assert list(decided) == [("ordered", ""), ("denied", "DAILY_TRADES")]


def test_what_was_lost_in_one_currency_is_not_added_to_another(lab: World) -> None:
    euros = open_paper_account(
        lab.alice, lab.venue, name="Euros", currency="EUR", deposit=Decimal(100), now=MONDAY
    )
    AccountRisk.objects.update(lost_today=60)

    states = account_states([lab.account.pk, euros.pk])
    counts = counts_of_people(states)

    assert [counts.lost_by(state) for state in states.values()] == [60, 60]
