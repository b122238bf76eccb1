"""Which adapter an account gets."""

import pytest

from apps.brokers.adapters.paper import PaperBroker
from apps.brokers.registry import broker_for
from apps.common.errors import Refused
from apps.common.models import Mode
from tests.trading.examples import candle, order, stop
from trading.order_kinds import STOPS
from trading.orders import OrderStatus
from trading.signals import Side


def test_a_paper_account_gets_the_paper_venue_with_what_is_on_its_book() -> None:
    working = order("a", Side.BUY, "1")

    broker = broker_for(Mode.PAPER, on_its_book=[working])

    assert isinstance(broker, PaperBroker)
    (report,) = broker.orders([working.client_order_id])
    assert report.status is OrderStatus.ACCEPTED


@pytest.mark.parametrize("mode", ["live", "backtest", "", "Paper"])
def test_no_other_mode_gets_a_broker(mode: str) -> None:
    with pytest.raises(Refused) as refused:
        broker_for(mode)

    assert refused.value.code == "LIVE_NOT_AVAILABLE"


def test_a_paper_broker_without_a_book_cannot_trade() -> None:
    with pytest.raises(RuntimeError, match="no book"):
        PaperBroker().pass_open(candle("100"))


def test_a_paper_venue_refuses_what_it_is_told_to_refuse_whenever_it_is_asked() -> None:
    protection = stop("x", Side.SELL, "1", "95")
    fresh = broker_for(Mode.PAPER, refuses=STOPS)
    asked_later = broker_for(Mode.PAPER, on_its_book=[protection], refuses=STOPS)

    for report in (
        *fresh.submit([protection]),
        *asked_later.orders([protection.client_order_id]),
    ):
        assert (report.status, report.code) == (OrderStatus.REJECTED, "ORDER_TYPE_NOT_TAKEN")
    assert not fresh.capabilities.rests_stops
    assert broker_for(Mode.PAPER).capabilities.rests_stops
