"""What a receipt says beside its verdicts: which switch bound, when it clears, how long it took."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from apps.execution.services import by_hand, halting
from apps.execution.services.tickets import Ticket
from apps.risk import services as risk
from apps.risk.models import Decision
from apps.risk.services import Found
from apps.strategies.models import Signal, StrategySubscription
from tests import fakes
from tests.dashboard.reading import text
from tests.fakes import JUMP, MONDAY, QUIET, World
from trading.gates.codes import GateCode
from trading.gates.triggers import OF_GATES, trigger
from trading.signals import Side

PAGE, API = "/decisions/", "/api/v1/decisions"


def test_a_halt_names_the_switch_that_bound_and_not_the_others(lab: World, alice: Client) -> None:
    """Of an earlier one, a laxer one, and one for somebody else, none is named."""
    bob, now = fakes.user("bob"), timezone.now()
    risk.trip(by="olga", reason="long over", now=now, user=lab.alice)
    risk.reset(by="olga", reason="done", now=timezone.now(), user=lab.alice)
    risk.trip(by="olga", reason="of bob", now=now, user=bob)
    switch = risk.trip(by="olga", reason="odd prices", now=now, strategy=lab.version.strategy)
    lab.play(*QUIET, JUMP, first=MONDAY)
    denied = Decision.objects.get(outcome="denied")

    risk.reset(by="olga", reason="fine", now=timezone.now(), strategy=lab.version.strategy)

    shown = text(alice.get(f"{PAGE}{denied.pk}/"))

    assert "Denied: trading is halted — BTC-USD, SMA crossover" in shown
    assert "CRITICAL" in shown
    assert "Trading of SMA crossover is stopped, until it was reset : nothing new" in shown
    assert "“odd prices”; reset" in shown
    assert "of bob" not in shown
    assert "long over" not in shown
    (told,) = alice.get(f"{API}/{denied.pk}").json()["data"]["switches"]
    assert (told["id"], told["scope"], told["state"]) == (switch.pk, "strategy", "HALTED")
    assert told["reset_at"] is not None


def test_a_halt_that_tripped_by_itself_is_told_with_the_clock_by_which_it_ends(
    lab: World, alice: Client
) -> None:
    lost = trigger(OF_GATES[GateCode.ACCOUNT_DAILY_LOSS], "0.031205", "0.03")
    halting.trip_found([Found(lost, lab.account.pk)], clock=lab.venue.code, at=MONDAY)
    lab.play(*QUIET, JUMP, first=MONDAY)
    denied = Decision.objects.get(outcome="denied")

    shown = text(alice.get(f"{PAGE}{denied.pk}/"))

    assert "Automatically (daily loss), 1 Jun 2026, 00:00 UTC, market time at Lab: “The" in shown
    assert "” until 2 Jun 2026, 00:00 UTC, market time at Lab. Who may reset it" in shown
    (told,) = alice.get(f"{API}/{denied.pk}").json()["data"]["switches"]
    assert told["market_time"] == "2026-06-01T00:00:00Z"


def test_a_loss_of_the_day_says_when_trading_resumes(lab: World, alice: Client) -> None:
    StrategySubscription.objects.filter(pk=lab.subscription.pk).update(max_daily_loss="0.001")
    lab.play(*QUIET, JUMP, "103", ("103", "103", "98", "98"), *QUIET, "101", first=MONDAY)
    denied = Decision.objects.filter(code="DAILY_LOSS_LIMIT").earliest("pk")

    shown = text(alice.get(f"{PAGE}{denied.pk}/"))

    assert "less than 5.00 USD is allowed (set by the subscription): resumes at 00:00 UTC" in shown
    assert "Clears: Resumes at 00:00 UTC Tue 2 Jun 2026, 00:00 UTC" in shown
    told = alice.get(API, {"code": "DAILY_LOSS_LIMIT"}).json()["data"]["decisions"][0]
    assert (told["clears"], told["clears_at"]) == ("resumes at 00:00 UTC", "2026-06-02T00:00:00Z")


def test_it_says_how_long_it_took_since_the_candle_closed(lab: World, alice: Client) -> None:
    fakes.keep_the_walls_time(lab.venue)
    lab.play(*QUIET, JUMP, "103", first=MONDAY)
    bought = Decision.objects.get(outcome="ordered")
    Signal.objects.filter(pk=bought.signal_id).update(
        candle_close_time=bought.created_at - timedelta(milliseconds=1250)
    )
    told = alice.get(f"{API}/{bought.pk}").json()["data"]["latency"]
    assert (told["since"], told["decided_ms"]) == ("candle_close", 1250)
    assert told["submitted_ms"] >= 1250
    shown = text(alice.get(f"{PAGE}{bought.pk}/")).replace("\u00a0", " ")
    assert "Decided within 1.3 s of the candle's close" in shown
    assert "Order sent within" in shown


def test_on_a_simulated_clock_it_is_told_since_the_signal(lab: World, alice: Client) -> None:
    lab.play(*QUIET, JUMP, first=MONDAY)
    bought = Decision.objects.get(outcome="ordered")
    told = alice.get(f"{API}/{bought.pk}").json()["data"]["latency"]
    assert told["since"] == "signal"
    assert 0 <= told["decided_ms"] < 60_000
    assert told["submitted_ms"] is None or told["submitted_ms"] >= told["decided_ms"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("webhook", "Wanted by A webhook of yours"),
        ("copy", "Wanted by A trade that you copy"),
        ("manual", "Wanted by You, by hand"),
    ],
)
def test_what_no_strategy_wanted_has_the_same_receipt(
    lab: World, alice: Client, source: str, words: str
) -> None:
    lab.play(*QUIET, JUMP, "103", first=MONDAY)
    bought = Decision.objects.get(outcome="ordered")
    Signal.objects.filter(pk=bought.signal_id).update(source=source, run=None)
    assert words in text(alice.get(f"{PAGE}{bought.pk}/"))
    told = alice.get(f"{API}/{bought.pk}").json()["data"]
    assert (told["source"], told["run"], told["latency"]["since"]) == (source, None, "signal")


def test_amounts_are_in_the_currency_of_the_account_and_prices_in_the_instruments(
    lab: World, alice: Client
) -> None:
    lab.play(*QUIET, first=MONDAY)
    euros = fakes.instrument(lab.venue, "BTC-EUR")
    fakes.write(euros, QUIET, MONDAY)
    ticket = Ticket(lab.account, euros, Side.BUY, Decimal(200), limit_price=Decimal(99))
    denied = by_hand.place(ticket, key="euros").decision

    shown = text(alice.get(f"{PAGE}{denied.pk}/")).replace("\u00a0", " ")

    assert "Denied: paid in EUR, the account holds USD — BTC-EUR" in shown
    assert "Capital 100,000.00 USD" in shown
    assert "100,000.00 EUR" not in shown
    assert "Price collar Passed 1 EUR away from the market" in shown
