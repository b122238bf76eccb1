"""The paper venue: the broker protocol over an in-memory book that a candle is matched against.

It remembers nothing itself. Our order rows are its book: the pipeline loads the working ones into a
Book, lets a candle pass, and records what comes back, as it would a live venue's answers.
"""

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime

from apps.brokers.ports import Capabilities
from trading.candles import Candle
from trading.matching import Book, Matched, match_at_open, match_inside, refusal
from trading.order_kinds import STOPS
from trading.orders import FillReport, OrderReport, OrderStatus, OrderTicket, OrderType

ORDER_TYPE_NOT_TAKEN = "ORDER_TYPE_NOT_TAKEN"


class PaperBroker:
    """Deterministic: the same book and candle give the same fills."""

    def __init__(
        self,
        book: Book | None = None,
        working: Sequence[OrderTicket] = (),
        refuses: Set[OrderType] = frozenset(),
    ) -> None:
        """`refuses` are kinds of orders that it is not to take, as some venues do not."""
        self._book, self._refuses = book, refuses
        self.capabilities = Capabilities(rests_stops=not refuses >= STOPS, links_oco=True)
        self._working = {order.client_order_id: order for order in working}
        self._ended: dict[str, OrderReport] = {}
        self._fills: list[FillReport] = []
        if book is not None:
            self._working.update((order.client_order_id, order) for order in book.orders)
        for order in working:
            if order.order_type in refuses:
                self._refuse(order.client_order_id, ORDER_TYPE_NOT_TAKEN)

    def submit(self, tickets: Sequence[OrderTicket]) -> Sequence[OrderReport]:
        for ticket in tickets:
            name = ticket.client_order_id
            if name in self._ended or name in self._working:
                continue
            code = ORDER_TYPE_NOT_TAKEN if ticket.order_type in self._refuses else refusal(ticket)
            if code is None:
                self._working[name] = ticket
            else:
                self._refuse(name, code)
        return self.orders([ticket.client_order_id for ticket in tickets])

    def cancel(self, client_order_ids: Sequence[str]) -> Sequence[OrderReport]:
        for name in client_order_ids:
            if self._working.pop(name, None) is not None:
                self._ended[name] = _report(name, OrderStatus.CANCELED, "CANCELED_ON_REQUEST")
        return self.orders(client_order_ids)

    def orders(self, client_order_ids: Sequence[str]) -> Sequence[OrderReport]:
        known = []
        for name in client_order_ids:
            if name in self._working:
                known.append(_report(name, _status(self._working[name])))
            elif name in self._ended:
                known.append(self._ended[name])
        return known

    def fills(self, since: datetime) -> Sequence[FillReport]:
        return [fill for fill in self._fills if fill.filled_at >= since]

    def pass_open(self, candle: Candle) -> Matched:
        """The candle opens: market orders fill."""
        return self._settle(match_at_open(self._current_book(), candle))

    def pass_inside(self, candle: Candle) -> Matched:
        """The candle runs from open to close: stops and limits that it reaches fill."""
        matched = self._settle(match_inside(self._current_book(), candle))
        self._working = {
            name: replace(order, active_from=order.active_from or candle.open_time)
            for name, order in self._working.items()
        }
        return matched

    def _refuse(self, name: str, code: str) -> None:
        self._working.pop(name, None)
        self._ended[name] = _report(name, OrderStatus.REJECTED, code)

    def _current_book(self) -> Book:
        if self._book is None:
            raise RuntimeError("This paper broker was given no book to match against.")
        return replace(self._book, orders=tuple(self._working.values()))

    def _settle(self, matched: Matched) -> Matched:
        self._fills.extend(matched.fills)
        for fill in matched.fills:
            self._after_fill(fill)
        for moved in matched.moves:
            order = self._working[moved.client_order_id]
            self._working[moved.client_order_id] = replace(order, trigger_price=moved.trigger_price)
        for report in matched.reports:
            name = report.client_order_id
            if report.status is OrderStatus.TRIGGERED:
                self._working[name] = replace(self._working[name], is_triggered=True)
                continue
            self._working.pop(name, None)
            self._ended[name] = _report(name, report.status, report.code)
        return matched

    def _after_fill(self, fill: FillReport) -> None:
        """What is left of the order works on; a stop that has traded needs no trigger any more."""
        name = fill.client_order_id
        order = self._working.pop(name)
        left = order.quantity - fill.quantity
        if left > 0:
            filled = order.filled + fill.quantity
            self._working[name] = replace(order, quantity=left, filled=filled, is_triggered=True)
        else:
            self._ended[name] = _report(name, OrderStatus.FILLED)


def _status(working: OrderTicket) -> OrderStatus:
    if working.filled:
        return OrderStatus.PARTIALLY_FILLED
    return OrderStatus.TRIGGERED if working.is_triggered else OrderStatus.ACCEPTED


def _report(name: str, status: OrderStatus, code: str = "") -> OrderReport:
    return OrderReport(name, f"paper-{name}", status, code)
