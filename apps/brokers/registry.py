"""The one place that knows the adapters. A paper account gets the paper venue and nothing else."""

from collections.abc import Sequence, Set

from apps.brokers.adapters.paper import PaperBroker
from apps.brokers.ports import Broker, MatchingVenue
from apps.common.errors import Refused
from apps.common.models import Mode
from trading.matching import Book
from trading.orders import OrderTicket, OrderType


def broker_for(
    mode: str,
    on_its_book: Sequence[OrderTicket] = (),
    refuses: Set[OrderType] = frozenset(),
) -> Broker:
    """The broker that takes orders of this mode. Raises Refused LIVE_NOT_AVAILABLE.

    `on_its_book` is what a paper venue has: it keeps no book of its own; `refuses`, what it is not
    to take.
    """
    if mode == Mode.PAPER:
        return PaperBroker(working=on_its_book, refuses=refuses)
    raise Refused("LIVE_NOT_AVAILABLE", "Live accounts cannot be connected yet.")


def paper_venue(book: Book) -> MatchingVenue:
    """The paper venue with these working orders on its book."""
    return PaperBroker(book)
