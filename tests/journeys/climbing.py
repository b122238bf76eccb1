"""A position with a ladder: how it is entered, and what of it can be seen from outside."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.execution.models import Order, Position
from tests.fakes import MONDAY, Prices, World
from trading.signals import ScaleOut, Unit

# Entered at 100 with the stop at 96: halves at 104 and 108, the rest at 112. After the first the
# stop is at the entry, and follows 3 behind the close.
THIRDS = ScaleOut(
    rungs=((1, 0.5), (2, 0.5), (3, 1)), unit=Unit.R, break_even_after=1, trail_after=1,
    trail_offset=3.0,
)  # fmt: skip
HELD = Decimal("12.5")  # 1 % of 5,000 at 4 to the stop
# Closes stay within one percent of each other: further, the strategy would speak.
FIRST: Prices = ("100", "104", "100", "100.5")
SECOND: Prices = ("100.5", "108", "100.5", "101.2")


def entered(lab: World) -> datetime:
    """Alice holds `HELD`, bought at 100."""
    after = lab.play("98", "98", "100", "100", first=MONDAY)
    assert Position.objects.get().quantity == HELD
    return after


def quantity() -> Any:
    return Position.objects.get().quantity


def stop() -> Any:
    return Order.objects.get(leg="stop").trigger_price


def exits() -> list[tuple[int, int, Decimal, str]]:
    """(rung, attempt, quantity, status) of the orders that took something of it."""
    orders = Order.objects.filter(exit__cause="ladder").order_by("id")
    return list(orders.values_list("exit__level", "exit__attempt", "quantity", "status"))
