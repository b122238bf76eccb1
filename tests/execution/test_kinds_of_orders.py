"""Every kind of order, condition and time in force on its way through the rows."""

from decimal import Decimal

import pytest

from apps.execution.models import Balance, Fill, Order, OrderEvent, Position, Trade
from apps.strategies.models import StrategyVersion
from tests.execution.entries import minute, order, standing, waiting
from tests.fakes import MINUTE

pytestmark = pytest.mark.django_db

AT_101 = {"order_type": "limit", "limit_price": Decimal(101)}


# Entries that wait for a price


def test_the_stop_of_an_entry_that_filled_inside_a_candle_may_be_reached_by_the_same_candle() -> (
    None
):
    lab, opened = waiting(**AT_101)

    minute(lab, ("102", "102", "97", "101"), opened)

    assert [fill.price for fill in Fill.objects.order_by("id")] == [101, Decimal("99.96")]
    assert Trade.objects.get().exit_reason == "stop"


def test_its_target_may_be_reached_from_the_next_candle_on() -> None:
    lab, opened = waiting(**AT_101)

    opened = minute(lab, ("102", "110", "100.5", "101"), opened)

    assert Position.objects.get().quantity > 0
    assert standing("stop", "target") == [("accepted", ""), ("accepted", "")]

    minute(lab, ("102", "110", "102", "109"), opened)

    assert Trade.objects.get().exit_reason == "target"


def test_a_limit_that_is_not_reached_keeps_its_cash_set_aside() -> None:
    lab, opened = waiting(**AT_101)

    minute(lab, "102", opened)

    assert order("entry").status == "accepted"
    assert Balance.objects.get().reserved > 0


def test_a_stop_entry_buys_the_breakout() -> None:
    lab, opened = waiting(order_type="stop_market", trigger_price=Decimal(103))

    minute(lab, ("102", "104", "102", "103.5"), opened)

    assert Position.objects.get().quantity > 0
    assert Fill.objects.get().price == 103


# How long, and on what condition


def test_a_day_order_ends_with_its_session_and_gives_its_cash_back() -> None:
    lab, opened = waiting()
    session_ends = opened + MINUTE
    Order.objects.update(**AT_101, time_in_force="day", expire_time=session_ends)

    minute(lab, "102", opened)

    assert standing("entry") == [("expired", "SESSION_ENDED")]
    assert OrderEvent.objects.get(new_status="expired").happened_at == session_ends
    assert Balance.objects.get().reserved == 0


def test_a_day_order_may_fill_on_the_last_candle_of_its_session() -> None:
    lab, opened = waiting()
    Order.objects.update(**AT_101, time_in_force="day", expire_time=opened + MINUTE)

    minute(lab, ("102", "102", "101", "101"), opened)

    assert order("entry").status == "filled"


@pytest.mark.parametrize(("force", "filled", "code"), [
    ("ioc", 10, "IOC_UNFILLED"),
    ("fok", 0, "FOK_UNFILLED"),
])  # fmt: skip
def test_what_is_to_fill_at_once_ends_with_its_first_candle(
    force: str, filled: int, code: str
) -> None:
    lab, opened = waiting(time_in_force=force)

    minute(lab, "102", opened, "100")

    entry = order("entry")
    assert (entry.filled_quantity, entry.status, entry.reason) == (filled, "canceled", code)
    assert Order.objects.filter(leg="stop", quantity=10, status="accepted").exists() is bool(filled)
    assert Balance.objects.get().reserved == 0


def test_a_post_only_entry_that_would_take_is_rejected() -> None:
    lab, opened = waiting(**AT_101, post_only=True)

    minute(lab, "100", opened)

    assert standing("entry") == [("rejected", "POST_ONLY_WOULD_TAKE")]
    assert Balance.objects.get().reserved == 0


def test_an_order_that_cannot_work_is_rejected_when_it_is_sent_and_its_cash_is_free() -> None:
    lab, opened = waiting(status="pending", post_only=True, submitted_at=None)

    minute(lab, "102", opened)

    assert standing("entry") == [("rejected", "POST_ONLY_NOT_POSSIBLE")]
    assert Balance.objects.get().reserved == 0


# Exits that are more than a stop


def test_a_trailing_stop_follows_and_says_that_it_was_one() -> None:
    lab, opened = waiting(stop_trailing_offset=Decimal(2), stop_trailing_offset_type="price")

    opened = minute(lab, "102.5", opened)
    assert (order("stop").order_type, order("stop").trigger_price) == (
        "trailing_stop_market",
        Decimal("100.5"),
    )

    opened = minute(lab, ("103", "105", "103", "104.5"), opened)
    assert order("stop").trigger_price == 103
    opened = minute(lab, ("104", "104", "103.5", "104"), opened)
    assert order("stop").trigger_price == 103

    minute(lab, ("104", "104", "102", "102"), opened)

    trade = Trade.objects.get()
    assert (trade.exit_reason, trade.exit_price) == ("trail", 103)
    assert order("target").status == "canceled"


def test_a_stop_limit_that_a_gap_jumps_over_rests_until_the_price_comes_back() -> None:
    lab, opened = waiting(stop_limit_price=Decimal(99))
    StrategyVersion.objects.update(is_active=False)  # or its own exit would come first
    opened = minute(lab, "102.5", opened)

    opened = minute(lab, ("97", "98", "96", "98"), opened)
    assert standing("stop", "target") == [("triggered", ""), ("accepted", "")]
    assert Position.objects.get().quantity > 0

    minute(lab, ("98", "99.5", "98", "99"), opened)

    trade = Trade.objects.get()
    assert (trade.exit_reason, trade.exit_price) == ("stop", 99)
    assert order("target").status == "canceled"
