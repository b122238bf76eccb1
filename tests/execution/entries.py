"""An entry that waits for its candle, of whatever kind a test wants, and candles of any volume."""

from datetime import datetime
from typing import Any

from django.core.management import call_command

from apps.execution.models import Order
from tests.fakes import JUMP, MINUTE, MONDAY, QUIET, VOLUME, Prices, World, close, world, write

# 1 % of 5,000 at a stop 2 % below 102.
QUANTITY = "24.5098"


def waiting(**columns: Any) -> tuple[World, datetime]:
    """Alice's world with one entry of `QUANTITY` at the venue, changed to these columns; and the
    open of the candle that will meet it. Its stop will stand at 99.96, its target at 106.08.
    """
    lab = world()
    opened = lab.play(*QUIET, JUMP, first=MONDAY)
    Order.objects.update(**columns)
    return lab, opened


def minute(lab: World, prices: Prices, opened: datetime, volume: str = VOLUME) -> datetime:
    """One candle of this volume passes, and the books still agree; when it closed."""
    close(lab.venue, write(lab.instrument, [prices], opened, volume))
    call_command("check_ledger")
    return opened + MINUTE


def order(leg: str) -> Order:
    return Order.objects.get(leg=leg)


def standing(*legs: str) -> list[tuple[str, str]]:
    """(status, reason) of these legs, in their order."""
    return [(order(leg).status, order(leg).reason) for leg in legs]
