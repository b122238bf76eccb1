"""The report of a book, on its page and in its files."""

import csv
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from apps.dashboard.selectors.books import books
from apps.dashboard.selectors.equity import midnights_between
from apps.dashboard.selectors.performance import book_report
from apps.execution.models import Trade
from apps.execution.services.accounts import record_deposit
from apps.market.models import Instrument
from tests import fakes
from tests.dashboard.reading import text
from tests.fakes import MINUTE, MONDAY, World
from trading.instruments import AssetClass

PAGE, REPORT, CSV = "/performance/", "/performance/report.html", "/performance/trades.csv"
DAY = timedelta(days=1)
MOST_QUERIES = 12
FEE = Decimal("0.001")
BOUGHT = Decimal("24.5098")


def _wins_on_monday_and_holds_on_tuesday(lab: World) -> None:
    """Bought at 103, left at the target of 106.08 the same day; again on Tuesday, and held."""
    lab.play(*fakes.QUIET, fakes.JUMP, "103", ("103", "107", "103", "107"), first=MONDAY)
    lab.play(*fakes.QUIET, fakes.JUMP, "103", first=MONDAY + DAY)
    lab.play("103", first=MONDAY + 2 * DAY)


def test_the_report_is_of_the_books_trades_and_its_daily_equity(lab: World) -> None:
    _wins_on_monday_and_holds_on_tuesday(lab)
    found = book_report(lab.alice, books(lab.alice)[0]).report
    trade = Trade.objects.get()
    assert found.trades.trades == 1
    assert found.trades.net_pnl == trade.pnl
    assert found.trades.fees == trade.fees
    on_monday = 100_000 + trade.pnl
    by_hand = BOUGHT * (Decimal("106.08") * (1 - FEE) - 103 * (1 + FEE))
    assert float(trade.pnl) == pytest.approx(float(by_hand))
    assert found.period.began_at == MONDAY
    first = float(trade.pnl) / 100_000
    assert found.daily.returns[0] == pytest.approx(first, rel=1e-9)
    assert found.daily.equity[0] == pytest.approx(float(on_monday))
    assert found.equity.total_return == pytest.approx(float(found.daily.equity[-1]) / 100_000 - 1)
    assert found.equity.max_drawdown == pytest.approx(
        1 - found.daily.equity[-1] / float(on_monday), rel=1e-9
    )


def test_what_is_still_held_counts_as_time_in_the_market(lab: World) -> None:
    _wins_on_monday_and_holds_on_tuesday(lab)
    found = book_report(lab.alice, books(lab.alice)[0]).report
    # Monday 00:05 to the target at 00:07 at most, Tuesday 00:05 or 00:06 until Wednesday 00:01.
    assert found.trades.exposure_time == pytest.approx(0.5, abs=0.01)


def test_a_deposit_is_no_return(lab: World) -> None:
    lab.play("100", first=MONDAY)
    record_deposit(lab.account, Decimal(5000), now=MONDAY + DAY / 2)
    lab.play("100", first=MONDAY + 2 * DAY)
    found = book_report(lab.alice, books(lab.alice)[0]).report
    assert found.daily.equity.tolist() == [105_000, 105_000, 105_000]
    assert found.equity.total_return == 0


def test_the_page_tells_it(lab: World, alice: Client) -> None:
    _wins_on_monday_and_holds_on_tuesday(lab)
    shown = text(alice.get(PAGE))
    pnl = Trade.objects.get().pnl
    assert f"Net P&L {pnl:,.2f}" in shown
    assert "REPORT PAPER Paper, USD" in shown
    assert "Win rate 100.00 %" in shown
    assert "By exit reason" in shown
    assert "target 1" in shown
    assert "By weekday" in shown
    assert "Days in a year 365" in shown
    page = alice.get(PAGE).content.decode()
    assert page.count("<svg") == 2
    assert re.search(r'class="num heat1">\+0\.\d\d<', page)


def test_trades_stand_under_the_market_in_force_when_they_were_entered(lab: World) -> None:
    fakes.regime_snapshot(lab.instrument, close_time=MONDAY, regime="ranging")
    fakes.regime_snapshot(lab.instrument, close_time=MONDAY + DAY, regime="")
    lab.play(*fakes.QUIET, fakes.JUMP, "103", ("103", "107", "103", "107"), first=MONDAY)
    lab.play(*fakes.QUIET, fakes.JUMP, "103", ("103", "107", "103", "107"), first=MONDAY + DAY)
    lab.play(*fakes.QUIET, fakes.JUMP, "103", ("103", "107", "103", "107"), first=MONDAY + 2 * DAY)
    fakes.regime_snapshot(lab.instrument, close_time=MONDAY + 3 * DAY)  # after them all
    groups = book_report(lab.alice, books(lab.alice)[0]).report.breakdowns.regime
    assert [(group.label, group.trades) for group in groups] == [("ranging", 1), ("unknown", 2)]


