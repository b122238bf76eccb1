"""Stopping by API: one's own trading, and anything by staff."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.events.models import Event
from apps.execution.models import Order, Position
from apps.execution.services import halting
from apps.execution.services.stopping import stop_own_trading
from apps.risk import services as risk
from apps.risk.models import KillSwitch
from tests import fakes
from tests.fakes import HOUR, JUMP, MONDAY, QUIET, World, world
from trading.gates.values import TradingState

pytestmark = pytest.mark.django_db

OWN = "/api/v1/trading/emergency-stop"
ANY = "/api/v1/admin/kill-switch"


@pytest.fixture
def lab() -> World:
    return world()


def post(client: Client, path: str, **said: object) -> Any:
    return client.post(path, said, "application/json")


def staff(*rights: str) -> User:
    olga = fakes.user("olga", is_staff=True)
    olga.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return olga


def test_who_stops_stops_only_their_own(client: Client, lab: World) -> None:
    bob = fakes.user("bob")
    fakes.subscribe(bob, lab.version, fakes.account(bob, lab.venue))
    lab.play(*QUIET, JUMP, first=MONDAY)
    client.force_login(lab.alice)
    assert client.get(OWN).json()["data"]["status"] == "active"

    told = post(client, OWN, reason="too wild").json()["data"]

    assert (told["status"], told["state"]) == ("emergency_stopped", "HALTED")
    assert (told["drain"]["cancelled"], told["drain"]["is_done"]) == (1, True)
    assert told["tripped_by"] == lab.alice.email
    assert Order.objects.get(user=lab.alice).status == "canceled"
    assert Order.objects.get(user=bob).status == "accepted"
    switch = KillSwitch.objects.get()
    assert (switch.user, switch.source, switch.reason) == (lab.alice, "api", "too wild")
    client.force_login(bob)
    assert client.get(OWN).json()["data"]["status"] == "active"


def test_positions_are_closed_on_evidence_only(client: Client, lab: World) -> None:
    after = lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    client.force_login(lab.alice)

    told = post(client, OWN, reason="out", close_positions=True).json()["data"]

    assert (told["state"], told["positions_closed"]) == ("LIQUIDATING", 0)
    assert (told["drain"]["not_flat"], told["drain"]["is_done"]) == (1, False)
    assert told["drain"]["exposure"]["USD"] > 0
    lab.play("102.6", "102.7", first=after)
    told = client.get(OWN).json()["data"]
    assert (told["positions_closed"], told["drain"]["is_done"]) == (1, True)
    assert Position.objects.get().quantity == 0


def test_asked_twice_it_is_the_same_stop_and_closing_makes_it_stricter(
    client: Client, lab: World
) -> None:
    client.force_login(lab.alice)
    for _ in range(2):
        assert post(client, OWN, reason="too wild").status_code == 200
    assert KillSwitch.objects.count() == 1

    told = post(client, OWN, reason="all of it", close_positions=True).json()["data"]

    assert told["state"] == "LIQUIDATING"
    assert KillSwitch.objects.filter(reset_at=None).count() == 1


@pytest.mark.parametrize("set_by_staff", [TradingState.HALTED, TradingState.LIQUIDATING])
def test_a_persons_stop_does_not_end_when_the_one_that_staff_set_would(
    client: Client, lab: World, set_by_staff: TradingState
) -> None:
    now = timezone.now()
    staffs = halting.trip(
        by="olga", reason="a pause", now=now, state=set_by_staff, expires_at=now + HOUR,
        user=lab.alice,
    )  # fmt: skip
    client.force_login(lab.alice)

    told = post(client, OWN, reason="too wild").json()["data"]
    again = post(client, OWN, reason="too wild").json()["data"]
    risk.expire(now + 2 * HOUR)

    assert (told["state"], told["expires_at"]) == ("HALTED", None)
    assert (told["reason"], told["tripped_by"]) == ("too wild", lab.alice.email)
    assert again["tripped_at"] == told["tripped_at"]
    assert client.get(OWN).json()["data"]["status"] == "emergency_stopped"
    staffs.refresh_from_db()
    assert staffs.reset_by == "expiry"
    assert KillSwitch.objects.get(reset_at=None).expires_at is None


@pytest.mark.parametrize("first", ["staff", "alice"])
def test_a_persons_stop_and_that_of_staff_stand_side_by_side(
    client: Client, lab: World, first: str
) -> None:
    def by_staff() -> KillSwitch:
        return halting.trip(
            by="olga", reason="her address", now=MONDAY, state=TradingState.HALTED, user=lab.alice
        )

    client.force_login(lab.alice)
    staffs = by_staff() if first == "staff" else None

    told = post(client, OWN, reason="I lost my phone").json()["data"]

    assert (told["reason"], told["tripped_by"]) == ("I lost my phone", lab.alice.email)
    staffs = staffs or by_staff()
    assert Event.objects.filter(kind="kill_switch.tripped").count() == 2
    risk.reset_one(staffs, by="olga", reason="her address is fine", now=timezone.now())
    told = client.get(OWN).json()["data"]
    assert (told["status"], told["reason"]) == ("emergency_stopped", "I lost my phone")


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_once_it_is_one_stop() -> None:
    alice = fakes.user("alice")
    with ThreadPoolExecutor(4) as presses:
        made = list(presses.map(lambda _: _stop_once(alice), range(4)))

    assert len(set(made)) == 1
    assert KillSwitch.objects.count() == 1


def _stop_once(user: User) -> int:
    try:
        return stop_own_trading(
            user, reason="x", close_positions=False, source=KillSwitch.Source.API, now=MONDAY
        ).pk
    finally:
        connection.close()


@pytest.mark.parametrize("said", [{}, {"reason": " "}, {"reason": "x" * 201}])
def test_a_stop_without_a_reason_is_refused(
    client: Client, lab: World, said: dict[str, str]
) -> None:
    client.force_login(lab.alice)
    answer = post(client, OWN, **said)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert not KillSwitch.objects.exists()


def test_staff_with_the_right_stop_anything(client: Client, lab: World) -> None:
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    client.force_login(staff("trip_killswitch"))

    told = post(client, ANY, reason="odd prices", scope="venue:lab", state="REDUCING").json()
    assert told["data"]["affected_users"] == 1
    assert (told["data"]["active_positions"], told["data"]["scope"]) == (1, "venue:lab")
    answer = post(client, ANY, reason="odd prices", close_all_positions=True).json()["data"]
    assert (answer["scope"], answer["state"]) == ("platform", "LIQUIDATING")
    assert answer["drain"]["not_flat"] == 1


def test_asked_again_in_the_same_words_it_is_the_same_switch(client: Client, lab: World) -> None:
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    client.force_login(staff("trip_killswitch"))
    said = {"reason": "odd prices", "scope": "venue:lab", "close_all_positions": True}
    first = post(client, ANY, **said).json()["data"]

    again = post(client, ANY, **said).json()["data"]

    assert (again["id"], again["drain"]["not_flat"]) == (first["id"], 1)
    assert KillSwitch.objects.count() == 1
    other = post(client, ANY, **{**said, "reason": "odder"})
    assert (other.status_code, other.json()["error"]["code"]) == (400, "STATE_NOT_STRICTER")


@pytest.mark.parametrize("who", ["alice", "staff", "a reset right"])
def test_without_the_right_nothing_is_stopped(client: Client, lab: World, who: str) -> None:
    rights = {"staff": [], "a reset right": ["reset_killswitch"]}
    client.force_login(lab.alice if who == "alice" else staff(*rights[who]))
    if who == "alice":  # the right alone does not make staff of her
        lab.alice.user_permissions.set(Permission.objects.filter(codename="trip_killswitch"))

    answer = post(client, ANY, reason="mine now")

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "UNAUTHORIZED")
    assert not KillSwitch.objects.exists()


def test_what_is_not_clear_is_refused_by_its_code(client: Client, lab: World) -> None:
    client.force_login(staff("trip_killswitch"))
    risk.trip(by="olga", reason="x", now=MONDAY, venue=lab.venue)

    answer = post(client, ANY, reason="x", scope="venue:none")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "UNKNOWN_VENUE")
