"""What was lost on which day: of a subscription that holds something over midnight, of fills that
come late, of positions that are left in parts."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from apps.execution.models import Balance, Position, Trade
from apps.execution.services import by_hand, days
from apps.execution.services.tickets import Ticket
from apps.risk.models import AccountRisk, CoolDown, Decision, RiskState
from tests import fakes
from tests.fakes import HOUR, MINUTE, MONDAY, World, world
from trading.gates.sources import COOL_DOWN
from trading.signals import Side

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TUESDAY = MONDAY + DAY


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return world()


def bought_on_monday(lab: World, until_midnight: str) -> World:
    """24.5098 at 102, which stands at this price at midnight; 12.5 may be lost in a day."""
    after = lab.play(*fakes.QUIET, fakes.JUMP, "102", first=MONDAY)
    fakes.write(lab.instrument, [until_midnight], after)
    fakes.write(lab.instrument, [until_midnight], TUESDAY - MINUTE)
    lab.subscription.max_daily_loss = Decimal("0.0025")
    lab.subscription.save()
    return lab


def asked_on_tuesday(lab: World, price: str) -> Decision:
    """Of another instrument, at one o'clock."""
    now = TUESDAY + HOUR
    other = fakes.instrument(lab.venue, "ETH-USD")
    lab.version.instruments.add(other)
    fakes.write(lab.instrument, [price], now - MINUTE)
    fakes.write(other, [*fakes.QUIET, fakes.JUMP], now - 5 * MINUTE)
    fakes.close(lab.venue, now)
    return Decision.objects.get(instrument=other, action="enter_long")


@pytest.mark.parametrize(
    ("monday", "tuesday", "code"),
    [
        ("101", "101", ""),  # lost on Monday
        ("101", "100.5", ""),
        ("101", "100.48", "DAILY_LOSS_LIMIT"),
        ("104", "103", "DAILY_LOSS_LIMIT"),  # of a profit
    ],
)
def test_a_subscription_has_lost_today_what_it_lost_since_midnight(
    lab: World, monday: str, tuesday: str, code: str
) -> None:
    bought_on_monday(lab, monday)

    assert asked_on_tuesday(lab, tuesday).code == code

    held = Position.objects.get(instrument=lab.instrument)
    row = RiskState.objects.get(subscription=lab.subscription)
    assert row.day == TUESDAY.date()
    assert row.open_at_midnight == held.quantity * Decimal(monday) - held.cost


def test_a_fill_that_comes_after_midnight_has_begun_is_of_the_day_before(lab: World) -> None:
    """The stop was met at 98 on Monday, and the price came back before midnight. Somebody asked
    for another instrument before the candles of Monday had come."""
    after = lab.play(*fakes.QUIET, fakes.JUMP, "102", first=MONDAY)
    last = TUESDAY - 10 * MINUTE
    fakes.write(lab.instrument, ["102"], after)
    fakes.write(lab.instrument, [("100", "100", "90", "95"), *["115"] * 14], last)
    now = TUESDAY + 5 * MINUTE
    with transaction.atomic():
        days.begin([lab.account.pk], now)

    fakes.close(lab.venue, now)

    trade, row = Trade.objects.get(), AccountRisk.objects.get()
    assert trade.closed_at < TUESDAY
    assert row.day == TUESDAY.date()
    assert row.start_of_day_equity == Balance.objects.get().cash == fakes.DEPOSIT + trade.pnl
    assert row.start_of_week_equity == fakes.DEPOSIT
    state = RiskState.objects.get()
    assert (state.day, state.realised_pnl, state.open_at_midnight) == (TUESDAY.date(), 0, 0)
    assert (row.lost_today, row.consecutive_losses) == (0, 1)


def test_an_entry_of_sunday_that_is_known_on_monday_is_in_both_equities(lab: World) -> None:
    lab.play(*fakes.QUIET, fakes.JUMP, first=MONDAY)
    monday = MONDAY + 7 * DAY
    now = monday + 5 * MINUTE
    fakes.write(lab.instrument, ["102"], MONDAY + 5 * MINUTE)
    fakes.write(lab.instrument, ["103"], monday - MINUTE)
    with transaction.atomic():
        days.begin([lab.account.pk], now)

    fakes.close(lab.venue, now)

    held, row = Position.objects.get(), AccountRisk.objects.get()
    assert held.opened_at == MONDAY + 5 * MINUTE
    worth = fakes.DEPOSIT - held.cost - held.fees + held.quantity * 103
    assert row.start_of_day_equity == row.start_of_week_equity == worth
    assert RiskState.objects.get().open_at_midnight == held.quantity * 103 - held.cost


def test_who_keeps_a_crumb_has_lost_and_waits_all_the_same(lab: World) -> None:
    after = lab.play(*fakes.QUIET, first=MONDAY)
    by_hand.place(Ticket(lab.account, lab.instrument, Side.BUY, Decimal(25)), key="in")
    after = lab.play("100", "80", first=after)
    by_hand.place(Ticket(lab.account, lab.instrument, Side.SELL, Decimal(20)), key="out")
    after = lab.play("80", first=after)

    row = AccountRisk.objects.get()
    held = Position.objects.get()
    assert held.quantity == 5
    assert row.lost_today == 400 + held.fees
    assert row.consecutive_losses == 0
    assert CoolDown.objects.get().until == after - MINUTE + COOL_DOWN

    by_hand.place(Ticket(lab.account, lab.instrument, Side.SELL, Decimal("4.9999")), key="more")
    lab.play("80", first=after)

    row = AccountRisk.objects.get()
    held = Position.objects.get()
    assert held.quantity == Decimal("0.0001")  # worth less than the venue takes
    assert row.consecutive_losses == 1
    assert row.lost_today == 20 * Decimal("24.9999") + held.fees
