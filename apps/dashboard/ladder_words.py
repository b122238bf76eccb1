"""A ladder in the words of the receipt."""

from collections.abc import Iterator

from apps.common import numbers
from trading.exit_plans import Ladder, LateTrail, OffsetType


def steps(ladder: Ladder, places: int, unit: str) -> Iterator[str]:
    """One line for each thing that it does."""
    for rung in ladder.rungs:
        share = (
            "all" if rung.share == 1 else f"{numbers.quantity(rung.share * 100)}{numbers.PERCENT}"
        )
        far = f"{numbers.grouped(rung.offset, places)} {unit}"
        yield f"{share} of what is left at {far} from the entry"
    if ladder.break_even_after is not None:
        yield f"the stop to the entry after step {ladder.break_even_after}"
    if ladder.trail is not None:
        yield _follows(ladder.trail, places, unit)


def _follows(late: LateTrail, places: int, unit: str) -> str:
    offset = late.trail.offset
    distance = f"{numbers.grouped(offset, places)} {unit}"
    if late.trail.offset_type is OffsetType.BASIS_POINTS:
        distance = f"{numbers.quantity(offset)} basis points"
    begins = f"after step {late.after}"
    if late.profit is not None:
        begins = f"from a profit of {numbers.grouped(late.profit, places)} {unit} on"
    return f"the stop {distance} behind the close {begins}"
