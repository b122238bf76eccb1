"""APEX through the real pipeline: its size and its stop, from the candles to the order."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from apps.execution.models import Order
from apps.risk.models import Decision
from apps.strategies import services as strategies
from apps.strategies.models import Run, Signal, StrategyVersion
from tests.fakes import MINUTE, MONDAY, close, subscribe, world, write
from tests.trading.test_apex import market
from trading.candles import Timeframe

pytestmark = pytest.mark.django_db

SEEN = 100  # candles, before the ones at which it is asked
CENT = Decimal("0.01")


def cents(row: int) -> tuple[str, str, str, str]:
    walk = market()
    columns = (walk.open, walk.high, walk.low, walk.close)
    opened, high, low, last = (str(Decimal(float(each[row])).quantize(CENT)) for each in columns)
    return opened, high, low, last


@pytest.mark.parametrize("code", ["apex_v71", "apex_v72"])
def test_an_entry_is_sized_by_what_the_strategy_said(code: str) -> None:
    lab = world()
    StrategyVersion.objects.update(is_active=False)
    version = strategies.create_version(
        code, "1.0.0", timeframe=Timeframe.M1, instruments=[lab.instrument],
        parameters={"fees": 0}, capital=Decimal(5_000),
    )  # fmt: skip
    subscribe(lab.alice, version, lab.account)
    assert (version.sizing, version.warmup_candles) == ("fraction", SEEN)
    write(lab.instrument, [cents(row) for row in range(SEEN)], MONDAY)
    close(lab.venue, MONDAY + SEEN * MINUTE)

    for row in range(SEEN, 400):
        moment = write(lab.instrument, [cents(row)], MONDAY + row * MINUTE)
        close(lab.venue, moment)
        if Order.objects.filter(leg="entry").exists():
            break

    signal = Signal.objects.filter(action__startswith="enter").latest("id")
    decision = Decision.objects.get(signal=signal, outcome="ordered")
    assert signal.size_fraction is not None
    assert signal.stop_price is not None
    wanted = 5_000 * signal.size_fraction / signal.reference_price
    order = Order.objects.get(leg="entry")
    assert decision.sized_down_by == ""
    assert 0 <= wanted - order.quantity < lab.instrument.quantity_increment
    assert order.stop_price == signal.stop_price
    out = StringIO()
    call_command("replay", str(Run.objects.get(signals=signal).pk), stdout=out)
    assert f"{SEEN} candles, the same" in out.getvalue()
