"""What a person orders themselves goes through the same gates, and is denied above a cap."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from apps.common.errors import Refused
from apps.execution.models import Order, Position, Reservation
from apps.execution.services import by_hand
from apps.execution.services.by_hand import Receipt
from apps.execution.services.tickets import Ticket
from apps.risk import services as risk
from apps.risk.models import AccountRisk, Decision, KillSwitch
from apps.strategies import services as strategies
from apps.strategies.models import Signal, StrategySubscription
from tests import fakes
from tests.fakes import MINUTE, MONDAY, QUIET, World
from trading.gates.values import TradingState
from trading.signals import Side

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    """Alice has 100,000 USD; BTC-USD costs 100."""
    lab = fakes.world()
    lab.play(*QUIET, first=MONDAY)
    return lab


def ticket(lab: World, side: Side = Side.BUY, **columns: Any) -> Ticket:
    if "notional" not in columns:
        columns = {"quantity": Decimal(20), **columns}
    return Ticket(lab.account, lab.instrument, side, **columns)


def buy(lab: World, key: str = "one", **columns: Any) -> Receipt:
    return by_hand.place(ticket(lab, **columns), key=key)


def sell(lab: World, key: str = "two", **columns: Any) -> Receipt:
    return by_hand.place(ticket(lab, Side.SELL, **columns), key=key)


def refusals(receipt: Receipt) -> list[str]:
    return [verdict[2] for verdict in receipt.decision.verdicts if verdict[2]]


def test_a_ticket_becomes_an_order_and_a_position(lab: World) -> None:
    receipt = buy(lab, stop_price=Decimal(95), target_price=Decimal(110))

    assert refusals(receipt) == []
    assert (receipt.decision.outcome, receipt.is_new) == ("ordered", True)
    (order,) = receipt.orders
    assert (order.status, order.quantity, order.side) == ("accepted", 20, "buy")
    assert (order.stop_price, order.target_price) == (95, 110)
    assert Reservation.objects.get(order=order).amount > 2_000
    assert len(receipt.decision.verdicts) == 37
    lab.play("100", first=MONDAY + 4 * MINUTE)
    held = Position.objects.get(subscription__is_by_hand=True)
    assert (held.quantity, held.account) == (20, lab.account)
    assert Order.objects.filter(subscription=held.subscription, leg="stop", quantity=20).exists()


def test_a_size_in_money_is_rounded_down_to_the_step(lab: World) -> None:
    receipt = buy(lab, notional=Decimal("2000.009"))
    assert (receipt.decision.outcome, receipt.decision.quantity) == ("ordered", 20)


def test_above_a_cap_it_is_denied_and_the_cap_is_named(lab: World) -> None:
    receipt = buy(lab, quantity=Decimal(500))

    assert receipt.decision.outcome == "denied"
    assert "SIZE_ABOVE_CAP" in refusals(receipt)
    (verdict,) = (row for row in receipt.decision.verdicts if row[2] == "SIZE_ABOVE_CAP")
    # What its tier lets one order take of the account; nothing is cut down.
    assert (verdict[3], verdict[5]) == ("500", "SHARE:tier")
    assert Decimal(verdict[4]) <= 100
    assert receipt.decision.quantity == 500
    assert not Order.objects.exists()
    assert not Reservation.objects.exists()


def test_the_same_key_again_is_answered_with_the_first_receipt(lab: World) -> None:
    first, again = buy(lab), buy(lab)

    assert again.decision.pk == first.decision.pk
    assert (first.is_new, again.is_new) == (True, False)
    assert [order.pk for order in again.orders] == [order.pk for order in first.orders]
    assert (Order.objects.count(), Signal.objects.filter(source="manual").count()) == (1, 1)


def test_a_key_stands_for_one_thing_only(lab: World) -> None:
    buy(lab)
    with pytest.raises(Refused) as refused:
        buy(lab, quantity=Decimal(21))
    assert refused.value.code == "KEY_USED"


def test_the_same_key_of_another_person_is_another(lab: World) -> None:
    buy(lab)
    bob = fakes.user("bob")
    theirs = Ticket(
        fakes.account(bob, lab.venue, name="Bob's"), lab.instrument, Side.BUY, Decimal(20)
    )
    assert by_hand.place(theirs, key="one").is_new
    assert Order.objects.count() == 2


def test_the_same_order_from_another_account_moments_later_is_a_repetition(lab: World) -> None:
    buy(lab)
    second = fakes.account(lab.alice, lab.venue, name="Second")
    receipt = by_hand.place(Ticket(second, lab.instrument, Side.BUY, Decimal(20)), key="two")
    assert (receipt.decision.outcome, receipt.decision.code) == ("denied", "DUPLICATE_ORDER")
    larger = by_hand.place(Ticket(second, lab.instrument, Side.BUY, Decimal(21)), key="three")
    assert larger.decision.outcome == "ordered"


def test_what_a_strategy_has_just_ordered_is_no_repetition(lab: World) -> None:
    lab.play(fakes.JUMP, first=MONDAY + 4 * MINUTE)
    theirs = Order.objects.get(leg="entry", subscription__is_by_hand=False)

    receipt = buy(lab, quantity=theirs.quantity)

    assert "DUPLICATE_ORDER" not in refusals(receipt)
    assert receipt.decision.outcome == "ordered"


def test_on_paper_and_live_the_same_is_not_the_same(lab: World) -> None:
    buy(lab)
    Order.objects.update(mode="live")
    second = fakes.account(lab.alice, lab.venue, name="Second")
    receipt = by_hand.place(Ticket(second, lab.instrument, Side.BUY, Decimal(20)), key="two")
    assert receipt.decision.outcome == "ordered"


def test_a_sale_of_what_was_just_sold_opens_no_short(lab: World) -> None:
    lab.instrument.is_shortable = True
    lab.instrument.save()
    buy(lab)
    lab.play("100", first=MONDAY + 4 * MINUTE)
    sell(lab)
    lab.play("100", first=MONDAY + 5 * MINUTE)

    again = sell(lab, "tapped again")

    assert again.decision.action == "enter_short"
    assert "DUPLICATE_ORDER" in refusals(again)


def test_a_sale_closes_what_was_bought_by_hand_and_no_more_than_is_held(lab: World) -> None:
    buy(lab, stop_price=Decimal(95))
    lab.play("100", first=MONDAY + 4 * MINUTE)
    part = sell(lab, quantity=Decimal(5))
    assert (part.decision.action, part.decision.quantity) == ("exit_long", 5)
    lab.play("100", first=MONDAY + 5 * MINUTE)
    assert Position.objects.get().quantity == 15
    call_command("check_protection")
    call_command("check_ledger")
    rest = sell(lab, "three", quantity=Decimal(500))
    assert (rest.decision.outcome, rest.decision.quantity) == ("ordered", 15)
    lab.play("100", first=MONDAY + 6 * MINUTE)
    assert Position.objects.get().quantity == 0


def test_sales_on_their_way_are_together_no_more_than_is_held(lab: World) -> None:
    buy(lab)
    lab.play("100", first=MONDAY + 4 * MINUTE)

    sold = [sell(lab, key, quantity=Decimal(15)) for key in ("two", "three", "four")]

    assert [(each.decision.quantity, each.decision.code) for each in sold] == [
        (15, ""), (5, ""), (0, "EXIT_ALREADY_WORKING"),
    ]  # fmt: skip
    lab.play("100", first=MONDAY + 5 * MINUTE)
    assert Position.objects.get().quantity == 0
    assert set(Order.objects.filter(leg="exit").values_list("status", flat=True)) == {"filled"}


def test_an_exit_is_asked_the_exit_list_only_and_leaves_when_trading_is_halted(lab: World) -> None:
    buy(lab)
    lab.play("100", first=MONDAY + 4 * MINUTE)
    risk.trip(by="shell:test", reason="drill", now=MONDAY, state=TradingState.HALTED)

    entry = buy(lab, "three", quantity=Decimal(7))
    exit_ = sell(lab)

    assert (entry.decision.outcome, entry.decision.code) == ("denied", "TRADING_HALTED")
    assert (exit_.decision.outcome, len(exit_.decision.verdicts)) == ("ordered", 1)
    assert exit_.orders[0].status == "accepted"
    lab.play("100", first=MONDAY + 5 * MINUTE)
    assert Position.objects.get().quantity == 0


def test_what_only_reduces_opens_nothing(lab: World) -> None:
    receipt = sell(lab, reduces=True)
    assert (receipt.decision.outcome, receipt.decision.code) == ("skipped", "NO_POSITION")


def test_a_sale_of_nothing_is_a_short_and_this_instrument_has_none(lab: World) -> None:
    receipt = sell(lab)
    assert (receipt.decision.action, receipt.decision.code) == (
        "enter_short", "SHORT_NOT_AVAILABLE",
    )  # fmt: skip


def test_a_sale_takes_back_the_entry_that_nothing_is_filled_of(lab: World) -> None:
    bought = buy(lab, quantity=Decimal(25), limit_price=Decimal(99))
    assert refusals(bought) == []
    receipt = sell(lab)
    assert (receipt.decision.action, receipt.decision.code) == ("exit_long", "NO_POSITION")
    assert Order.objects.get(pk=bought.orders[0].pk).status == "canceled"
    assert not Reservation.objects.filter(released_at=None).exists()


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"quantity": Decimal("0.00001")}, "QUANTITY_BELOW_MINIMUM"),
        ({"quantity": None}, "SIZE_NOT_SAID"),
        ({"quantity": Decimal(1), "notional": Decimal(1)}, "SIZE_NOT_SAID"),
        ({"stop_price": Decimal(101)}, "TICKET_NOT_USABLE"),
        ({"target_price": Decimal(99)}, "TICKET_NOT_USABLE"),
        ({"limit_price": Decimal(-1)}, "TICKET_NOT_USABLE"),
        ({"reduces": True, "side": Side.SELL, "limit_price": Decimal(99)}, "EXIT_AT_MARKET"),
    ],
)
def test_what_no_order_can_be_made_of_is_refused(
    lab: World, columns: dict[str, Any], code: str
) -> None:
    side = columns.pop("side", Side.BUY)
    with pytest.raises(Refused) as refused:
        by_hand.place(ticket(lab, side, **columns), key="one")
    assert refused.value.code == code
    assert not Decision.objects.exists()


def test_without_a_price_it_is_refused(lab: World) -> None:
    silent = fakes.instrument(lab.venue, "ETH-USD")
    with pytest.raises(Refused) as refused:
        by_hand.place(Ticket(lab.account, silent, Side.BUY, Decimal(1)), key="one")
    assert refused.value.code == "NO_PRICE"


def test_where_the_equity_is_not_known_nothing_is_entered(lab: World, client: Client) -> None:
    silent = fakes.instrument(lab.venue, "ETH-USD")
    buy(lab)
    lab.play("100", first=MONDAY + 4 * MINUTE)
    Position.objects.update(instrument=silent)
    receipt = buy(lab, "two", quantity=Decimal(1))
    assert (receipt.decision.outcome, receipt.decision.code) == ("denied", "FACT_UNKNOWN")
    client.force_login(lab.alice)
    assert "not known" in client.get(f"/decisions/{receipt.decision.pk}/").content.decode()


def test_an_account_has_one_subscription_by_hand_which_never_ends(lab: World) -> None:
    buy(lab)
    lab.play("100", first=MONDAY + 4 * MINUTE)
    sell(lab)
    row = StrategySubscription.objects.get(is_by_hand=True)
    assert row.version.strategy.code == "manual"
    assert not row.version.is_active
    strategies.end(row, now=MONDAY)
    assert not strategies.pause(row, now=MONDAY)
    row.refresh_from_db()
    assert row.ended_at is None
    with pytest.raises(IntegrityError), transaction.atomic():
        StrategySubscription.objects.create(
            user=lab.alice, version=lab.version, account=lab.account, mode="paper", is_by_hand=True
        )


def test_a_key_of_a_purchase_does_not_stand_for_one_that_only_reduces(lab: World) -> None:
    buy(lab)
    with pytest.raises(Refused) as refused:
        buy(lab, reduces=True)
    assert refused.value.code == "KEY_USED"


def test_what_a_ticket_meets_trips_as_what_a_signal_meets(lab: World) -> None:
    """An account that holds nothing is measured at no close."""
    AccountRisk.objects.update(peak_equity=200_000)
    receipt = buy(lab)

    assert receipt.decision.code == "DRAWDOWN_LIMIT"
    switch = KillSwitch.objects.get()
    assert (switch.cause, switch.account) == ("max_drawdown", lab.account)
    assert switch.reason == ("The account is 50\u00a0% below its highest; it stops at 20\u00a0%.")
