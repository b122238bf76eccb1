"""The page of limits: what holds and who set it, one's own, and where nothing can be traded."""

import pytest
from django.test import Client

from apps.execution.models import Position
from apps.market.models import Candle
from apps.risk.models import RiskLimits
from apps.subscriptions import services as plans
from apps.subscriptions.models import Plan
from tests import fakes
from tests.dashboard.reading import text
from tests.fakes import JUMP, MONDAY, QUIET, World

PAGE = "/limits/"


def _in_force(browser: Client) -> str:
    """What the page says above the form."""
    return text(browser.get(PAGE)).partition("Your own, paper")[0]


def test_each_limit_is_shown_with_who_set_it(lab: World, alice: Client) -> None:
    shown = text(alice.get(PAGE))
    assert "You are on Free." in shown
    assert "Paper PAPER BALLER, 100,000.00 USD" in shown
    assert "Most for one order 5,000.00 USD the capital tier" in shown
    assert "Open positions 3 your plan" in shown
    assert "Below the highest equity 20 % a hard control" in shown
    assert "Loss of a week 10 % the platform" in shown
    assert "TIER_DEADLOCK" not in shown


def test_without_a_price_all_but_the_tiers_limits_are_in_force(lab: World, alice: Client) -> None:
    lab.play(*QUIET, JUMP, "103", first=MONDAY)
    assert Position.objects.get().quantity
    Candle.objects.all().delete()
    alice.post(PAGE, {"positions": "2"})

    shown = text(alice.get(PAGE))

    assert "equity not known: something it holds has no price" in shown
    assert "Open positions 2 you" in shown
    assert "Trades a day 10 your plan" in shown
    assert "Below the highest equity 20 % a hard control" in shown
    assert "Loss of a week 10 % the platform" in shown
    assert "the capital tier" not in shown


def test_ones_own_limits_are_kept_and_shown(lab: World, alice: Client) -> None:
    answer = alice.post(PAGE, {"positions": "2", "daily_loss": "2.5", "symbols": "btc-usd"})
    assert answer.status_code == 302
    row = RiskLimits.objects.of(lab.alice).get()
    assert (row.positions, row.mode, row.symbols) == (2, "paper", ["BTC-USD"])
    shown = text(alice.get(answer["Location"]))
    assert "Saved." in shown
    assert "Open positions 2 you" in shown
    assert "Loss of a day 2.5 % you" in shown
    page = alice.get(PAGE).content.decode()
    assert 'value="2.5"' in page
    assert 'value="BTC-USD"' in page


def test_ones_own_hours_and_instruments_are_in_force_too(lab: World, alice: Client) -> None:
    assert "Enter only" not in _in_force(alice)
    hours = {"window_days": ["0", "4"], "window_opens": "08:00", "window_closes": "17:30"}
    alice.post(PAGE, {"symbols": "btc-usd", **hours})

    shown = _in_force(alice)

    assert "Only these instruments BTC-USD you" in shown
    assert "Enter only Monday, Friday, 08:00 to 17:30 UTC you" in shown
    alice.post(PAGE, {"window_opens": "22:00", "window_closes": "04:00"})
    assert "Enter only every day, 22:00 to 04:00 UTC you" in _in_force(alice)


def test_a_looser_limit_of_ones_own_is_said_not_to_bind(lab: World, alice: Client) -> None:
    fakes.account(lab.alice, lab.venue, name="Second")
    typed = {"weekly_loss": "50", "drawdown": "20", "positions": "2"}
    shown = text(alice.post(PAGE, typed, follow=True))

    said = "Loss of a week : your 50 % does not bind in Paper, Second. 10 % is in force, set by the"
    assert f"Saved. Your limits hold from the next decision on. {said} platform." in shown
    assert shown.count("does not bind") == 1
    assert "does not bind" not in text(alice.get(PAGE))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"positions": "4"}, "EXCEEDS_TIER_LIMIT: Free allows 3"),
        ({"trades_a_day": "11"}, "EXCEEDS_TIER_LIMIT: Free allows 10"),
        ({"daily_loss": "101"}, "less than or equal to 100"),
        ({"drawdown": "0"}, "greater than or equal to 0.01"),
        ({"most_notional": "NaN"}, "INVALID_SETTING: type a number"),
        ({"consecutive_losses": "many"}, "INVALID_SETTING: type a number"),
        ({"symbols": "BTC-USD, DOGE-MOON"}, "SYMBOL_UNKNOWN: there is no DOGE-MOON."),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field(
    lab: World, alice: Client, typed: dict[str, str], said: str
) -> None:
    answer = alice.post(PAGE, typed)
    assert answer.status_code == 400
    assert said in text(answer)
    assert not RiskLimits.objects.exists()


def test_a_dead_zone_is_told_with_the_capital_that_it_takes(
    lab: World, alice: Client, client: Client
) -> None:
    bob = fakes.user("bob")
    fakes.account(bob, lab.venue, "260")
    client.force_login(bob)
    shown = text(client.get(PAGE))
    assert "TIER_DEADLOCK in Paper : no order is possible with a capital of 260.00" in shown
    assert "it takes 10.00 USD to 49.99 USD or 100.00 USD to 249.99 USD or 285.72 USD to" in shown


def test_ones_own_limit_can_make_a_dead_zone(lab: World, alice: Client) -> None:
    answer = alice.post(PAGE, {"most_notional": "99"})  # the tier asks for 100 at least
    shown = text(alice.get(answer["Location"]))
    assert "TIER_DEADLOCK in Paper" in shown
    assert "or 285.72 USD to 4,950.00 USD" in shown  # with 2 percent at least


def test_the_plan_is_named(lab: World, alice: Client) -> None:
    plans.publish()
    pro = Plan.objects.get(code="pro", version=1)
    plans.give(lab.alice, pro, now=MONDAY, by="olga", reason="a test")
    shown = text(alice.get(PAGE))
    assert "You are on Pro." in shown
    assert "Open positions 10 your plan" in shown


def test_without_an_account_there_is_nothing_to_bound(lab: World, client: Client) -> None:
    client.force_login(fakes.user("carol"))
    assert "You have no account yet" in text(client.get(PAGE))
    assert client.post(PAGE, {"positions": "2"}).status_code == 200
    assert not RiskLimits.objects.exists()
