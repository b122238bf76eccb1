"""What staff see of backtests, and what they may do: cancel one, with a reason."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.fakes import user
from tests.research.asking import PRICES, again, asked, lab_with, taken

pytestmark = pytest.mark.django_db

RUNS = "/admin/research/backtestrun/"


@pytest.mark.parametrize(("may_change", "state"), [(True, "canceled"), (False, "queued")])
def test_staff_with_the_right_cancel_with_a_reason(
    client: Client, may_change: bool, state: str
) -> None:
    run = asked(lab_with(PRICES))
    olga = user("olga", is_staff=True)
    rights = ["view_backtestrun", *(["change_backtestrun"] if may_change else [])]
    olga.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(olga)

    said = {"action": "cancel", "_selected_action": str(run.pk), "reason": "it hogs the worker"}
    client.post(RUNS, said, follow=True)

    assert again(run).state == state
    trail = list(LogEntry.objects.values_list("change_message", flat=True))
    assert any("it hogs the worker" in line for line in trail) == may_change


def test_a_run_and_its_result_are_shown(client: Client) -> None:
    run = taken(asked(lab_with(PRICES)))
    client.force_login(user("olga", is_staff=True, is_superuser=True))
    result = f"/admin/research/backtestresult/{run.result_id}/change/"
    for page in (f"{RUNS}{run.pk}/change/", result):
        assert client.get(page).status_code == 200, page


@pytest.mark.parametrize("page", [RUNS, "/admin/research/backtestresult/"])
def test_a_list_reads_nothing_of_what_the_results_hold(client: Client, page: str) -> None:
    """A hundred of them would be hundreds of megabytes."""
    taken(asked(lab_with(PRICES)))
    client.force_login(user("olga", is_staff=True, is_superuser=True))
    with CaptureQueriesContext(connection) as asked_for:
        assert "1 backtest r" in client.get(page).content.decode()
    of_results = [each["sql"] for each in asked_for if "research_backtestresult" in each["sql"]]
    assert of_results
    for held in ('"packed"', '"page"'):
        assert not [sql for sql in of_results if held in sql]
