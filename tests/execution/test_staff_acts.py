"""What staff may do to rows: never without a reason, a right, and a trail."""

from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils.text import capfirst

from apps.accounts.models import User
from apps.events.models import Event
from apps.execution.models import Exit, Order, Position
from apps.execution.selectors import holes
from apps.execution.services import halting
from apps.risk import services as risk
from apps.risk.models import KillSwitch
from apps.strategies.models import Run, StrategySubscription
from tests.execution.undoing import undo_last_decision
from tests.fakes import JUMP, MONDAY, QUIET, World, user, world
from trading.gates.values import TradingState

pytestmark = pytest.mark.django_db

SUBSCRIPTIONS = "/admin/strategies/strategysubscription/"
SWITCHES = "/admin/risk/killswitch/"
RUNS = "/admin/strategies/run/"
REASON = "the customer asked for it"
ALL_MAY_LOOK = ("view_strategysubscription", "view_killswitch", "view_run", "view_logentry")
Olga = Callable[..., User]


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    return world()


@pytest.fixture
def olga(client: Client) -> Olga:
    """Staff who may look at everything, and do what is named."""

    def sign_in(*rights: str) -> User:
        staff = user("olga", is_staff=True)
        wanted = Permission.objects.filter(codename__in=(*ALL_MAY_LOOK, *rights))
        assert wanted.count() == len(ALL_MAY_LOOK) + len(rights)
        staff.user_permissions.set(wanted)
        client.force_login(staff)
        return staff

    return sign_in


def _act(client: Client, url: str, name: str, pk: int | str, reason: str | None = REASON) -> str:
    said = {"action": name, "_selected_action": str(pk), "confirm": "RESET"}
    if reason is not None:
        said["reason"] = reason
    return client.post(url, said, follow=True).content.decode()


def _trail() -> list[str]:
    return list(LogEntry.objects.order_by("id").values_list("change_message", flat=True))


def test_a_subscription_is_paused_and_resumed_with_a_reason_and_a_trail(
    client: Client, lab: World, olga: Olga
) -> None:
    staff = olga("change_strategysubscription")

    _act(client, SUBSCRIPTIONS, "pause", lab.subscription.pk)
    lab.subscription.refresh_from_db()
    assert lab.subscription.is_paused
    _act(client, SUBSCRIPTIONS, "resume", lab.subscription.pk)
    lab.subscription.refresh_from_db()
    assert not lab.subscription.is_paused

    entry = LogEntry.objects.earliest("id")
    assert (entry.user, entry.object_id) == (staff, str(lab.subscription.pk))
    assert REASON in _trail()[0]
    assert _trail()[1].startswith("Paused")
    told = Event.objects.filter(kind__in=["subscription.paused", "subscription.resumed"])
    assert [event.payload["by"] for event in told] == [staff.pk, staff.pk]


@pytest.mark.parametrize("reason", [None, "", "   "])
def test_without_a_reason_it_is_asked_for_and_nothing_happens(
    client: Client, lab: World, olga: Olga, reason: str | None
) -> None:
    olga("change_strategysubscription")

    page = _act(client, SUBSCRIPTIONS, "pause", lab.subscription.pk, reason)

    assert '<textarea name="reason"' in page
    assert ("REASON_MISSING" in page) is (reason is not None)
    lab.subscription.refresh_from_db()
    assert not lab.subscription.is_paused
    assert _trail() == []


def test_what_cannot_be_done_is_refused_by_its_code_and_kept(
    client: Client, lab: World, olga: Olga
) -> None:
    olga("change_strategysubscription")

    assert "NOT_PAUSED" in _act(client, SUBSCRIPTIONS, "resume", lab.subscription.pk)
    assert [REASON in _trail()[0], _trail()[1].split(":")[0]] == [True, "NOT_PAUSED"]


def test_staff_without_the_right_do_none_of_it(client: Client, lab: World, olga: Olga) -> None:
    olga("trip_killswitch")
    page = client.get(SUBSCRIPTIONS).content.decode()
    assert "Pause the selected" not in page
    client.post(
        f"{SWITCHES}add/",
        {"scope": "platform", "state": "2", "reason": REASON, "confirm": "platform"},
    )
    switch = KillSwitch.objects.get()

    _act(client, SUBSCRIPTIONS, "pause", lab.subscription.pk)
    _act(client, SWITCHES, "reset", switch.pk)  # tripping is less than resetting
    lab.play(*QUIET, JUMP, first=MONDAY)
    _act(client, RUNS, "redrive", Run.objects.exclude(expected=0).get().pk)

    assert not StrategySubscription.objects.get().is_paused
    assert KillSwitch.objects.filter(reset_at=None).exists()
    assert not Event.objects.filter(kind="run.reopened").exists()
    assert _trail() == []


def test_a_switch_is_not_tripped_by_staff_without_the_right(client: Client, olga: Olga) -> None:
    olga("reset_killswitch")
    said = {"scope": "platform", "state": "2", "reason": REASON, "confirm": "platform"}

    assert client.post(f"{SWITCHES}add/", said).status_code == 403
    assert client.get(f"{SWITCHES}add/").status_code == 403
    assert not KillSwitch.objects.exists()


