"""Every built-in strategy on real prices: GOOG by the day (and EUR/USD by the hour), through the
pipeline and through the backtester."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from backtesting.test import EURUSD, GOOG

from apps.brokers.models import BrokerAccount
from apps.execution.services.accounts import open_paper_account
from apps.market.models import MarketClock
from apps.market.services.candles import record_candles
from apps.strategies import services as strategies
from apps.strategies.models import StrategySubscription
from tests import fakes
from tests.research.agreement import assert_agrees, assert_same_receipts
from tests.trading.strategy_parameters import SMALL
from trading.candles import Candle, Timeframe
from trading.strategies import REGISTRY

pytestmark = pytest.mark.django_db

FRAMES = {"GOOG-USD": (GOOG, Timeframe.D1, "0.01"), "EUR-USD": (EURUSD, Timeframe.H1, "0.00001")}
HISTORY, PLAYED = 60, 100


@pytest.mark.parametrize(
    ("code", "symbol"),
    [*((code, "GOOG-USD") for code in REGISTRY), ("sma_crossover", "EUR-USD")],
)
def test_a_backtest_makes_the_trades_of_paper_on_real_prices(code: str, symbol: str) -> None:
    subscription = played(code, symbol)

    assert_agrees(subscription, at_least=2)
    assert_same_receipts(subscription)


def played(code: str, symbol: str) -> StrategySubscription:
    frame, length, increment = FRAMES[symbol]
    candles = candles_of(frame.iloc[: HISTORY + PLAYED], length)
    began = candles[HISTORY - 1].close_time
    at = fakes.venue()
    MarketClock.objects.filter(venue=at).update(timeframe=length.value, now=began)
    traded = fakes.instrument(
        at, symbol, is_shortable=True, price_increment=Decimal(increment),
        initial_margin=Decimal("0.5"), maintenance_margin=Decimal("0.25"),
    )  # fmt: skip
    record_candles(length, {traded.pk: candles})
    strategies.register_strategies()
    version = strategies.create_version(
        code, "1.0.0", timeframe=length, instruments=[traded], parameters=SMALL[code],
        capital=Decimal(5_000), risk_per_trade=Decimal("0.01"),
    )  # fmt: skip
    alice = fakes.user("alice")
    account = open_paper_account(
        alice, at, name="Paper", currency="USD", deposit=Decimal(10_000), now=began
    )
    BrokerAccount.objects.update(paper_slippage_bps=2)
    subscription = strategies.subscribe(alice, version, account, now=began)
    for candle in candles[HISTORY:]:
        fakes.close(at, candle.close_time)
    return StrategySubscription.objects.get(pk=subscription.pk)


def candles_of(frame: Any, length: Timeframe) -> Sequence[Candle]:
    opens = [time.to_pydatetime() for time in frame.index.tz_localize("UTC")]
    columns = [frame[name].to_numpy() for name in frame.columns]
    return [
        Candle(opened, opened + length.duration, *(Decimal(repr(float(value))) for value in row))
        for opened, *row in zip(opens, *columns, strict=True)
    ]
