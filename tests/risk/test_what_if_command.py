"""`manage.py what_if` answers by the limits that decisions are made by: settings and plans."""

from __future__ import annotations

import io
import json
import sys
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from apps.subscriptions.models import Plan
from apps.subscriptions.services import publish
from tests.trading.test_gates_what_if import told

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _plans() -> None:
    publish()


def asked(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> dict[str, Any]:
    said = json.dumps(told(**changed)).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(said)))
    answered = io.StringIO()
    call_command("what_if", "--json", stdout=answered)
    found: dict[str, Any] = json.loads(answered.getvalue())
    return found


def test_the_operators_settings_bound_it(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.AUTOMATIC = {**settings.AUTOMATIC, "AUTOMATIC_DAILY_LOSS": Decimal("0.01")}
    settings.MOST_TRADES_A_DAY = 7

    lost = asked(monkeypatch, daily_pnl=-10)
    assert (lost["code"], lost["limits"]["daily_loss"]) == (
        "ACCOUNT_DAILY_LOSS", {"value": "0.01", "source": "platform"},
    )  # fmt: skip
    assert asked(monkeypatch, trades_today=7)["code"] == "DAILY_TRADES"


def test_a_plan_is_as_its_row_says_and_not_as_it_was_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Plan.objects.filter(code="pro").update(trades_a_day=2)

    found = asked(monkeypatch, trades_today=2)

    assert (found["code"], found["limits"]["trades_a_day"]) == (
        "DAILY_TRADES", {"value": "2", "source": "plan"},
    )  # fmt: skip


def test_a_plan_that_carries_a_tier_decides_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked(monkeypatch, plan="multi_asset_saver", tier=None)

    assert (found["tier"], found["plan"]) == ("SAVER", "multi_asset_saver")
    assert "the tier of the plan" in found["assumed"]
    with pytest.raises(CommandError, match=r"^tier_of_plan: "):
        asked(monkeypatch, plan="multi_asset_saver", tier="BALLER")


def test_a_plan_that_nobody_knows_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match=r"^unknown_plan: plan must be one of .*pro.*, not gold"):
        asked(monkeypatch, plan="gold")


@pytest.mark.parametrize(("setting", "causes"), [(0, []), (95, ["black_swan"])])
def test_what_the_operator_has_switched_off_trips_nothing_and_refuses(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, setting: int, causes: list[str]
) -> None:
    settings.AUTOMATIC = {**settings.AUTOMATIC, "AUTOMATIC_BLACK_SWAN": Decimal(setting)}

    found = asked(monkeypatch, volatility=96)

    assert (found["code"], found["severity"]) == ("BLACK_SWAN", "CRITICAL")
    assert [item["cause"] for item in found["triggers"]] == causes
