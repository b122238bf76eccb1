"""A strategy that enters on a jump in whatever way a test asks for, and turns on a drop."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from apps.strategies import services as strategies
from apps.strategies.models import StrategyVersion
from tests import fakes
from tests.fakes import World
from trading.candles import CandleSeries, Timeframe
from trading.signals import Action, Signal, enter, leave
from trading.strategies import REGISTRY, Strategy

CODE = "asking"
DEPOSIT = "45000"  # with stops 4 and 5 % away: orders of 1,250 and 1,000
PART = 0.01  # a close that is so much higher or lower than the one before is a jump or a drop


@dataclass(frozen=True, slots=True)
class Parameters:
    """It has none."""


def asking(
    monkeypatch: pytest.MonkeyPatch,
    *,
    deposit: str = DEPOSIT,
    settings: Any = None,
    **asked: Any,
) -> World:
    """Alice follows such a strategy, and no other."""

    def decide(candles: CandleSeries, _: Parameters) -> Sequence[Signal]:
        before, now = (float(close) for close in candles.close[-2:])
        if now >= before * (1 + PART):
            return (
                leave(Action.EXIT_SHORT, candles.symbol, now),
                enter(Action.ENTER_LONG, candles.symbol, now, **asked),
            )
        if now <= before * (1 - PART):
            return (
                leave(Action.EXIT_LONG, candles.symbol, now),
                enter(Action.ENTER_SHORT, candles.symbol, now, **asked),
            )
        return ()

    strategy = Strategy(CODE, "Asking", "For tests.", Parameters, lambda _: 2, decide)
    monkeypatch.setitem(REGISTRY, CODE, strategy)
    lab = fakes.world(deposit=deposit)
    StrategyVersion.objects.update(is_active=False)
    fakes.subscribe(lab.alice, _version(lab, **(settings or {})), lab.account)
    return lab


def _version(lab: World, **settings: Any) -> StrategyVersion:
    return strategies.create_version(
        CODE,
        "1.0.0",
        timeframe=Timeframe.M1,
        instruments=[lab.instrument],
        **{"capital": 5000, "max_positions": 2, **settings},
    )