def test_the_menu_of_the_dashboard_leads_to_it(lab: World, alice: Client) -> None:
    assert f'href="{PAGE}"' in alice.get("/").content.decode()


def test_an_account_that_has_not_traded_is_told_so(lab: World, alice: Client) -> None:
    shown = text(alice.get(PAGE))
    assert "No trade has been closed yet" in shown
    assert "Sharpe ratio —" in shown


def test_without_an_account_there_is_no_report(client: Client, db: None) -> None:
    client.force_login(fakes.user("carol"))
    assert "You have no account yet" in text(client.get(PAGE))
    assert client.get(REPORT).status_code == client.get(CSV).status_code == 404


@pytest.mark.parametrize("path", [PAGE, REPORT, CSV])
def test_nobody_sees_the_trades_of_another(lab: World, client: Client, path: str) -> None:
    _wins_on_monday_and_holds_on_tuesday(lab)
    bob = fakes.user("bob")
    fakes.account(bob, lab.venue, "55", name="Bob's")
    client.force_login(bob)
    answer = client.get(path, {"book": "lab.paper.USD"})
    assert answer.status_code == 200
    assert "BTC-USD" not in answer.content.decode()


def test_the_page_costs_at_most_twelve_queries(
    lab: World, alice: Client, django_assert_max_num_queries: Any
) -> None:
    _wins_on_monday_and_holds_on_tuesday(lab)
    with django_assert_max_num_queries(MOST_QUERIES):
        assert alice.get(PAGE).status_code == 200


def test_nothing_on_the_page_is_inline_or_from_another_host(lab: World, alice: Client) -> None:
    _wins_on_monday_and_holds_on_tuesday(lab)
    page = alice.get(PAGE).content.decode()
    assert not re.findall(r"<script(?![^>]*\bsrc=)", page)
    assert not re.findall(r"<style|\sstyle=|\son\w+=", page)


def test_the_file_needs_no_other(lab: World, alice: Client) -> None:
    _wins_on_monday_and_holds_on_tuesday(lab)
    answer = alice.get(REPORT)
    page = answer.content.decode()
    assert answer["Content-Disposition"] == 'attachment; filename="report-lab.paper.USD.html"'
    assert not re.findall(r"\bsrc=|<link|<script|href=|url\(|@import", page)
    assert "--ground: light-dark(" in page
    assert page.count("<svg") == 2
    assert f"{Trade.objects.get().pnl:,.2f}" in page


def test_the_trades_are_kept_for_a_spreadsheet(lab: World, alice: Client) -> None:
    _wins_on_monday_and_holds_on_tuesday(lab)
    answer = alice.get(CSV)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(StringIO(answer.content.decode()))
    assert Decimal(row["pnl"]) == Trade.objects.get().pnl
    assert (row["symbol"], row["direction"], row["exit_reason"]) == ("BTC-USD", "long", "target")


def test_shares_have_the_days_of_their_exchange(lab: World) -> None:
    shares = Instrument.objects.filter(pk=lab.instrument.pk)
    lab.play(*fakes.QUIET, fakes.JUMP, "103", first=MONDAY)
    shares.update(asset_class=AssetClass.EQUITY, calendar="XNYS")
    fakes.close(lab.venue, MONDAY + 8 * DAY + MINUTE)  # over a weekend
    found = book_report(lab.alice, books(lab.alice)[0]).report
    days = {date.weekday() for date in found.daily.dates.tolist()}
    assert found.period.days_a_year == 252
    assert days <= {0, 1, 2, 3, 4}
    shares.update(asset_class=AssetClass.CRYPTO, calendar="24/7")
    always = book_report(lab.alice, books(lab.alice)[0]).report
    assert len(always.daily.dates) == 9
    assert always.period.days_a_year == 365


def test_midnights_are_counted_once() -> None:
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert midnights_between(noon, noon) == [noon]
    assert midnights_between(MONDAY, MONDAY + DAY) == [MONDAY, MONDAY + DAY]
    assert len(midnights_between(noon, noon + 3 * DAY)) == 5