def test_a_switch_is_tripped_and_reset_with_reasons(client: Client, lab: World, olga: Olga) -> None:
    staff = olga("trip_killswitch", "reset_killswitch")
    said = {
        "scope": "user", "name": lab.alice.email, "state": "2", "reason": REASON,
        "confirm": lab.alice.email,
    }  # fmt: skip

    page = client.post(f"{SWITCHES}add/", said, follow=True).content.decode()

    switch = KillSwitch.objects.get()
    assert "HALTED" in page
    assert (switch.user, switch.tripped_by, switch.reason) == (lab.alice, staff.email, REASON)
    assert Event.objects.get(kind="kill_switch.tripped").payload["switch"] == switch.pk
    _act(client, SWITCHES, "reset", switch.pk)
    switch.refresh_from_db()
    assert (switch.reset_by, switch.reset_reason) == (staff.email, REASON)
    assert "NOT_TRIPPED" in _act(client, SWITCHES, "reset", switch.pk)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"scope": "user", "name": "no@x.com", "confirm": "no@x.com"}, "UNKNOWN_USER"),
        ({"scope": "strategy", "name": "none", "confirm": "none"}, "UNKNOWN_STRATEGY"),
        ({"scope": "platform", "reason": " "}, "REASON_MISSING"),
        ({"scope": "platform", "confirm": "plat"}, "CONFIRMATION_MISSING"),
        ({"scope": "platform"}, "CONFIRMATION_MISSING"),
    ],
)
def test_a_trip_that_is_not_clear_is_refused_by_its_code(
    client: Client, lab: World, olga: Olga, said: dict[str, str], code: str
) -> None:
    olga("trip_killswitch")
    page = client.post(f"{SWITCHES}add/", {"state": "2", "reason": REASON, **said})

    assert code in page.content.decode()
    assert not KillSwitch.objects.exists()


def test_a_reset_that_is_not_confirmed_is_asked_about_again(
    client: Client, lab: World, olga: Olga
) -> None:
    olga("reset_killswitch")
    switch = risk.trip(by="shell:test", reason="drill", now=MONDAY)
    said = {"action": "reset", "_selected_action": str(switch.pk), "reason": REASON}

    page = client.post(SWITCHES, {**said, "confirm": "yes"}).content.decode()

    assert "CONFIRMATION_MISSING" in page
    assert KillSwitch.objects.filter(reset_at=None).exists()


def test_each_of_two_switches_is_named_when_both_are_to_be_reset(
    client: Client, lab: World, olga: Olga
) -> None:
    olga("reset_killswitch")
    bob = user("bob")
    switches = [risk.trip(by="x", reason="x", now=MONDAY, user=who) for who in (lab.alice, bob)]
    named = [
        f"user:{who.email} HALTED (switch {switch.pk})"
        for who, switch in zip((lab.alice, bob), switches, strict=True)
    ]
    chosen = {"action": "reset", "_selected_action": [str(switch.pk) for switch in switches]}

    asked = client.post(SWITCHES, chosen).content.decode()
    done = client.post(
        SWITCHES, {**chosen, "confirm": "RESET", "reason": REASON}, follow=True
    ).content.decode()

    for name, switch in zip(named, switches, strict=True):
        assert f"<li>{name}<input" in asked
        assert f"{capfirst(name)}: Reset: entries may leave again." in done
        assert str(switch) == f"switch {switch.pk}: user {switch.key} HALTED"
    trail = LogEntry.objects.values_list("object_repr", flat=True)
    assert set(trail) == {str(switch) for switch in switches}  # without personal data


def test_a_switch_shows_how_its_drain_goes_on(client: Client, lab: World, olga: Olga) -> None:
    olga()
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    switch = halting.trip(
        by="olga", reason="drill", now=MONDAY, state=TradingState.LIQUIDATING, user=lab.alice
    )

    page = client.get(f"{SWITCHES}{switch.pk}/change/").content.decode()

    assert "Positions to close: 1; not flat: 1." in page
    assert "user:alice@example.com" in client.get(SWITCHES).content.decode()


def test_a_hole_is_filled_again(client: Client, lab: World, olga: Olga) -> None:
    staff = olga("change_run")
    client.force_login(staff)
    lab.play(*QUIET, first=MONDAY)
    _leave_a_hole(lab)
    (hole,) = holes()

    page = _act(client, RUNS, "redrive", hole.run_id)

    assert "Decisions made: 1; still missing: 0." in page
    assert holes() == []
    assert Event.objects.get(kind="run.reopened").payload == {"run": hole.run_id, "by": staff.pk}
    assert REASON in _trail()[0]
    assert "made: 0" in _act(client, RUNS, "redrive", hole.run_id)


def test_a_run_that_owes_nothing_is_refused(client: Client, lab: World, olga: Olga) -> None:
    olga("change_run")
    lab.play(*QUIET, first=MONDAY)
    quiet = Run.objects.filter(expected=0).latest("id")
    assert "NOTHING_EXPECTED" in _act(client, RUNS, "redrive", quiet.pk)


