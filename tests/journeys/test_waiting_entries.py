"""A strategy asks for an entry that waits for its price: what becomes of it, from the candle that
it was asked at to the trade."""

from datetime import datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from apps.execution.models import Balance, Fill, Order, Position, Reservation, Trade
from apps.market.models import Instrument
from apps.risk.models import Decision
from apps.strategies.models import Signal, StrategySubscription
from tests.fakes import MINUTE, MONDAY, World, close, write
from tests.journeys.asking import asking
from tests.journeys.test_market_hours import BELL, TUESDAY
from trading.orders import TimeInForce

pytestmark = pytest.mark.django_db

D = Decimal
ENTER = ("100", "102")  # it says to enter at 102
LIMIT = D("99.96")
PULLBACK: dict[str, Any] = {
    "pullback_fraction": 0.02,
    "stop_fraction": 0.05,
    "target_fraction": 0.1,
}


def entry() -> Order:
    return Order.objects.get(leg="entry")


def asked(monkeypatch: pytest.MonkeyPatch, **how: Any) -> tuple[World, datetime]:
    """An entry has been asked for so; and the open of the candle that may meet it."""
    lab = asking(monkeypatch, **how)
    return lab, lab.play(*ENTER, first=MONDAY)


def assert_gone(status: str, reason: str) -> None:
    assert (entry().status, entry().reason) == (status, reason)
    assert not Position.objects.exists()
    assert Balance.objects.get().reserved == 0
    call_command("check_ledger")
    call_command("check_completeness")


def test_a_limit_rests_is_filled_later_and_its_position_is_protected_and_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab, after = asked(monkeypatch, **PULLBACK)
    signal = Signal.objects.get(action="enter_long")
    assert (signal.order_type, signal.limit_price) == ("limit", LIMIT)

    after = lab.play(*["102"] * 5, first=after)
    rests = entry()
    assert (rests.status, rests.order_type, rests.time_in_force) == ("accepted", "limit", "gtc")
    assert rests.limit_price == LIMIT
    # 1 % of 5,000 at a stop 5 % below 99.96; paid at no more than that, and the fee.
    assert rests.quantity == D("10.0040")
    assert Balance.objects.get().reserved == D("1000.99983984")

    after = lab.play(("101.5", "101.5", "99.5", "101"), first=after)
    fill = Fill.objects.get()
    assert (fill.price, fill.is_maker) == (LIMIT, True)
    assert Balance.objects.get().reserved == 0
    legs = dict(Order.objects.exclude(leg="entry").values_list("leg", "status"))
    assert legs == {"stop": "accepted", "target": "accepted"}
    assert Order.objects.get(leg="stop").trigger_price == D("94.97")  # 94.962, nearer
    assert Order.objects.get(leg="target").limit_price == D("109.96")  # 109.956

    lab.play("101.5", ("102", "111", "102", "110"), first=after)

    trade = Trade.objects.get()
    assert (trade.exit_reason, trade.entry_price, trade.exit_price) == (
        "target",
        LIMIT,
        D("109.96"),
    )
    call_command("check_ledger")
    call_command("check_completeness")


def test_a_stop_limit_buys_the_break_up_to_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    lab, after = asked(
        monkeypatch, deposit="40000", breakout_fraction=0.01, worst_fraction=0.01,
        stop_fraction=0.05,
    )  # fmt: skip
    assert (entry().trigger_price, entry().limit_price) == (D("103.02"), D("104.05"))  # 104.0502
    after = lab.play("102.5", ("105", "106", "104.5", "105"), first=after)
    assert entry().status == "triggered"

    lab.play(("105", "105", "104", "104.5"), first=after)

    assert Fill.objects.get().price == D("104.05")
    assert Order.objects.get(leg="stop").trigger_price == D("97.87")  # 5 % below the trigger


# How long


def test_what_is_to_fill_at_once_fills_what_there_is_and_the_rest_is_canceled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab, after = asked(monkeypatch, time_in_force=TimeInForce.IOC, stop_fraction=0.05)

    close(lab.venue, write(lab.instrument, ["102"], after, volume="50"))

    assert (entry().status, entry().reason) == ("canceled", "IOC_UNFILLED")
    assert (entry().filled_quantity, Position.objects.get().quantity) == (5, 5)
    assert Order.objects.get(leg="stop").quantity == 5
    assert Balance.objects.get().reserved == 0
    call_command("check_ledger")


@pytest.mark.parametrize(("force", "code"), [("ioc", "IOC_UNFILLED"), ("fok", "FOK_UNFILLED")])
def test_what_would_cost_more_than_was_asked_is_not_bought(
    monkeypatch: pytest.MonkeyPatch, force: str, code: str
) -> None:
    lab, after = asked(
        monkeypatch, worst_fraction=0.005, time_in_force=TimeInForce(force), stop_fraction=0.05
    )
    assert entry().limit_price == D("102.51")

    lab.play(("102.6", "102.6", "102", "102"), first=after)

    assert_gone("canceled", code)


