"""A strategy asks for a trailing stop; its subscriber's position is left by it."""

from decimal import Decimal

import pytest
from django.core.management import call_command

from apps.execution.models import Order, Trade
from apps.strategies import services as strategies
from apps.strategies.models import Signal, StrategyVersion
from tests.fakes import MONDAY, subscribe, world
from trading.candles import Timeframe

pytestmark = pytest.mark.django_db


def test_a_trailing_stop_is_followed_from_the_signal_to_the_trade() -> None:
    lab = world()
    StrategyVersion.objects.update(is_active=False)
    follower = strategies.create_version(
        "donchian_breakout",
        "1.0.0",
        timeframe=Timeframe.M1,
        instruments=[lab.instrument],
        parameters={"channel": 3, "exit_channel": 3, "stop_loss": 0, "trail": 0.02},
        capital=Decimal(5_000),
        risk_per_trade=Decimal("0.01"),
    )
    subscribe(lab.alice, follower, lab.account)

    after = lab.play(*["100"] * 5, "102", first=MONDAY)

    signal = Signal.objects.get(action="enter_long")
    assert (signal.stop_price, signal.trailing_offset) == (Decimal("99.96"), 200)
    assert signal.trailing_offset_type == "basis_points"

    after = lab.play("102.5", first=after)
    stop = Order.objects.get(leg="stop")
    assert (stop.order_type, stop.status) == ("trailing_stop_market", "accepted")
    assert stop.trigger_price == Decimal("100.45")  # 2 % below the open that it was bought at

    after = lab.play(("103", "110", "103", "109.5"), first=after)
    lab.play(("109", "109", "107", "108"), first=after)

    trade = Trade.objects.get()
    assert (trade.exit_reason, trade.exit_price) == ("trail", Decimal("107.80"))
    assert trade.pnl > 0
    call_command("check_ledger")
    call_command("check_completeness")