def test_people_are_not_deleted_with_what_they_did(client: Client) -> None:
    client.force_login(user("root", is_staff=True, is_superuser=True))
    bob = user("bob")
    assert client.post(f"/admin/accounts/user/{bob.pk}/delete/").status_code == 403


def _leave_a_hole(lab: World) -> None:
    """A run that says it is decided, with a decision that is not there."""
    lab.play(JUMP, first=MONDAY.replace(minute=len(QUIET)))
    undo_last_decision()


def test_positions_are_closed_by_staff_who_may(client: Client, lab: World, olga: Olga) -> None:
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    position = Position.objects.get()
    olga("view_position", "close_position")

    said = _act(client, "/admin/execution/position/", "close", position.pk)
    again = _act(client, "/admin/execution/position/", "close", position.pk)

    assert "Exits written: 1; on their way already: 0." in said
    assert "Exits written: 0; on their way already: 1." in again
    made = Exit.objects.get()
    assert (made.cause, made.by) == ("manual", f"olga@example.com: {REASON}")
    shown = client.get(f"/admin/execution/position/{position.pk}/change/").content.decode()
    assert "exiting" in shown


def test_who_may_only_look_at_positions_closes_none(client: Client, lab: World, olga: Olga) -> None:
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    olga("view_position")

    _act(client, "/admin/execution/position/", "close", Position.objects.get().pk)

    assert not Exit.objects.exists()


FLATTEN = "/admin/execution/position/flatten/"


@pytest.mark.parametrize("kind", ["platform", "user", "strategy", "account", "subscription"])
def test_positions_of_a_scope_are_closed_by_staff_who_may(
    client: Client, lab: World, olga: Olga, kind: str
) -> None:
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    olga("view_position", "close_position")
    names = {
        "platform": "", "user": lab.alice.email, "strategy": lab.version.strategy.code,
        "account": str(lab.account.pk), "subscription": str(lab.subscription.pk),
    }  # fmt: skip
    said = {"scope": kind, "name": names[kind], "reason": REASON}
    assert FLATTEN in client.get("/admin/execution/position/").content.decode()

    asked = client.post(FLATTEN, {**said, "confirm": "yes"}).content.decode()
    assert "CONFIRMATION_MISSING" in asked
    assert "1 are open" in asked
    assert not Exit.objects.exists()
    confirmed = {**said, "confirm": names[kind] or "platform"}
    page = client.post(FLATTEN, confirmed, follow=True).content.decode()

    assert "Exits written: 1; on their way already: 0." in page
    assert Exit.objects.get().by == f"olga@example.com: {REASON}"
    assert REASON in _trail()[0]
    assert _trail()[1].startswith("Exits written: 1")
    assert "already: 1." in client.post(FLATTEN, confirmed, follow=True).content.decode()


def test_a_scope_that_is_not_known_closes_nothing(client: Client, lab: World, olga: Olga) -> None:
    olga("view_position", "close_position")
    for kind, name in (("account", "x"), ("user", "alcie@example.com"), ("position", "9" * 20)):
        said = {"scope": kind, "name": name, "confirm": name, "reason": REASON}
        assert f"UNKNOWN_{kind.upper()}: " in client.post(FLATTEN, said).content.decode()


def test_who_may_only_look_closes_no_scope(client: Client, lab: World, olga: Olga) -> None:
    olga("view_position")
    said = {"scope": "platform", "confirm": "platform", "reason": REASON}
    assert client.post(FLATTEN, said).status_code == 403
    assert FLATTEN not in client.get("/admin/execution/position/").content.decode()


VENUES = "/admin/brokers/venue/"


def test_staff_say_whether_a_venue_holds_stops_and_rehearse_that_it_does_not(
    client: Client, lab: World, olga: Olga
) -> None:
    olga("view_venue", "change_venue")

    _act(client, VENUES, "holds_no_stops", lab.venue.pk)
    _act(client, VENUES, "refuse_stops", lab.venue.pk)
    lab.venue.refresh_from_db()
    assert not lab.venue.rests_stops
    assert lab.venue.paper_refuses == ["stop_limit", "stop_market", "trailing_stop_market"]
    lab.play(*QUIET, JUMP, "102.5", first=MONDAY)
    assert Order.objects.get(leg="stop").held_by_us
    _act(client, VENUES, "holds_stops", lab.venue.pk)
    _act(client, VENUES, "take_everything", lab.venue.pk)

    lab.venue.refresh_from_db()
    assert (lab.venue.rests_stops, lab.venue.paper_refuses) == (True, [])
    assert len(_trail()) == 8


def test_who_may_only_look_at_venues_changes_none(client: Client, lab: World, olga: Olga) -> None:
    olga("view_venue")
    _act(client, VENUES, "holds_no_stops", lab.venue.pk)

    lab.venue.refresh_from_db()
    assert lab.venue.rests_stops
