"""Whoever has the longest email address there may be acts as everybody else."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import models
from django.test import Client

from apps.accounts.models import User
from apps.common.fields import LONGEST_NAME, LONGEST_REASON
from apps.execution.models import Exit, Position
from apps.risk.models import KillSwitch
from apps.subscriptions import services as plans
from apps.subscriptions.models import Plan, Subscription
from tests import fakes
from tests.fakes import JUMP, MONDAY, QUIET, World, world

pytestmark = pytest.mark.django_db

LONG = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.org"
WHY = "w" * LONGEST_REASON


@pytest.fixture
def lab() -> World:
    lab = world()
    lab.alice.email = LONG
    lab.alice.save()
    return lab


@pytest.fixture
def staff() -> User:
    olga = fakes.user("olga", is_staff=True)
    olga.email = LONG
    olga.save()
    olga.user_permissions.set(Permission.objects.all())
    return olga


def test_every_column_for_a_persons_name_takes_an_email_address() -> None:
    columns = [
        column
        for model in apps.get_models()
        for column in model._meta.get_fields()
        if isinstance(column, models.CharField)
        and (column.name == "by" or column.name.endswith("_by"))
        and column.name != "sized_down_by"  # the name of a cap
    ]

    assert len(LONG) == LONGEST_NAME == User._meta.get_field("email").max_length
    assert len(columns) == 5
    assert all((column.max_length or 0) >= LONGEST_NAME for column in columns)


def test_the_red_button_stops(client: Client, lab: World) -> None:
    client.force_login(lab.alice)

    client.post("/stop/", {"reason": WHY, "confirm": "STOP"})

    switch = KillSwitch.objects.get(reset_at=None)
    assert (switch.tripped_by, switch.reason) == (LONG, WHY)


def test_a_position_is_closed(client: Client, lab: World) -> None:
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    client.force_login(lab.alice)

    client.post(f"/positions/{Position.objects.get().pk}/", {"confirm": "BTC-USD"})

    assert Exit.objects.get().by == LONG


def test_staff_trip_and_reset(client: Client, staff: User) -> None:
    client.force_login(staff)
    said = {"scope": "platform", "state": "2", "reason": WHY, "confirm": "platform"}
    client.post("/admin/risk/killswitch/add/", said)
    switch = KillSwitch.objects.get()
    act = {"action": "reset", "_selected_action": str(switch.pk), "confirm": "RESET", "reason": WHY}
    client.post("/admin/risk/killswitch/", act)

    switch.refresh_from_db()
    assert (switch.tripped_by, switch.reset_by, switch.reset_reason) == (LONG, LONG, WHY)


def test_staff_close_positions_and_their_whole_reason_is_kept(client: Client, staff: User) -> None:
    world().play(*QUIET, JUMP, "102.5", first=MONDAY)
    client.force_login(staff)
    said = {"scope": "platform", "reason": WHY, "confirm": "platform"}

    client.post("/admin/execution/position/flatten/", said)

    assert Exit.objects.get().by == f"{LONG}: {WHY}"


def test_staff_give_a_plan(client: Client, staff: User) -> None:
    plans.publish()
    client.force_login(staff)
    plan = Plan.objects.filter(is_sold=True).earliest("pk")

    client.post(
        "/admin/subscriptions/subscription/add/", {"email": LONG, "plan": plan.pk, "reason": WHY}
    )

    assert Subscription.objects.get().given_by == LONG


def test_a_reason_at_the_shell_may_be_longer_than_what_is_kept() -> None:
    call_command("kill_switch", "trip", "--yes", "--timeout", "0", "--reason", WHY + "?")

    assert KillSwitch.objects.get().reason == WHY
