"""APEX through the real pipeline: its size and its stop, from the candles to the order."""

from datetime import datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from apps.execution.models import Order
from apps.market import selectors
from apps.market.models import Instrument
from apps.risk.models import Decision
from apps.strategies import services as strategies
from apps.strategies.models import Run, Signal, StrategyVersion
from tests.fakes import MINUTE, MONDAY, Prices, close, subscribe, world, write
from tests.trading.test_apex import market
from trading.candles import Timeframe
from trading.signals import Action
from trading.strategies import REGISTRY

pytestmark = pytest.mark.django_db

SEEN, WRITTEN = 100, 400  # candles: at one look, and in all
CENT = Decimal("0.01")


def cents() -> list[Prices]:
    walk = market()
    columns = (walk.open, walk.high, walk.low, walk.close)
    rows = zip(*(each[:WRITTEN].tolist() for each in columns), strict=True)
    return [_four(*(str(Decimal(price).quantize(CENT)) for price in row)) for row in rows]


def _four(opened: str, high: str, low: str, last: str) -> Prices:
    return opened, high, low, last


def first_entry(version: StrategyVersion, traded: Instrument) -> datetime:
    """The close at which the strategy, asked by itself, first says to buy."""
    strategy = REGISTRY[version.strategy.code]
    parameters = strategy.parse(version.parameters)
    for minute in range(SEEN, WRITTEN):
        closed = MONDAY + minute * MINUTE
        seen = selectors.series([traded.pk], Timeframe.M1, closed, SEEN)[traded.pk]
        if any(said.action is Action.ENTER_LONG for said in strategy.decide(seen, parameters)):
            return closed
    raise AssertionError("It never said to buy.")


@pytest.mark.parametrize(("code", "deposit"), [("apex_v71", "100000"), ("apex_v72", "60000")])
def test_an_entry_is_sized_by_what_the_strategy_said(code: str, deposit: str) -> None:
    lab = world(deposit=deposit)
    StrategyVersion.objects.update(is_active=False)
    version = strategies.create_version(
        code, "1.0.0", timeframe=Timeframe.M1, instruments=[lab.instrument],
        parameters={"fees": 0}, capital=Decimal(50_000),
    )  # fmt: skip
    subscribe(lab.alice, version, lab.account)
    assert (version.sizing, version.warmup_candles) == ("fraction", SEEN)
    write(lab.instrument, cents(), MONDAY)
    entered = first_entry(version, lab.instrument)

    close(lab.venue, entered - MINUTE)
    close(lab.venue, entered)

    signal = Signal.objects.filter(action__startswith="enter").latest("id")
    decision = Decision.objects.get(signal=signal, outcome="ordered")
    assert signal.size_fraction is not None
    assert signal.stop_price is not None
    wanted = 50_000 * signal.size_fraction / signal.reference_price
    order = Order.objects.get(leg="entry")
    assert decision.sized_down_by == ""
    assert 0 <= wanted - order.quantity < lab.instrument.quantity_increment
    assert order.stop_price == signal.stop_price
    out = StringIO()
    call_command("replay", str(Run.objects.get(signals=signal).pk), stdout=out)
    assert f"{SEEN} candles, the same" in out.getvalue()
