"""The page of what kind of market it is, and how capital would be shared."""

from typing import Any

import pytest
from django.test import Client

from apps.execution.services.regimes import record_allocations
from apps.market.models import MarketClock
from tests import fakes
from tests.dashboard.reading import text
from tests.fakes import HOUR, MONDAY, World
from trading.regime import Regime

PAGE = "/allocation/"


@pytest.fixture
def later(lab: World) -> World:
    """Three hours into Monday."""
    MarketClock.objects.update(now=MONDAY + 3 * HOUR)
    return lab


def _told(lab: World, **columns: Any) -> None:
    record_allocations(fakes.regime_snapshot(lab.instrument, **columns))


UNKNOWN = {
    "regime": "", "observed": "", "rule": "high_volatility", "volatility": None, "momentum": None,
    "inputs": {
        "crypto_volatility": None, "crypto_momentum": None, "equity_momentum": "not_applicable",
        "vix": "not_applicable",
    },
}  # fmt: skip


def test_the_market_and_the_shares_are_shown_with_the_reason(later: World, alice: Client) -> None:
    _told(later)
    shown = text(alice.get(PAGE))
    assert "LAB · 1 Jun 2026, 01:00 UTC A trending-up market" in shown
    assert "Because crypto momentum is 40 or more." in shown
    assert "Paper PAPER BALLER, moderate Class Share Of 100,000.00 USD" in shown
    assert "Crypto 80 % 80,000.00 USD Equities 20 % 20,000.00 USD" in shown
    assert "In a trending-up market: 80 % crypto and 20 % equities. Since 01:00 UTC" in shown
    assert "700 hours of BTC-USD Crypto volatility 41.5" in shown
    assert "Crypto momentum 62.0" in shown
    assert "VIX not at this venue" in shown


def test_the_picture_can_be_read_without_seeing_it(later: World, alice: Client) -> None:
    _told(later, regime=Regime.RISK_OFF)
    page = alice.get(PAGE).content.decode()
    assert 'role="img" aria-label="Crypto 20\u00a0%, Equities 30\u00a0%, Cash 50\u00a0%"' in page
    assert '<rect class="share-crypto" x="0" y="0" width="20" height="8">' in page
    assert '<rect class="share-equity" x="20" y="0" width="30" height="8">' in page
    assert '<rect class="share-cash" x="50" y="0" width="50" height="8">' in page
    assert "share-derivatives" not in page


def test_with_too_few_candles_it_says_how_many_there_are(later: World, alice: Client) -> None:
    _told(later, **UNKNOWN, candles=212)
    shown = text(alice.get(PAGE))
    assert "What kind of market it is, is not known yet Not known yet: 212 of 500 candles." in shown
    assert "Crypto volatility not known" in shown
    assert "Crypto 40 % 40,000.00 USD Equities 40 % 40,000.00 USD Cash 20 %" in shown


def test_a_class_that_was_seen_once_is_told_as_such(later: World, alice: Client) -> None:
    _told(later, regime="", candles=700)
    shown = text(alice.get(PAGE))
    assert "trending up was seen for one hour, and is entered with the second in a row." in shown


def test_a_class_that_stays_says_what_was_seen_last(later: World, alice: Client) -> None:
    _told(later, regime=Regime.RANGING)
    shown = text(alice.get(PAGE))
    assert "A ranging market It stays so until another class is seen for two hours" in shown
    assert "the last hour was trending up." in shown


def test_before_the_first_hour_it_says_so(lab: World, alice: Client) -> None:
    shown = text(alice.get(PAGE))
    assert "Not known yet: no hour has closed here since this is kept" in shown
    assert "is told with the next hour that closes" in shown


def test_what_the_clock_has_not_reached_is_not_shown(lab: World, alice: Client) -> None:
    _told(lab)
    assert "trending-up" not in text(alice.get(PAGE))


def test_nothing_of_another_persons_account_is_shown(later: World, client: Client) -> None:
    _told(later)
    bob = fakes.user("bob")
    client.force_login(bob)
    assert "You have no account yet" in text(client.get(PAGE))
    fakes.account(bob, later.venue, name="Bob's own", deposit="777")
    shown = text(client.get(PAGE, {"book": "lab.paper.USD"}))
    assert "A trending-up market" in shown
    assert "100,000" not in shown


def test_the_page_is_linked_from_the_menu(lab: World, alice: Client) -> None:
    assert f'href="{PAGE}"' in alice.get("/").content.decode()


def test_the_number_of_queries_does_not_grow_with_the_accounts(
    later: World, alice: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(4):
        fakes.account(later.alice, later.venue, name=f"Another {number}")
    _told(later)
    with django_assert_max_num_queries(5):  # the session, the user, and three of its own
        assert "Another 3 PAPER BALLER" in text(alice.get(PAGE))
