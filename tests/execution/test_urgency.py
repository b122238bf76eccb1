"""Whose entries leave first where many wait at once."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from django.db.models import F

from apps.execution.models import Order
from apps.execution.services import fan_out, orders, urgency
from apps.strategies import services as strategies
from apps.subscriptions import services as plans
from apps.subscriptions.models import Plan
from tests import fakes
from tests.fakes import JUMP, MONDAY, QUIET, World, world
from trading.candles import Timeframe

pytestmark = pytest.mark.django_db
PLANS = {
    "carol": ("multi_asset_income", "1000"), "dave": ("multi_asset_baller", "100000"),
    "erin": ("pro", "100000"),
}  # fmt: skip


@pytest.fixture
def waiting() -> datetime:
    """One entry each, undone by nobody: Alice's, who has no plan, and those of PLANS; the time."""
    plans.publish()
    lab = world()
    for name, (code, deposit) in PLANS.items():
        _follow(lab, name, code, deposit)
    lab.play(*QUIET, first=MONDAY)
    moment = fakes.write(lab.instrument, [JUMP], MONDAY + len(QUIET) * timedelta(minutes=1))
    ids = [lab.instrument.pk]
    strategies.look_and_record(lab.venue.code, Timeframe.M1, moment, ids, still_holding={})
    fan_out.fan_out(lab.version.pk, moment)
    return moment


def test_entries_leave_by_the_priority_of_plans(
    waiting: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "CHUNK", 1)

    orders.submit_pending("lab", waiting)

    assert _names(Order.objects.order_by("submitted_at")) == ["dave", "carol", "alice", "erin"]


def test_who_has_waited_for_long_enough_is_not_passed_by_any(waiting: datetime) -> None:
    aged = Order.objects.filter(user__email__startswith="erin")
    aged.update(created_at=F("created_at") - 4 * urgency.AGED_AFTER)

    ids = urgency.by_urgency(Order.objects.all(), Order.objects.latest("created_at").created_at)

    by_id = Order.objects.in_bulk(ids)
    assert _names(by_id[pk] for pk in ids) == ["erin", "dave", "carol", "alice"]


def _follow(lab: World, name: str, plan: str, deposit: str) -> None:
    person = fakes.user(name)
    plans.give(person, Plan.objects.get(code=plan), now=MONDAY, by="olga", reason="a test")
    fakes.subscribe(person, lab.version, fakes.account(person, lab.venue, deposit))


def _names(found: Iterable[Order]) -> list[str]:
    return [order.user.email.split("@")[0] for order in found]
