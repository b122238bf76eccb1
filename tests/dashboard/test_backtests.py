"""The list of backtests, the form that starts one, and the page that waits for it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.research.models import BacktestRun
from apps.research.services import runs
from apps.research.services.limits import LimitsChoice
from tests import fakes
from tests.dashboard.backtesting import asked, computed, swinging
from tests.dashboard.reading import text
from tests.fakes import MONDAY, World

PAGE = "/backtests/"
MOST_QUERIES = 12


def typed(lab: World, **changed: Any) -> dict[str, Any]:
    """What the form of the version sends as it stands, but for what is changed."""
    return {
        "version": lab.version.pk, "instruments": [lab.instrument.pk], "timeframe": "1m",
        "began_at": "", "until": "", "cash": "1000", "fee": "", "slippage_bps": "0",
        "sizing": "all-in", "risk": "0.01", "quantity": "1", "participation": "", "limits": "none",
        "parameter.fast": "2", "parameter.slow": "3", "parameter.stop_loss": "0.02",
        "parameter.take_profit": "0.04", **changed,
    }  # fmt: skip


def test_a_run_is_started_from_the_form(lab: World, alice: Client) -> None:
    swinging(lab, 3)
    changed = {
        "parameter.slow": "5", "fee": "0.002", "slippage_bps": "7", "sizing": "risk",
        "risk": "0.05", "participation": "0.1", "long_only": "on", "began_at": "2026-06-01T22:10",
        "until": "2026-06-01 22:20",
    }  # fmt: skip
    answer = alice.post(PAGE, typed(lab, **changed))
    run = BacktestRun.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/backtests/{run.pk}/"
    assert (run.user, run.mode, run.state) == (lab.alice, "backtest", "queued")
    assert run.began_at == MONDAY + timedelta(hours=22, minutes=10)
    assert run.until == MONDAY + timedelta(hours=22, minutes=20)
    assert run.settings == {
        "cash": "1000", "currency": "USD", "fee": "0.002", "slippage_bps": 7, "sizing": "risk",
        "risk": "0.05", "quantity": "1", "participation": "0.1", "long_only": True,
        "parameters": {"slow": 5}, "bounds": {}, "symbols": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("cash", "a lot", "NUMBER_NOT_USABLE"),
        ("cash", "", "NUMBER_NOT_USABLE"),
        ("fee", "2", "NUMBER_NOT_USABLE"),
        ("slippage_bps", "0.5", "NUMBER_NOT_USABLE"),
        ("sizing", "huge", "SIZING_NOT_USABLE"),
        ("limits", "yours", "LIMITS_NOT_USABLE"),
        ("parameter.fast", "x<y", "PARAMETERS_NOT_USABLE"),
        ("parameter.fast", "100000", "PARAMETERS_NOT_USABLE"),
        ("parameter.fast", "4", "PARAMETERS_NOT_USABLE"),  # not less than slow
        ("began_at", "yesterday", "PERIOD_NOT_USABLE"),
        ("until", "2026-13-01", "PERIOD_NOT_USABLE"),
    ],
)
def test_what_cannot_be_used_is_told_beside_its_field(
    lab: World, alice: Client, name: str, value: str, code: str
) -> None:
    swinging(lab, 3)
    answer = alice.post(PAGE, typed(lab, **{name: value, "quantity": "3.25"}))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert not BacktestRun.objects.exists()
    (problem,) = re.findall(r'class="problem"[^>]*id="p-([^"]+)">[^<]*<code>([A-Z_]+)<', page)
    assert problem == (name, code)
    assert 'value="3.25"' in page  # nothing that was typed is lost
    assert re.search(rf'id="f-{re.escape(name)}"[^>]*aria-invalid="true"', page)


def test_without_an_instrument_it_is_refused(lab: World, alice: Client) -> None:
    swinging(lab, 3)
    shown = text(alice.post(PAGE, typed(lab, instruments=[])))
    assert "Choose at least one instrument. NO_INSTRUMENTS" in shown


def test_the_form_is_filled_in_and_tells_what_is_stored(lab: World, alice: Client) -> None:
    end = swinging(lab, 3)
    answer = alice.get(PAGE)
    page, shown = answer.content.decode(), text(answer)
    assert re.search(r'name="parameter.slow"[^>]*value="3"', page)
    assert re.search(r'name="parameter.stop_loss"[^>]*value="0.02"', page)
    assert "Candles in the slow average; 3 to 1000" in shown
    assert f"BTC-USD 1m: 2026-06-01 22:00 to {end:%Y-%m-%d %H:%M} UTC" in shown
    assert 'class="mode mode-backtest"' in page


def test_what_lies_ahead_of_the_venues_clock_is_not_told(lab: World, alice: Client) -> None:
    end = swinging(lab, 3)
    fakes.write(lab.instrument, ["100"] * 30, end)
    assert f"to {end:%Y-%m-%d %H:%M} UTC" in text(alice.get(PAGE))


def test_the_form_can_begin_as_an_earlier_run_was(lab: World, alice: Client) -> None:
    swinging(lab, 3)
    like = asked(lab, cash="4321", parameters={"slow": 9}, sizing="fixed")
    page = alice.get(PAGE, {"like": like.pk}).content.decode()
    assert re.search(r'name="cash"[^>]*value="4321"', page)
    assert re.search(r'name="parameter.slow"[^>]*value="9"', page)
    assert '<option value="fixed" selected>' in page
    assert re.search(r'name="long_only" value="on" checked', page)


@pytest.mark.parametrize("limits", LimitsChoice)
def test_the_choice_of_limits_is_kept(lab: World, alice: Client, limits: LimitsChoice) -> None:
    swinging(lab, 3)
    alice.post(PAGE, typed(lab, limits=str(limits)))
    run = BacktestRun.objects.get()
    assert bool(run.settings["bounds"]) == (limits is LimitsChoice.MINE)

    page = alice.get(PAGE, {"like": run.pk}).content.decode()
    assert f'<option value="{limits}" selected>' in page
    assert '<option value="mine" selected>' in alice.get(PAGE).content.decode()


def test_the_run_of_another_fills_in_nothing(lab: World, client: Client) -> None:
    swinging(lab, 3)
    like = asked(lab, cash="4321")
    client.force_login(fakes.user("bob"))
    page = client.get(PAGE, {"like": like.pk}).content.decode()
    assert "4321" not in page
    assert "None yet." in page


def test_the_list_tells_what_came_of_each(lab: World, alice: Client) -> None:
    swinging(lab)
    done = computed(asked(lab))
    asked(lab, cash=2000)
    shown = text(alice.get(PAGE))
    assert done.result is not None
    assert f"done BTC-USD first candle to {done.until:%Y-%m-%d %H:%M}" in shown
    assert f"{done.result.metrics['total_return'] * 100:,.2f} %" in shown
    assert "waits for a worker" in shown


@pytest.mark.parametrize("count", [1, 25])
def test_the_list_costs_at_most_twelve_queries(
    lab: World, alice: Client, django_assert_max_num_queries: Any, count: int
) -> None:
    swinging(lab)
    for number in range(count):
        run = asked(lab, cash=1000 + number)
        runs.cancel(run, now=timezone.now())
    computed(asked(lab))
    with django_assert_max_num_queries(MOST_QUERIES):
        page = alice.get(PAGE).content.decode()
    assert page.count("data-run=") == min(count + 1, 20)


def test_the_page_waits_and_can_cancel(lab: World, alice: Client) -> None:
    swinging(lab, 3)
    run = asked(lab)
    page = f"/backtests/{run.pk}/"
    waiting = alice.get(page).content.decode()
    assert "<progress" in waiting
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in waiting

    answer = alice.post(page)
    assert answer["Location"] == page
    shown = alice.get(page)
    assert "CANCELED BACKTEST" in text(shown)
    assert "refresh" not in shown.content.decode()
    assert alice.post(page).status_code == 302  # twice is harmless


def test_a_failure_is_told_with_its_code(lab: World, alice: Client) -> None:
    swinging(lab, 3)
    run = asked(lab)
    BacktestRun.objects.update(state="running", attempt=1, started_at=timezone.now())
    run.refresh_from_db()
    assert runs.fail(run, "TOO_LONG", "It takes longer than an hour.", now=timezone.now())
    assert "It takes longer than an hour. TOO_LONG" in text(alice.get(f"/backtests/{run.pk}/"))


def test_another_can_neither_see_nor_cancel_it(lab: World, client: Client) -> None:
    swinging(lab, 3)
    run = asked(lab)
    client.force_login(fakes.user("bob"))
    assert client.get(f"/backtests/{run.pk}/").status_code == 404
    assert client.post(f"/backtests/{run.pk}/").status_code == 404
    run.refresh_from_db()
    assert run.state == "queued"


def test_the_menu_leads_to_it(lab: World, alice: Client) -> None:
    assert f'href="{PAGE}"' in alice.get("/").content.decode()
