"""The page of one position."""

from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from apps.execution.models import Exit, Order, Position
from apps.execution.services.software_stops import watch_all
from apps.execution.services.watching import keep_protected
from apps.market.models import Instrument, MarketClock
from tests import fakes
from tests.dashboard.reading import text
from tests.fakes import MINUTE, MONDAY, World
from trading.exit_policy import MOST_ATTEMPTS


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    lab = fakes.world()
    lab.play(*fakes.QUIET, fakes.JUMP, "103", ("103", "105", "102", "104"), first=MONDAY)
    return lab


@pytest.fixture
def held(lab: World) -> Position:
    return Position.objects.get()


def _read(browser: Client, position: Position) -> str:
    answer: Any = browser.get(f"/positions/{position.pk}/")
    assert answer.status_code == 200
    return text(answer)


def test_it_says_what_is_held_and_what_it_would_take_to_leave(
    held: Position, alice: Client
) -> None:
    shown = _read(alice, held)
    assert "LONG PAPER 24.5098 BTC-USD" in shown
    assert "SMA crossover 1.0.0, in the account “Paper” at Lab, since" in shown
    assert "Average entry 103.00 USD Last price 104.00 USD Open P&L +24.51 USD" in shown
    assert "Breaks even at 103.21 USD all fees included Fees so far 2.52 USD" in shown
    assert "Most against you 24.51 USD" in shown
    assert "Most for you 49.02 USD" in shown


def test_its_stop_and_its_target_stand(held: Position, alice: Client) -> None:
    shown = _read(alice, held)
    assert "Stop PAPER Sell Stop 24.5098 99.96 — accepted" in shown, shown
    assert "Target PAPER Sell Limit 24.5098 — 106.08 accepted" in shown
    assert "No round trip has ended yet." in shown


def test_when_it_is_flat_its_round_trip_is_there(lab: World, held: Position, alice: Client) -> None:
    lab.play(("104", "107", "104", "107"), first=MONDAY + 7 * MINUTE)
    shown = _read(alice, held)
    assert "FLAT PAPER Nothing of BTC-USD is held" in shown
    # 24.5098 times 1 down and 4 up; net as the receipt says
    assert "LONG 24.5098 103.00 → 106.08 +70.37 fees 5.12 24.51 98.04 target reached" in shown
    assert "Entry Buy 24.5098 103.00 2.52" in shown
    assert "No order stands." in shown


def test_the_number_of_queries_does_not_grow_with_the_round_trips(
    lab: World, held: Position, alice: Client, django_assert_max_num_queries: Any
) -> None:
    moment = MONDAY + 7 * MINUTE
    for _ in range(3):
        moment = lab.play(
            ("104", "107", "104", "107"), *fakes.QUIET, fakes.JUMP, "103", first=moment
        )
    with django_assert_max_num_queries(13):
        assert "98.04" in _read(alice, held)


def test_it_says_what_protects_it(held: Position, alice: Client) -> None:
    assert "Protected by Stop at the venue" in _read(alice, held)
    Order.objects.filter(leg="stop").update(status="canceled")
    assert "Protected by Naked: its stop is missing, and is being written again" in _read(
        alice, held
    )
    home: Any = alice.get("/")
    assert "no stop stands" in text(home)
    Order.objects.filter(leg="entry").update(stop_price=None)
    assert "Protected by No stop: its strategy asked for none" in _read(alice, held)
    asked: Any = alice.get("/api/v1/account/positions")
    (position,) = asked.json()["data"]["positions"]
    assert (position["protection"], position["is_naked_by_choice"]) == ("naked", True)


def test_the_home_page_says_what_stands_naked(held: Position, alice: Client) -> None:
    home: Any = alice.get("/")
    assert "Without the stop that was asked for" not in text(home)
    Order.objects.filter(leg="stop").update(status="canceled")
    keep_protected(timezone.now())

    home = alice.get("/")
    assert "Without the stop that was asked for: 1" in text(home)
    assert "naked: its stop is missing" in text(home)


def test_the_home_page_says_what_is_watched_by_us(held: Position, alice: Client) -> None:
    Order.objects.filter(leg="stop").update(status="pending", held_by_us=True)
    watch_all()

    home: Any = alice.get("/")
    assert "99.96 watched by us" in text(home)
    assert "Protected by Watched by us: no stop at the venue" in _read(alice, held)


def test_it_is_closed_when_its_symbol_is_typed_and_only_then(held: Position, alice: Client) -> None:
    close = f"/positions/{held.pk}/"
    refused: Any = alice.post(close, {"confirm": "yes"})
    assert refused.status_code == 400
    assert "CONFIRMATION_MISSING: nothing was closed. Type BTC-USD" in text(refused)
    assert not Exit.objects.exists()

    for _ in range(2):
        assert alice.post(close, {"confirm": "btc-usd"}).status_code == 302

    assert [(row.cause, row.by) for row in Exit.objects.all()] == [("manual", "alice@example.com")]
    assert "Protected by Being closed" in _read(alice, held)


def test_a_position_that_is_too_small_to_be_sold_says_so(
    lab: World, held: Position, alice: Client
) -> None:
    Instrument.objects.update(min_quantity=1000)
    Position.objects.update(mode="live")  # the paper venue takes dust

    answer: Any = alice.post(f"/positions/{held.pk}/", {"confirm": "BTC-USD"})

    assert answer.status_code == 409
    said = "NOTHING_CLOSED: Exits written: 0; on their way already: 0; too small to be sold: 1."
    assert said in text(answer)
    assert not Exit.objects.exists()


def test_a_position_that_rests_between_attempts_says_so(held: Position, alice: Client) -> None:
    close = f"/positions/{held.pk}/"
    for _ in range(MOST_ATTEMPTS):
        assert alice.post(close, {"confirm": "BTC-USD"}).status_code == 302
        Order.objects.filter(leg="exit").update(status="rejected", reason="NO_LIQUIDITY")
        MarketClock.objects.update(now=F("now") + MINUTE)

    answer: Any = alice.post(close, {"confirm": "BTC-USD"})

    assert answer.status_code == 409
    assert f"resting after {MOST_ATTEMPTS} attempts or more: 1." in text(answer)


def test_a_stranger_closes_nothing(held: Position, client: Client) -> None:
    client.force_login(fakes.user("bob"))
    answer = client.post(f"/positions/{held.pk}/", {"confirm": "BTC-USD"})
    assert answer.status_code == 404
    assert not Exit.objects.exists()
