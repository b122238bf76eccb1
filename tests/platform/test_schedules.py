"""The platform's own schedules are seen in the admin, and nobody stops them by mistake."""

from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.contrib.auth.models import Permission
from django.test import Client
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from django_celery_beat.schedulers import ModelEntry

from tests.fakes import user

pytestmark = pytest.mark.django_db

TASKS = "/admin/django_celery_beat/periodictask/"
INTERVALS = "/admin/django_celery_beat/intervalschedule/"
OURS = [
    "close-candles", "forget-sessions", "look-after-positions", "recovery-sweep", "relay",
    "resume-backtests",
]  # fmt: skip


@pytest.fixture(autouse=True)
def rows() -> None:
    """As beat writes them when it starts, and one that somebody added."""
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        ModelEntry.from_entry(name, app=current_app, **entry)
    hourly = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.HOURS)
    PeriodicTask.objects.create(name="mine", task="apps.events.tasks.relay", interval=hourly)


@pytest.fixture
def root(client: Client) -> Client:
    client.force_login(user("root", is_staff=True, is_superuser=True))
    return client


def _act(client: Client, name: str, *tasks: str) -> str:
    chosen = PeriodicTask.objects.filter(name__in=tasks).values_list("pk", flat=True)
    said: dict[str, Any] = {"action": name, "_selected_action": list(chosen), "post": "yes"}
    return client.post(TASKS, said, follow=True).content.decode()


def _enabled() -> list[str]:
    return sorted(PeriodicTask.objects.filter(enabled=True).values_list("name", flat=True))


def test_they_are_listed_with_what_they_are_for(root: Client) -> None:
    page = root.get(TASKS).content.decode()
    for name in OURS:
        assert name in page
    assert "Without it nothing is decided." in page


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("action", ["disable_tasks", "toggle_tasks", "delete_selected"])
def test_no_action_stops_one_of_them(root: Client, name: str, action: str) -> None:
    before = _enabled()

    page = _act(root, action, name, "mine")

    assert "SCHEDULE_IS_OURS" in page
    assert "Without it" in page
    assert _enabled() == before  # and not the other one alone


@pytest.mark.parametrize("name", OURS)
def test_none_of_them_is_deleted_or_changed_on_its_own_page(root: Client, name: str) -> None:
    task = PeriodicTask.objects.get(name=name)
    form = {"name": name, "task": task.task, "args": "[]", "kwargs": "{}", "headers": "{}"}

    for url in (f"{TASKS}{task.pk}/delete/", f"{TASKS}{task.pk}/change/"):
        page = root.post(url, {**form, "post": "yes"}, follow=True).content.decode()
        assert "SCHEDULE_IS_OURS" in page, url
    shown = root.get(f"{TASKS}{task.pk}/change/").content.decode()

    assert "SCHEDULE_IS_OURS" in shown
    assert 'name="_save"' not in shown
    assert name in _enabled()


def test_the_times_that_they_run_at_are_guarded_too(root: Client) -> None:
    """Deleting an interval would delete every task that runs by it."""
    sweep = PeriodicTask.objects.get(name="recovery-sweep")
    url = f"{INTERVALS}{sweep.interval_id}/"

    deleted = root.post(f"{url}delete/", {"post": "yes"}).content.decode()
    changed = root.post(f"{url}change/", {"every": "9", "period": "days"}, follow=True)

    assert "SCHEDULE_IS_OURS" in deleted
    assert "SCHEDULE_IS_OURS" in changed.content.decode()
    sweep.interval.refresh_from_db()
    assert sweep.interval.every == 5


def test_other_schedules_are_free(root: Client) -> None:
    _act(root, "disable_tasks", "mine")
    assert _enabled() == sorted({*_enabled()} - {"mine"})
    assert "mine" not in _enabled()
    _act(root, "toggle_tasks", "mine")
    assert "mine" in _enabled()
    _act(root, "delete_selected", "mine")
    assert not PeriodicTask.objects.filter(name="mine").exists()


def test_one_of_ours_that_was_stopped_another_way_can_be_started(root: Client) -> None:
    PeriodicTask.objects.filter(name="relay").update(enabled=False)
    _act(root, "enable_tasks", "relay")
    assert "relay" in _enabled()


@pytest.mark.parametrize("action", ["enable_tasks", "disable_tasks", "toggle_tasks", "run_tasks"])
def test_who_may_only_look_does_nothing(client: Client, action: str) -> None:
    staff = user("olga", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename="view_periodictask"))
    client.force_login(staff)
    before = _enabled()

    assert action not in client.get(TASKS).content.decode()
    _act(client, action, "mine")

    assert _enabled() == before
