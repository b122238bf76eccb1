"""`check_events` finds what was changed, taken out or put in after the sealing."""

from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import User
from apps.events.models import Event
from apps.events.services.relay import relay
from apps.events.services.sealing import GENESIS, chained_hash
from tests.events.recordings import record


@pytest.fixture
def sealed(alice: User, bob: User) -> None:
    record(alice, 3, amount="12.50")
    record(bob, 2)
    record(None, 2)
    relay()


@pytest.mark.usefixtures("sealed")
def test_whole_chains_are_verified() -> None:
    said = StringIO()

    call_command("check_events", stdout=said)

    assert said.getvalue() == "3 chains verified.\n"


def test_the_zone_in_which_a_moment_is_said_changes_no_hash(sealed: None, alice: User) -> None:
    event = Event.objects.get(user=alice, sequence=1)
    event.happened_at = event.happened_at.astimezone(ZoneInfo("Asia/Tokyo"))

    assert chained_hash(GENESIS, event, 1) == bytes(event.hash or b"")


@pytest.mark.parametrize(
    "change",
    [
        {"payload": {"number": 1, "amount": "99.50"}},
        {"kind": "money.withdrawn"},
        {"happened_at": "2026-06-02T00:00:00Z"},
        {"hash": b"\1" * 32},
        {"previous_hash": b"\1" * 32},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_event_is_named(sealed: None, alice: User, change: dict[str, object]) -> None:
    event = Event.objects.get(user=alice, sequence=2)
    Event.objects.filter(pk=event.pk).update(**change)

    with pytest.raises(CommandError, match=f"chain of {alice.pk} is broken at event {event.pk}"):
        call_command("check_events")


def test_an_event_that_was_taken_out_is_missed(sealed: None, alice: User) -> None:
    Event.objects.get(user=alice, sequence=2).delete()
    after = Event.objects.get(user=alice, sequence=3)

    with pytest.raises(CommandError, match=f"broken at event {after.pk}"):
        call_command("check_events")


def test_an_event_given_to_another_user_is_found(sealed: None, alice: User, bob: User) -> None:
    Event.objects.filter(user=alice, sequence=3).update(user=bob)

    with pytest.raises(CommandError, match=f"chain of {bob.pk} is broken"):
        call_command("check_events")


def test_the_platforms_chain_is_verified_too(sealed: None) -> None:
    Event.objects.filter(user=None, sequence=1).update(payload={"venue": "other"})

    with pytest.raises(CommandError, match="chain of the platform is broken"):
        call_command("check_events")
