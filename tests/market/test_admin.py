import pytest
from django.test import Client
from django.urls import reverse

from apps.market.models import CandleCursor, Instrument, MarketClock
from tests import fakes
from tests.fakes import MINUTE, MONDAY, write


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(fakes.user("olga", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def bitcoin(db: None) -> Instrument:
    return fakes.instrument(fakes.venue())


def page(client: Client, name: str, *arguments: object) -> str:
    response = client.get(reverse(f"admin:market_{name}", args=arguments))
    assert response.status_code == 200
    return response.content.decode()


def test_an_instrument_shows_its_last_closed_candle(staff: Client, bitcoin: Instrument) -> None:
    write(bitcoin, ["100", ("101.50", "103", "99", "102"), "999"], MONDAY)
    assert "none yet" in page(staff, "instrument_change", bitcoin.pk)

    MarketClock.objects.update(now=MONDAY + 2 * MINUTE)

    shown = page(staff, "instrument_change", bitcoin.pk)
    assert "closed 2026-06-01 00:02 UTC: open 101.5, high 103, low 99, close 102" in shown


def test_the_lists_are_shown(staff: Client, bitcoin: Instrument) -> None:
    CandleCursor.objects.create(
        instrument=bitcoin, timeframe="1m", closed_through=MONDAY, decided_through=MONDAY
    )

    assert "BTC-USD" in page(staff, "instrument_changelist")
    assert "lab" in page(staff, "marketclock_changelist")
    assert "BTC-USD" in page(staff, "candlecursor_changelist")


def test_the_rules_of_an_instrument_may_be_mended_but_not_its_symbol(
    staff: Client, bitcoin: Instrument
) -> None:
    columns = (
        "price_increment", "quantity_increment", "min_quantity", "min_notional", "maker_fee",
        "initial_margin", "maintenance_margin",
    )  # fmt: skip
    form = {name: getattr(bitcoin, name) for name in columns}

    staff.post(
        reverse("admin:market_instrument_change", args=[bitcoin.pk]),
        {
            **form,
            "taker_fee": "0.002",
            "status": "halted",
            "symbol": "DOGE-USD",
            "calendar": "24/7",
        },
    )

    bitcoin.refresh_from_db()
    assert (str(bitcoin.taker_fee.normalize()), bitcoin.status) == ("0.002", "halted")
    assert bitcoin.symbol == "BTC-USD"


def test_nobody_sets_a_clock_by_hand(staff: Client, bitcoin: Instrument) -> None:
    staff.post(
        reverse("admin:market_marketclock_change", args=["lab"]),
        {"now_0": "2030-01-01", "now_1": "00:00", "feed": "replay", "seconds_per_candle": "2",
         "seed": "1"},
    )  # fmt: skip

    clock = MarketClock.objects.get()
    assert (clock.now, clock.feed, clock.seconds_per_candle) == (MONDAY, "replay", 2.0)


@pytest.mark.parametrize("model", ["instrument", "marketclock", "candlecursor"])
def test_rows_are_not_added_in_the_admin(staff: Client, model: str) -> None:
    assert staff.get(reverse(f"admin:market_{model}_add")).status_code == 403
