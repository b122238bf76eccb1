"""The demo, as it is before its first candle."""

import pytest
from django.test import Client

from apps.accounts.models import User
from nija import demo
from tests.dashboard.reading import text

pytestmark = pytest.mark.django_db


def test_the_demo_begins_with_a_market_that_is_known(client: Client) -> None:
    demo.seed()
    client.force_login(User.objects.get(email=demo.TRADER_EMAIL))

    shown = text(client.get("/allocation/"))

    assert "DEMO MARKET (RECORDED) · 1 Jun 2026, 00:00 UTC A low-volatility market" in shown
    assert "720 hours of BTC-USD" in shown
    assert "BALLER, moderate" in shown
