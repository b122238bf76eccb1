"""Venues that a test can set up: the broker, and a market that the test moves."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

from apps.brokers.adapters.paper import PaperBroker
from apps.brokers.ports import Broker
from tests.trading.examples import BTC, MINUTE, MONDAY, book, candle, order
from trading.orders import FillReport, OrderReport, OrderTicket
from trading.signals import Side

PLENTY = "1000000"
LONG_AGO = MONDAY - timedelta(days=1)


class Stage(Protocol):
    """A venue with a market that the test moves. The account has 1,000 and no position."""

    @property
    def broker(self) -> Broker: ...

    def trade(self, prices: str, volume: str = PLENTY) -> None:
        """Let the market open, reach a high and a low, and close, while so much is traded."""
        ...


class PaperStage:
    def __init__(self) -> None:
        self.broker = PaperBroker(book(cash="1000", rules=BTC))
        self._now = MONDAY

    def trade(self, prices: str, volume: str = PLENTY) -> None:
        minute = candle(prices, self._now, volume)
        self.broker.pass_open(minute)
        self.broker.pass_inside(minute)
        self._now += MINUTE


STAGES: dict[str, Callable[[], Stage]] = {"paper": PaperStage}


def only(reports: Sequence[OrderReport]) -> OrderReport:
    (report,) = reports
    return report


def asked(stage: Stage, ticket: OrderTicket) -> OrderReport:
    return only(stage.broker.orders([ticket.client_order_id]))


def fills_of(stage: Stage, ticket: OrderTicket) -> list[FillReport]:
    told = stage.broker.fills(LONG_AGO)
    return [fill for fill in told if fill.client_order_id == ticket.client_order_id]


def holding(stage: Stage, quantity: str) -> OrderTicket:
    """Buy at 100."""
    bought = order("holding", Side.BUY, quantity)
    stage.broker.submit([bought])
    stage.trade("100")
    return bought
