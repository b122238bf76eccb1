"""Staff see everything and change no money."""

from collections import Counter

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.execution.models import Fill, Order
from apps.risk.models import Decision
from apps.strategies.models import Run, Signal
from tests.fakes import JUMP, MONDAY, QUIET, World, account, subscribe, user, world
from trading.gates.values import Status

pytestmark = pytest.mark.django_db

OURS = [model for model in admin.site._registry if model.__module__.startswith("apps.")]
MOST_QUERIES = 8


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    lab = world()
    for name in ("bob", "carol"):
        other = user(name)
        subscribe(other, lab.version, account(other, lab.venue))
    lab.play(*QUIET, JUMP, "102.5", ("101", "101", "98", "98"), first=MONDAY)
    return lab


@pytest.fixture
def olga(client: Client) -> Client:
    client.force_login(user("olga", is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_list_opens_with_few_queries(lab: World, olga: Client, model: type) -> None:
    info = model._meta  # type: ignore[attr-defined]
    url = reverse(f"admin:{info.app_label}_{info.model_name}_changelist")
    with CaptureQueriesContext(connection) as captured:
        assert olga.get(url).status_code == 200
    assert len(captured) <= MOST_QUERIES


def test_run_signal_decision_order_fill_and_position_lead_to_one_another(
    lab: World, olga: Client
) -> None:
    chain = (
        (Run.objects.exclude(expected=0).first(), "/admin/strategies/signal/"),
        (Signal.objects.first(), "/admin/strategies/run/"),
        (Decision.objects.first(), "/admin/execution/order/?decision="),
        (Order.objects.filter(leg="entry").first(), "/admin/execution/fill/"),
        (Fill.objects.first(), "/admin/execution/order/"),
    )
    for row, leads_to in chain:
        assert row is not None
        page = olga.get(reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_changelist"))
        detail = olga.get(
            reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        )
        assert leads_to in page.content.decode() + detail.content.decode(), row
    positions = olga.get(f"/admin/execution/position/?subscription={lab.subscription.pk}")
    assert positions.status_code == 200


def test_staff_cannot_change_a_money_row(lab: World, olga: Client) -> None:
    fill = Fill.objects.first()
    assert fill is not None
    url = reverse("admin:execution_fill_change", args=[fill.pk])
    assert olga.post(url, {"price": "1"}).status_code == 403
    assert olga.post(reverse("admin:execution_fill_delete", args=[fill.pk])).status_code == 403


def test_a_receipt_says_of_every_gate_what_the_user_reads(lab: World, olga: Client) -> None:
    """A gate that had nothing to ask about has refused nothing."""
    bought = Decision.objects.filter(outcome="ordered", action="enter_long").first()
    assert bought is not None
    counted = Counter(verdict[1] for verdict in bought.verdicts)
    assert counted[Status.NOT_APPLICABLE]
    assert not counted[Status.REFUSED]

    page = olga.get(reverse("admin:risk_decision_change", args=[bought.pk])).content.decode()

    assert page.count(": Not asked. ") == counted[Status.NOT_APPLICABLE]
    assert page.count(": Passed. ") == counted[Status.PASSED]
    assert "efused" not in page
    assert "Open positions: Passed. positions open or on their way: 0; at most 3 at once; " in page
