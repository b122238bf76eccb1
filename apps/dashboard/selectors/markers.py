from datetime import datetime
from typing import TypedDict

from apps.accounts.models import User
from apps.dashboard.selectors.books import Book
from apps.execution.models import Fill
from apps.market.models import Instrument
from trading.candles import Timeframe, floor_time

MOST = 300


class Marker(TypedDict):
    """A fill on the chart. `time` is the open of the bar that it lies in."""

    time: int
    side: str
    leg: str
    quantity: float
    price: float


def markers(
    user: User, book: Book, instrument: Instrument, timeframe: Timeframe, since: datetime
) -> list[Marker]:
    """The user's latest fills of the instrument from `since` on, oldest first."""
    fills = Fill.objects.of(user).filter(
        account_id__in=book.account_ids, instrument=instrument, filled_at__gte=since
    )
    rows = fills.order_by("-id").values_list("filled_at", "side", "order__leg", "quantity", "price")
    found = [
        Marker(
            time=int(floor_time(at, timeframe).timestamp()),
            side=side,
            leg=leg,
            quantity=float(quantity),
            price=float(price),
        )
        for at, side, leg, quantity, price in rows[:MOST]
    ]
    return sorted(found, key=lambda marker: marker["time"])
