"""Every built-in strategy on real prices: GOOG by the day (and EUR/USD by the hour), through the
pipeline and through the backtester."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from backtesting.test import EURUSD, GOOG

from apps.brokers.models import BrokerAccount
from apps.execution.services.accounts import open_paper_account
from apps.market.models import Instrument, MarketClock
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
CASES = [*((code, "GOOG-USD") for code in REGISTRY), ("sma_crossover", "EUR-USD")]


@pytest.fixture(scope="module")
def played(
    rows_of_the_file: None, nothing_trips: None
) -> dict[tuple[str, str], StrategySubscription]:
    """What has traded for a hundred closes: each for a person of its own."""
    strategies.register_strategies()
    return {
        (code, symbol): subscription
        for symbol in FRAMES
        for code, subscription in _played(symbol).items()
    }


@pytest.mark.parametrize(("code", "symbol"), CASES)
def test_a_backtest_makes_the_trades_of_paper_on_real_prices(
    code: str, symbol: str, played: dict[tuple[str, str], StrategySubscription]
) -> None:
    subscription = played[code, symbol]

    assert_agrees(subscription, at_least=2)
    assert_same_receipts(subscription)


def _played(symbol: str) -> dict[str, StrategySubscription]:
    frame, length, increment = FRAMES[symbol]
    candles = candles_of(frame.iloc[: HISTORY + PLAYED], length)
    began = candles[HISTORY - 1].close_time
    at = fakes.venue(symbol.lower())
    MarketClock.objects.filter(venue=at).update(timeframe=length.value, now=began)
    traded = fakes.instrument(
        at, symbol, is_shortable=True, price_increment=Decimal(increment),
        initial_margin=Decimal("0.5"), maintenance_margin=Decimal("0.25"),
    )  # fmt: skip
    record_candles(length, {traded.pk: candles})
    followed = {code: _followed(code, traded, length, began) for code, of in CASES if of == symbol}
    for candle in candles[HISTORY:]:
        fakes.close(at, candle.close_time)
    return {code: StrategySubscription.objects.get(pk=pk) for code, pk in followed.items()}


def _followed(code: str, traded: Instrument, length: Timeframe, began: datetime) -> int:
    version = strategies.create_version(
        code, f"1.0.{traded.pk}", timeframe=length, instruments=[traded], parameters=SMALL[code],
        capital=Decimal(5_000), risk_per_trade=Decimal("0.01"),
    )  # fmt: skip
    somebody = fakes.user(f"{code}-{traded.pk}")
    account = open_paper_account(
        somebody, traded.venue, name="Paper", currency="USD", deposit=Decimal(10_000), now=began
    )
    BrokerAccount.objects.filter(pk=account.pk).update(paper_slippage_bps=2)
    return strategies.subscribe(somebody, version, account, now=began).pk


def candles_of(frame: Any, length: Timeframe) -> Sequence[Candle]:
    opens = [time.to_pydatetime() for time in frame.index.tz_localize("UTC")]
    columns = [frame[name].to_numpy() for name in frame.columns]
    return [
        Candle(opened, opened + length.duration, *(Decimal(repr(float(value))) for value in row))
        for opened, *row in zip(opens, *columns, strict=True)
    ]
