"""Which rung comes next, and how much wider the wider stop is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.trading.examples import BTC
from trading.rungs import Rung, next_rung, wider
from trading.signals import Direction

RUNGS = list(Rung)


@pytest.mark.parametrize("done", range(5))
def test_each_is_climbed_once_and_the_last_is_the_end(done: int) -> None:
    found = next_rung(RUNGS[:done], knows_stop=True, venue_holds_stops=True)
    assert found is RUNGS[min(done, 3)]


@pytest.mark.parametrize(
    ("climbed", "rung"),
    [([], Rung.SOFTWARE_STOP), ([Rung.VENUE_STOP], Rung.SOFTWARE_STOP),
     ([Rung.SOFTWARE_STOP], Rung.MARKET)],
)  # fmt: skip
def test_a_venue_without_stops_is_left_out(climbed: list[Rung], rung: Rung) -> None:
    assert next_rung(climbed, knows_stop=True, venue_holds_stops=False) is rung


def test_without_a_price_only_the_market_is_left() -> None:
    assert next_rung([], knows_stop=False, venue_holds_stops=True) is Rung.MARKET


@pytest.mark.parametrize(
    ("direction", "trigger", "farther", "limit"),
    [
        (Direction.LONG, "100", "99.5", "99"),
        (Direction.LONG, "99.96", "99.46", "98.96"),
        (Direction.SHORT, "100", "100.5", "101"),
        (Direction.SHORT, "99.96", "100.46", "100.96"),
        (Direction.LONG, "0.01", "0.01", "0.01"),
    ],
)
def test_the_wider_stop_lies_farther_from_the_market(
    direction: Direction, trigger: str, farther: str, limit: str
) -> None:
    rules = replace(BTC, price_increment=Decimal("0.01"))
    assert wider(Decimal(trigger), direction, rules) == (Decimal(farther), Decimal(limit))