def test_an_entry_for_the_day_ends_with_the_session_of_its_exchange(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab = asking(monkeypatch, **PULLBACK, time_in_force=TimeInForce.DAY)
    Instrument.objects.update(calendar="XNYS", asset_class="equity")

    lab.play(*ENTER, first=BELL - 5 * MINUTE)
    assert (entry().time_in_force, entry().expire_time) == ("day", BELL)
    lab.play("102", "102", first=BELL - 3 * MINUTE)
    assert entry().status == "accepted"
    lab.play("102", first=BELL - MINUTE)

    assert_gone("expired", "SESSION_ENDED")
    lab.play(("102", "102", "95", "102"), first=TUESDAY)
    assert not Fill.objects.exists()


def test_an_entry_for_the_day_of_an_unknown_exchange_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab = asking(monkeypatch, **PULLBACK, time_in_force=TimeInForce.DAY)
    Instrument.objects.update(calendar="NOWHERE")

    lab.play(*ENTER, first=MONDAY)

    decision = Decision.objects.get(action="enter_long")
    assert (decision.outcome, decision.code) == ("denied", "FACT_UNKNOWN")
    assert not Order.objects.exists()


def test_a_post_only_entry_that_would_trade_at_once_is_rejected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab, after = asked(monkeypatch, **PULLBACK, post_only=True)

    lab.play(("99", "102", "99", "101.5"), first=after)

    assert_gone("rejected", "POST_ONLY_WOULD_TAKE")


# What ends one that waits


def test_a_halt_cancels_it(monkeypatch: pytest.MonkeyPatch) -> None:
    lab, after = asked(monkeypatch, **PULLBACK)
    after = lab.play("102", "102", first=after)

    out = StringIO()
    call_command("kill_switch", "trip", "--reason", "drill", stdout=out)

    assert "Entries to cancel: 1; cancelled: 1;" in out.getvalue()
    assert_gone("canceled", "TRADING_HALTED")
    lab.play(("102", "102", "95", "102"), first=after)
    assert not Fill.objects.exists()


def test_a_signal_to_leave_withdraws_what_has_not_been_entered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab, after = asked(monkeypatch, **PULLBACK)

    after = lab.play("102", "100.5", first=after)

    exits = Decision.objects.get(action="exit_long")
    assert (exits.outcome, exits.code) == ("skipped", "NO_POSITION")
    assert Reservation.objects.get().released_at == after
    assert_gone("canceled", "ENTRY_WITHDRAWN")


@pytest.mark.logs_errors
@pytest.mark.django_db(transaction=True)
def test_so_does_one_that_nobody_can_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    lab, after = asked(monkeypatch, **PULLBACK)
    StrategySubscription.objects.update(execution="spoilt")

    for _ in range(2):
        after = write(lab.instrument, ["100.5"], after)
        with pytest.raises(ValueError, match="spoilt"):
            close(lab.venue, after)

    assert Decision.objects.get(action="exit_long").outcome == "error"
    assert Reservation.objects.get().released_at == after
    assert_gone("canceled", "ENTRY_WITHDRAWN")


def test_a_turn_withdraws_what_has_not_been_entered_and_enters_the_other_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab, after = asked(monkeypatch, **PULLBACK)
    Instrument.objects.update(is_shortable=True)

    lab.play("102", "100.5", first=after)

    long, short = Order.objects.order_by("id")
    assert (long.side, long.status, long.reason) == ("buy", "canceled", "ENTRY_WITHDRAWN")
    assert (short.side, short.status, short.limit_price) == ("sell", "accepted", D("102.51"))
    assert Reservation.objects.get(order=long).released_at is not None
    call_command("check_ledger")
    call_command("check_completeness")


def test_a_signal_to_leave_closes_what_was_filled_and_stops_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab, after = asked(monkeypatch, **PULLBACK)
    after = write(lab.instrument, [("102", "102", "99.9", "101")], after, volume="50")
    close(lab.venue, after)
    assert entry().filled_quantity == 5

    after = write(lab.instrument, ["99.9"], after, volume="0")
    close(lab.venue, after)
    assert (entry().status, entry().reason) == ("canceled", "POSITION_LEAVING")
    lab.play("100", first=after)

    assert Trade.objects.get().quantity == 5
    assert Balance.objects.get().reserved == 0
    call_command("check_ledger")


def test_a_signal_to_leave_the_other_side_leaves_it_alone_and_one_to_enter_again_finds_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab, after = asked(monkeypatch, **PULLBACK)
    Instrument.objects.update(is_shortable=True)  # or its signals to leave a short are left out

    lab.play("104", first=after)

    latest = Decision.objects.order_by("-id")[:2]
    assert {(one.action, one.code) for one in latest} == {
        ("exit_short", "NO_POSITION"),
        ("enter_long", "DUPLICATE_SIGNAL"),
    }
    assert entry().status == "accepted"
    assert entry().limit_price == LIMIT
