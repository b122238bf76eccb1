"""What was lost on which day: of a subscription that holds something over midnight, of fills that
come late, of positions that are left in parts."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.execution.models import Position
from apps.risk.models import Decision, RiskState
from tests import fakes
from tests.fakes import HOUR, MINUTE, MONDAY, World, world

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
