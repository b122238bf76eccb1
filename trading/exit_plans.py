"""How a position is to be left, in exact numbers; and a ladder as a strategy asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

BPS = Decimal(10_000)
"""Basis points of one."""


class OffsetType(StrEnum):
    """What the number of a trailing offset means."""

    PRICE = "price"  # so much in quote currency
    BASIS_POINTS = "basis_points"  # ten-thousandths of the best price


@dataclass(frozen=True, slots=True)
class Trail:
    """How far behind the best price since the entry a stop follows."""

    offset: Decimal
    offset_type: OffsetType = OffsetType.PRICE

    @property
    def is_usable(self) -> bool:
        """Whether there is something to follow by, and less than the whole price."""
        if not self.offset.is_finite() or self.offset <= 0:
            return False
        return self.offset_type is OffsetType.PRICE or self.offset < BPS

    def distance(self, price: Decimal) -> Decimal:
        """So far behind this price, in quote currency; not rounded."""
        return self.offset if self.offset_type is OffsetType.PRICE else price * self.offset / BPS


@dataclass(frozen=True, slots=True)
class Rung:
    """`offset` from the average entry in the position's favour, in quote currency, a `share` of
    what is held then is closed."""

    offset: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class LateTrail:
    """A stop that follows the closes only once there is something to keep: since rung `after` has
    been filled, or a close was `profit` from the average entry. One of the two is given.
    """

    trail: Trail
    after: int | None = None
    profit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """What is done with a position on its way (trading/exit_policy.py). Rungs are counted from 1,
    the nearest first.
    """

    rungs: tuple[Rung, ...] = ()
    break_even_after: int | None = None  # the rung after whose fill the stop moves to the entry
    trail: LateTrail | None = None

    @property
    def moves_the_stop(self) -> bool:
        return self.break_even_after is not None or self.trail is not None

    def plain(self) -> dict[str, Any]:
        """For JSON: numbers are texts, so that none of them is lost."""
        found: dict[str, Any] = {
            "rungs": [[_text(rung.offset), _text(rung.share)] for rung in self.rungs],
            "break_even_after": self.break_even_after,
        }
        if self.trail is not None:
            profit = self.trail.profit
            found["trail"] = {
                "offset": _text(self.trail.trail.offset),
                "offset_type": self.trail.trail.offset_type.value,
                "after": self.trail.after,
                "profit": None if profit is None else _text(profit),
            }
        return found

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """What `plain` was made of."""
        rungs = tuple(Rung(Decimal(offset), Decimal(share)) for offset, share in plain["rungs"])
        trail = plain.get("trail")
        return cls(rungs, plain["break_even_after"], None if trail is None else _late(trail))


@dataclass(frozen=True, slots=True)
class ExitPlan:
    """How the position is to be left; None = not so.

    `stop_limit_price` is the worst price that the stop may take; `trail` makes the stop follow,
    from `stop_price` on; `ladder` takes the position down step by step.
    """

    stop_price: Decimal | None = None
    target_price: Decimal | None = None
    stop_limit_price: Decimal | None = None
    trail: Trail | None = None
    ladder: Ladder | None = None


class Unit(StrEnum):
    """What the distances of a ladder are counted in."""

    FRACTION = "fraction"  # of the price at which the position is expected to be entered
    R = "r"  # of what is at risk: the way from there to the stop


@dataclass(frozen=True, slots=True)
class ScaleOut:
    """A ladder as a strategy asks for it: each rung is (how far, which share of what is left).

    `trail_from` is a profit, counted like the rungs; the stop then follows by `trail_offset` (quote
    currency) or by `trail_fraction` of the price.
    """

    rungs: tuple[tuple[float, float], ...] = ()
    unit: Unit = Unit.FRACTION
    break_even_after: int | None = None
    trail_after: int | None = None
    trail_from: float | None = None
    trail_offset: float = 0.0
    trail_fraction: float = 0.0


def _late(plain: Mapping[str, Any]) -> LateTrail:
    profit = plain["profit"]
    return LateTrail(
        Trail(Decimal(plain["offset"]), OffsetType(plain["offset_type"])),
        plain["after"],
        None if profit is None else Decimal(profit),
    )


def _text(number: Decimal) -> str:
    return f"{number.normalize():f}"
