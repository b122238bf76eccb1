"""A version whose signals say which part of the capital they want, from its signal to its order."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.execution.models import Order
from apps.risk.models import Decision
from apps.strategies.models import Run, Signal
from tests.fakes import JUMP, MONDAY, QUIET, World
from tests.journeys.asking import asking

pytestmark = pytest.mark.django_db


def played(monkeypatch: pytest.MonkeyPatch, capital: int = 5_000, **asked: object) -> World:
    # Of this deposit what they ask for is a little more than the least share.
    settings = {"sizing": "fraction", "capital": capital}
    lab = asking(monkeypatch, deposit="4900", settings=settings, **asked)
    lab.play(*QUIET, JUMP, first=MONDAY)
    return lab


def entered() -> Decision:
    return Decision.objects.get(action="enter_long")


def test_the_fraction_of_the_signal_sizes_the_order(
    monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    lab = played(monkeypatch, stop_fraction=0.5, size_fraction=0.02)

    # 2 % of 5,000 at 102, rounded down; where the stop lies does not matter.
    quantity = Decimal("0.9803")
    assert (entered().outcome, entered().quantity) == ("ordered", quantity)
    assert Order.objects.get(leg="entry").quantity == quantity
    client.force_login(lab.alice)
    shown = " ".join(client.get(f"/decisions/{entered().pk}/").content.decode().split())
    assert "2.00" in shown.partition("said by the signal")[0].rpartition("Size")[2]
    assert "Risk per trade" not in shown


@pytest.mark.usefixtures("without_limits")
def test_capital_times_leverage_still_caps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    played(monkeypatch, size_fraction=1, capital=20_000)

    assert (entered().outcome, entered().sized_down_by) == ("ordered", "FREE_CASH")


def test_without_a_fraction_nothing_is_ordered_and_the_receipt_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    played(monkeypatch, stop_fraction=0.02)

    assert (entered().outcome, entered().code) == ("denied", "FACT_UNKNOWN")
    assert entered().quantity == 0
    unknown = {verdict[3] for verdict in entered().verdicts if verdict[2] == "FACT_UNKNOWN"}
    assert unknown == {"size_fraction"}
    assert not Order.objects.exists()


def test_a_replay_compares_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    played(monkeypatch, size_fraction=0.02)
    run = Run.objects.get(signals__action="enter_long")
    assert run.signals.get(action="enter_long").size_fraction == Decimal("0.02")

    out = StringIO()
    call_command("replay", str(run.pk), stdout=out)
    assert "the same 1 signals" in out.getvalue()

    Signal.objects.filter(action="enter_long").update(size_fraction=Decimal("0.03"))
    errors = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("replay", str(run.pk), stderr=errors)
    assert "size 0.03" in f"{errors.getvalue()}{refused.value}"
