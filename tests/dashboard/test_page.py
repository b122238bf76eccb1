"""The page as the server writes it."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.brokers.models import BrokerAccount
from apps.dashboard.selectors.desk import Desk
from apps.events.services.sealing import seal_batch
from apps.execution.services.accounts import open_paper_account
from apps.risk import services as risk
from apps.risk.models import Decision
from apps.strategies import services as strategies
from apps.strategies.models import Signal
from tests import fakes
from tests.dashboard.reading import text
from tests.fakes import MINUTE, MONDAY, World
from trading.gates.values import TradingState

HOME = "/"
MOST_QUERIES = 12
PAPER = re.compile(r'class="mode mode-paper"')


def _holds_one(lab: World) -> None:
    lab.play(*fakes.QUIET, fakes.JUMP, "103", first=MONDAY)


def test_an_anonymous_visitor_is_asked_to_sign_in_and_comes_back(client: Client) -> None:
    answer = client.get("/decisions/7/?from=mail")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/decisions/7/%3Ffrom%3Dmail"


def test_an_open_position_is_shown_with_its_plan(lab: World, alice: Client) -> None:
    _holds_one(lab)
    shown = text(alice.get(HOME))
    # 24.5098 bought at 103, now at 103; stop 2 % under and target 4 % over the close of 102.
    row = "BTC-USD PAPER SMA crossover · why LONG 24.5098 103.00 103.00 0.00 0.00 % 99.96 106.08"
    assert row in shown
    assert "Bought 24.5098 BTC-USD at 103.00 — SMA crossover" in shown


def test_the_cards_say_what_there_is(lab: World, alice: Client) -> None:
    _holds_one(lab)
    shown = text(alice.get(HOME))
    fee = Decimal("24.5098") * 103 * Decimal("0.001")  # 2.5245094
    assert f"{100_000 - fee:,.2f}" == "99,997.48"
    assert "Equity PAPER 99,997.48 USD Today -2.52 (0.00 %)" in shown
    assert "Open P&L 0.00 USD Exposure 2,524.51 USD (2.5 %)" in shown
    assert "Realised today -2.52 USD All time -2.52 , after 2.52 of fees" in shown
    assert "Win rate — No trade closed yet" in shown


def test_a_win_rate_counts_what_is_left_after_fees(lab: World, alice: Client) -> None:
    _holds_one(lab)
    lab.play(("103", "107", "103", "107"), first=MONDAY + 6 * MINUTE)
    shown = text(alice.get(HOME))
    assert "Win rate 100 % 1 of 1 trade won" in shown
    assert "target reached" in shown
    assert "103.00 → 106.08" in shown


def test_every_row_of_money_says_which_kind_it_is(lab: World, alice: Client) -> None:
    _holds_one(lab)
    page = alice.get(HOME).content.decode()
    rows = [row for row in page.split("<tr") if "data-position" in row]
    lines = [line for line in page.split("<li") if "line-" in line]
    assert rows
    assert lines
    assert all(PAPER.search(part) for part in rows + lines)


def test_a_page_without_positions_says_what_happens_next(lab: World, alice: Client) -> None:
    shown = text(alice.get(HOME))
    assert "No position is open. The next one shows up here by itself:" in shown
    assert "SMA crossover looks at BTC-USD every minute." in shown
    assert "No trade has been closed yet." in shown
    assert "Nothing has been bought, sold or refused yet." in shown


def test_paused_subscriptions_are_not_promised_to_trade(lab: World, alice: Client) -> None:
    strategies.pause(lab.subscription, now=MONDAY)
    assert "all your subscriptions are paused or ended" in text(alice.get(HOME))


def test_a_user_without_an_account_is_told_so(client: Client, db: None) -> None:
    client.force_login(fakes.user("carol"))
    assert "You have no account yet" in text(client.get(HOME))


def test_a_tripped_switch_is_told_with_who_and_why(lab: World, alice: Client) -> None:
    risk.trip(by="olga@example.com", reason="odd prices", now=MONDAY)
    shown = text(alice.get(HOME))
    assert "Trading is stopped on the whole platform" in shown
    assert "Exits, stops and targets still leave." in shown
    assert "olga@example.com, 1 Jun 2026, 00:00 UTC, real time: “odd prices”. Who" in shown


def test_only_switches_that_concern_the_user_are_told(lab: World, alice: Client) -> None:
    bob = fakes.user("bob")
    state = TradingState.REDUCING
    risk.trip(by="olga", reason="bob asked", now=MONDAY, user=bob)
    risk.trip(
        by="olga", reason="too many losses", now=MONDAY, state=state, strategy=lab.version.strategy
    )
    shown = text(alice.get(HOME))
    assert "bob asked" not in shown
    assert "Trading of SMA crossover is stopped : nothing new is opened." in shown


def test_what_was_skipped_is_shown_on_request_only(lab: World, alice: Client) -> None:
    lab.play(*fakes.QUIET, fakes.DROP, "96", first=MONDAY)  # an exit with nothing to close
    assert Decision.objects.filter(outcome="skipped").exists()
    assert "nothing to close" not in text(alice.get(HOME))
    shown = text(alice.get(HOME, {"skipped": "1"}))
    assert "Skipped: nothing to close — BTC-USD, SMA crossover" in shown
    assert "Hide skipped" in shown


def test_paper_of_two_currencies_is_never_added_up(lab: World, alice: Client) -> None:
    open_paper_account(
        lab.alice, lab.venue, name="Euro", currency="EUR", deposit=Decimal(77), now=MONDAY
    )
    assert "100,000.00 USD" in text(alice.get(HOME))
    assert "77.00 EUR" in text(alice.get(HOME, {"book": "lab.paper.EUR"}))


def test_a_book_of_somebody_else_is_not_opened(lab: World, alice: Client) -> None:
    bob = fakes.user("bob")
    open_paper_account(bob, lab.venue, name="B", currency="EUR", deposit=Decimal(77), now=MONDAY)
    shown = text(alice.get(HOME, {"book": "lab.paper.EUR"}))
    assert "77.00" not in shown
    assert "100,000.00 USD" in shown


def test_nobody_sees_the_rows_of_another(lab: World, client: Client) -> None:
    _holds_one(lab)
    bob = fakes.user("bob")
    fakes.subscribe(bob, lab.version, fakes.account(bob, lab.venue, "55"))
    client.force_login(bob)
    shown = text(client.get(HOME))
    assert "24.5098" not in shown
    assert "55.00 USD" in shown


def test_the_page_costs_at_most_twelve_queries_however_much_there_is(
    lab: World, alice: Client, django_assert_max_num_queries: Any
) -> None:
    _holds_one(lab)
    _repeat_the_decision(500)
    with django_assert_max_num_queries(MOST_QUERIES):
        assert alice.get(HOME, {"skipped": "1"}).status_code == 200


def test_a_fragment_costs_only_what_it_shows(
    lab: World, alice: Client, django_assert_max_num_queries: Any
) -> None:
    _holds_one(lab)
    with django_assert_max_num_queries(6):
        answer = alice.get("/live/", {"parts": "feed"})
    assert 'id="feed"' in answer.content.decode()
    assert 'id="cards"' not in answer.content.decode()


def test_a_fragment_is_marked_to_be_swapped_in(lab: World, alice: Client) -> None:
    _holds_one(lab)
    parts = "halts,cards,positions,trades,feed"
    page = alice.get("/live/", {"parts": parts}).content.decode()
    assert page.count("hx-swap-oob=") == 5
    assert "hx-swap-oob" not in alice.get(HOME).content.decode()


def test_unknown_parts_are_answered_with_nothing(lab: World, alice: Client) -> None:
    assert alice.get("/live/", {"parts": "users,passwords"}).status_code == 204


def test_the_stream_goes_on_where_the_page_ends(lab: World, alice: Client) -> None:
    _holds_one(lab)
    assert 'data-sequence="0"' in alice.get(HOME).content.decode()
    seal_batch()
    assert Desk(lab.alice).sequence > 2
    assert f'data-sequence="{Desk(lab.alice).sequence}"' in alice.get(HOME).content.decode()


def test_nothing_on_the_page_is_inline_or_from_another_host(lab: World, alice: Client) -> None:
    _holds_one(lab)
    page = alice.get(HOME).content.decode()
    assert not re.findall(r"<script(?![^>]*\bsrc=)", page)
    assert not re.findall(r"<style|\sstyle=|\son\w+=", page)
    loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]+)"', page)
    assert loaded
    assert all(address.startswith("/static/") for address in loaded)


@pytest.mark.parametrize("path", ["/", "/live/?parts=cards"])
def test_what_is_private_is_not_kept_by_caches(lab: World, alice: Client, path: str) -> None:
    assert "no-store" in alice.get(path)["Cache-Control"]


def test_the_receipts_of_the_feed_lead_somewhere(lab: World, alice: Client) -> None:
    _holds_one(lab)
    links = re.findall(r'href="(/decisions/\d+/)"', alice.get(HOME).content.decode())
    assert links
    assert {alice.get(link).status_code for link in links} == {200}
    assert reverse("dashboard:receipt", args=[Decision.objects.get(outcome="ordered").pk]) in links


def _repeat_the_decision(times: int) -> None:
    """The same decision for as many signals, as months would make them."""
    decision = Decision.objects.filter(outcome="ordered").get()
    signal = decision.signal
    signals = []
    for number in range(times):
        signal.pk, signal.source_key = None, f"again:{number}"
        signals.append(Signal(**_columns(signal)))
    Signal.objects.bulk_create(signals)
    columns = _columns(decision)
    Decision.objects.bulk_create(
        Decision(**{**columns, "id": None, "signal_id": made.pk}) for made in signals
    )


def _columns(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_an_account_name_is_shown_as_text(lab: World, alice: Client) -> None:
    BrokerAccount.objects.filter(pk=lab.account.pk).update(name="<b>bold</b>")
    _holds_one(lab)
    link = re.findall(r'href="(/decisions/\d+/)"', alice.get(HOME).content.decode())[0]
    assert "&lt;b&gt;bold&lt;/b&gt;" in alice.get(link).content.decode()
