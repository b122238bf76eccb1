"""What every venue can do for us, paper or live. Adapters speak its language inward and ours
outward."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from trading.candles import Candle
from trading.matching import Matched
from trading.orders import FillReport, OrderReport, OrderTicket


class BrokerError(Exception):
    """The venue said no. `code` is its own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class BrokerUnavailable(Exception):
    """We do not know: no answer, or none that can be understood. Ask later; never send again
    blind."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """`rests_stops`: a stop can stand at the venue; `links_oco`: one filled cancels the other
    there."""

    rests_stops: bool
    links_oco: bool


class Broker(Protocol):
    """Orders are named by `client_order_id` only. Sending the same one twice must not trade
    twice."""

    capabilities: Capabilities

    def submit(self, tickets: Sequence[OrderTicket]) -> Sequence[OrderReport]:
        """Place orders; one report each. Raises BrokerUnavailable when the outcome is not known."""
        ...

    def cancel(self, client_order_ids: Sequence[str]) -> Sequence[OrderReport]:
        """Cancel what still works; one report each, with the status the order has now."""
        ...

    def orders(self, client_order_ids: Sequence[str]) -> Sequence[OrderReport]:
        """What the venue knows of these orders; one that it does not know is absent."""
        ...

    def fills(self, since: datetime) -> Sequence[FillReport]:
        """Executions at or after the moment, oldest first. May repeat; their ids tell."""
        ...


class MatchingVenue(Protocol):
    """A venue that fills orders when a candle passes, rather than when a market trades."""

    def pass_open(self, candle: Candle) -> Matched:
        """The candle opens: market orders fill."""
        ...

    def pass_inside(self, candle: Candle) -> Matched:
        """The candle runs from open to close: stops and targets that it reaches fill."""
        ...
