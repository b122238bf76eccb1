"""From a position, an order and a candle to the reason for it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.dashboard.limit_words import LABELS, limit_lines
from apps.execution.models import Order, Position
from apps.execution.services.flattening import flatten
from apps.risk.models import Decision
from apps.strategies import services as strategies
from apps.strategies.models import Run
from tests import fakes
from tests.dashboard.reading import text
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, World
from trading.exits import ExitReason
from trading.gates.bounds import NAMES, bounds_of, in_force
from trading.gates.bounds import Source as Setter

CLOSES, ORDERS = "/closes/", "/orders/"


@pytest.fixture
def held(lab: World) -> Position:
    lab.play(*QUIET, JUMP, "103", first=MONDAY)
    return Position.objects.get()


def _read(browser: Client, path: str, **query: str | int) -> Any:
    answer: Any = browser.get(path, query)
    assert answer.status_code == 200
    return answer


def _at(moment: datetime) -> int:
    return int(moment.timestamp())


def _closed(browser: Client, opened_at: datetime, frame: str = "1m", **query: str) -> str:
    question: dict[str, str | int] = {"instrument": "BTC-USD", "timeframe": frame, **query}
    return text(_read(browser, CLOSES, time=_at(opened_at), **question))


def _receipt_of(order: Order | None) -> str:
    assert order is not None
    return f'<a href="/decisions/{order.decision_id}/">Why?</a>'


def test_a_position_leads_to_the_decision_that_opened_it(held: Position, alice: Client) -> None:
    page = _read(alice, f"/positions/{held.pk}/")
    why = _receipt_of(Order.objects.get(leg="entry"))
    assert "Held because Why? the decision that opened it" in text(page)
    # The holding, its stop, its target and its fill.
    assert page.content.decode().count(why) == 4


def test_a_position_without_an_exit_that_stands_still_leads_to_its_why(
    held: Position, alice: Client
) -> None:
    Order.objects.exclude(leg="entry").update(status="canceled")
    home = _read(alice, "/").content.decode()
    assert f'id="why-{held.pk}" href="/positions/{held.pk}/#why"' in home


def test_a_round_trip_leads_to_why_it_was_entered_and_left(
    lab: World, held: Position, alice: Client
) -> None:
    lab.play("100", "100", first=MONDAY + 6 * MINUTE)
    left = Order.objects.get(leg="exit")
    shown = _read(alice, f"/positions/{held.pk}/")
    assert "strategy signal Why?" in text(shown)
    assert shown.content.decode().count(_receipt_of(left)) == 2  # the round trip and its fill


def test_an_order_without_a_receipt_says_who_wanted_it(
    lab: World, held: Position, alice: Client
) -> None:
    flatten(Position.objects.of(lab.alice), ExitReason.MANUAL, by="alice@example.com")
    assert "Closed by hand, by alice@example.com" in text(_read(alice, ORDERS))
    assert "Closed by hand, by alice@example.com" in text(_read(alice, f"/positions/{held.pk}/"))


def test_every_order_is_listed_with_its_why(
    held: Position, alice: Client, client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(6):
        page = _read(alice, ORDERS)
    assert page.content.decode().count(_receipt_of(Order.objects.get(leg="entry"))) == 3
    assert "BTC-USD entry PAPER SMA crossover" in text(page)
    one = _read(alice, ORDERS, status="open", decision=Decision.objects.get().pk)
    assert {line.order.leg for line in one.context["page"].lines} == {"stop", "target"}
    assert alice.get(ORDERS, {"status": "in the post"}).status_code == 400
    client.force_login(fakes.user("bob"))
    assert "There is no such order yet." in text(_read(client, ORDERS))


def test_an_order_says_when_it_was_decided_and_how_it_stands(held: Position, alice: Client) -> None:
    shown = _orders(alice)
    assert f"BTC-USD stop PAPER SMA crossover · {_name('stop')} 2026-06-01 00:05 Sell" in shown
    flatten(Position.objects.all(), ExitReason.MANUAL, by="alice@example.com")
    assert f"BTC-USD exit PAPER SMA crossover · {_name('exit')} 2026-06-01 00:06 Sell" in _orders(
        alice
    )

    Order.objects.filter(leg="stop").update(status="partially_filled")
    Order.objects.filter(leg="target").update(status="canceled")

    shown = _orders(alice)
    assert "partly filled Why?" in shown
    assert "cancelled Why?" in shown
    assert "partially_filled" not in shown
    assert "— partly filled" in text(_read(alice, f"/positions/{held.pk}/"))
    assert '<option value="canceled">cancelled</option>' in alice.get(ORDERS).content.decode()


def _orders(browser: Client) -> str:
    return text(_read(browser, ORDERS))


def _name(leg: str) -> str:
    return Order.objects.get(leg=leg).client_order_id[:8]


def test_a_candle_says_what_was_decided_when_it_closed(held: Position, alice: Client) -> None:
    shown = _closed(alice, MONDAY + 4 * MINUTE)
    assert "BTC-USD, 1 Jun 2026, 00:04 to 00:05 UTC" in shown
    assert "SMA crossover 1.0.0 spoke, at 00:05 UTC: Bought 24.5098 BTC-USD at 103.00" in shown
    assert "SMA crossover 1.0.0 looks every minute." in shown


def test_a_candle_says_what_was_filled_in_it_and_why(held: Position, alice: Client) -> None:
    assert "What was filled 1 Order" in _closed(alice, MONDAY + 5 * MINUTE)
    assert "Entry PAPER Buy 24.5098 103 Why?" in _closed(alice, MONDAY + 5 * MINUTE)


def test_a_candle_at_which_nothing_was_said_says_so(held: Position, alice: Client) -> None:
    assert "looked and saw nothing to do." in _closed(alice, MONDAY + 3 * MINUTE)
    assert "was warming up: too few candles had closed, at 00:01 UTC." in _closed(alice, MONDAY)
    later = _closed(alice, MONDAY + 6 * MINUTE)
    assert "This candle has not closed yet." in later


def test_a_close_that_was_missed_and_one_without_a_record_are_told_apart(
    lab: World, held: Position, alice: Client
) -> None:
    missed = MONDAY + 4 * MINUTE
    Run.objects.filter(candle_close_time=missed).update(status="missed", reason="NO_CANDLE")
    assert "did not look: the venue sent no candle for this close, at 00:04 UTC." in _closed(
        alice, missed - MINUTE
    )
    Run.objects.filter(candle_close_time=missed).delete()
    assert "has no record of looking at 1 close:" in _closed(alice, missed - MINUTE)


def test_a_long_candle_counts_the_silent_closes(held: Position, alice: Client) -> None:
    shown = _closed(alice, MONDAY, "5m")
    assert "looked and saw nothing to do" in shown
    assert "was warming up" in shown
    assert "Bought 24.5098 BTC-USD" in shown


def test_whoever_was_paused_reads_that_they_were_not_asked(lab: World, alice: Client) -> None:
    strategies.pause(lab.subscription, now=MONDAY)
    lab.play(*QUIET, JUMP, first=MONDAY)
    assert "spoke, and your subscription was not asked: it was paused" in _closed(
        alice, MONDAY + 4 * MINUTE
    )


def test_a_candle_of_what_nobody_follows_says_so(lab: World, alice: Client) -> None:
    fakes.instrument(lab.venue, "ETH-USD")
    shown = text(_read(alice, CLOSES, instrument="ETH-USD"))
    assert "No strategy that you follow in these accounts looks at ETH-USD." in shown


def test_without_a_question_the_candle_is_of_what_is_followed_at_that_venue(
    lab: World, held: Position, alice: Client
) -> None:
    other = fakes.venue("other")
    version = fakes.version([fakes.instrument(other, "ADA-USD")], "2.0.0")
    fakes.subscribe(lab.alice, version, fakes.account(lab.alice, other, name="Other"))
    assert "BTC-USD, 1 Jun 2026" in text(_read(alice, CLOSES))
    assert "ADA-USD, " in text(_read(alice, CLOSES, book="other.paper.USD"))


def test_what_there_is_no_room_to_show_was_answered_all_the_same(
    lab: World, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes.subscribe(lab.alice, lab.version, fakes.account(lab.alice, lab.venue, name="Second"))
    lab.play(*QUIET, JUMP, "103", ("103", "107", "103", "107"), *QUIET, JUMP, first=MONDAY)
    looks = _closed(alice, MONDAY, "1h").count("spoke, at")
    monkeypatch.setattr("apps.dashboard.selectors.close.MOST_LINES", 2)

    shown = _closed(alice, MONDAY, "1h")

    assert looks > 2
    assert shown.count("spoke, at") == 2
    assert shown.count("Buying") == 2  # the latest answers, as the latest looks
    assert "was not asked" not in shown


def test_a_candle_that_ends_on_another_day_says_on_which(held: Position, alice: Client) -> None:
    shown = _closed(alice, MONDAY, "1d")
    assert "BTC-USD, 1 Jun 2026, 00:00 to 2 Jun 00:00 UTC" in shown
    before = _closed(alice, MONDAY - timedelta(days=1), "1d")
    assert "31 May 2026, 00:00 to 1 Jun 00:00 UTC" in before
    Run.objects.filter(candle_close_time=MONDAY + MINUTE).update(candle_close_time=MONDAY)
    assert "at 1 Jun 00:00 UTC" in _closed(alice, MONDAY - timedelta(days=1), "1d")


def test_another_ones_receipts_are_not_on_ones_candle(
    held: Position, lab: World, client: Client
) -> None:
    bob = fakes.user("bob")
    fakes.subscribe(bob, lab.version, fakes.account(bob, lab.venue))
    client.force_login(bob)
    shown = _closed(client, MONDAY + 4 * MINUTE)
    assert "Bought" not in shown
    assert "your subscription was not asked" in shown


@pytest.mark.parametrize(
    "query",
    [{"instrument": "NO-SUCH"}, {"book": "another"}, {"time": "x"}, {"timeframe": "7m"},
     {"time": str(10**12)}],
)  # fmt: skip
def test_a_candle_that_cannot_be_is_not_found(
    lab: World, alice: Client, query: dict[str, str]
) -> None:
    assert alice.get(CLOSES, query).status_code == 404


def test_a_candle_costs_a_constant_number_of_queries(
    lab: World, held: Position, alice: Client, django_assert_max_num_queries: Any
) -> None:
    lab.play("100", "100", *QUIET, JUMP, "103", first=MONDAY + 6 * MINUTE)
    with django_assert_max_num_queries(12):
        _closed(alice, MONDAY, "1h")


def test_every_limit_that_can_be_set_has_words_and_its_setter() -> None:
    assert set(LABELS) == set(NAMES)
    bounds = bounds_of(Setter.TIER, **dict.fromkeys(NAMES, 3))
    lines = limit_lines(in_force(bounds), "USD")
    assert [line.name for line in lines] == list(LABELS)
    assert {line.who for line in lines} == {"the capital tier"}
    told = {line.name: line.value for line in lines}
    assert told["most_notional"] == "3.00 USD"
    assert told["daily_loss"] == "300\u00a0%"
    assert (told["positions"], told["signal_age"]) == ("3", "3 seconds")
