"""Paper and backtest make the same trades on the same candles, to the last digit that is kept."""

from collections.abc import Sequence
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from apps.common.models import Mode
from apps.execution.models import Trade
from apps.market.models import Instrument
from apps.market.services import funding_rates
from apps.market.services.candles import record_candles
from apps.research.services.parity import compare
from apps.risk.models import Decision
from apps.risk.services.limits import set_limits
from apps.strategies import services as strategies
from apps.strategies.models import StrategySubscription
from tests import fakes
from tests.fakes import MINUTE, MONDAY
from tests.research.agreement import assert_agrees, assert_same_receipts
from trading import synthetic
from trading.candles import Timeframe, aggregate
from trading.gates.codes import GateCode
from trading.windows import Window

pytestmark = pytest.mark.django_db

HISTORY = 120  # minutes before anybody subscribes
PLAYED = 100
# Short memories, so that a few hours show what months would.
PARAMETERS: dict[str, dict[str, Any]] = {
    "sma_crossover": {"fast": 3, "slow": 8, "stop_loss": 0.002, "take_profit": 0.003},
    "donchian_breakout": {"channel": 8, "exit_channel": 4, "stop_loss": 0.004, "trail": 0.003},
}


@pytest.fixture(scope="module")
def played(rows_of_the_file: None, nothing_trips: None) -> dict[str, StrategySubscription]:
    """By the name of their settings: each traded for some hours, for a person of its own."""
    at = fakes.venue()
    instruments = [_instrument(at, symbol) for symbol in ("BTC-USD", "ETH-USD")]
    strategies.register_strategies()
    followed = {
        name: _followed(f"1.0.{number}", instruments, *setting)
        for number, (name, setting) in enumerate(SETTINGS.items())
    }
    for minute in range(1, PLAYED + 1):
        fakes.close(at, MONDAY + minute * MINUTE)
    return {name: StrategySubscription.objects.get(pk=pk) for name, pk in followed.items()}


def _followed(
    number: str,
    instruments: Sequence[Instrument],
    code: str,
    parameters: dict[str, Any],
    settings: dict[str, Any],
    own: dict[str, Any] | None = None,
) -> int:
    version = strategies.create_version(
        code,
        number,
        instruments=instruments,
        parameters=parameters,
        **{
            "timeframe": Timeframe.M1,
            "capital": Decimal(5_000),
            "risk_per_trade": Decimal("0.002"),
            **settings,
        },
    )
    somebody = fakes.user(f"somebody-{number}")
    account = fakes.account(somebody, instruments[0].venue, slippage_bps=3)
    if own is not None:
        set_limits(somebody, Mode.PAPER, own, now=timezone.now())
    return fakes.subscribe(somebody, version, account).pk


def _instrument(at: Any, symbol: str) -> Instrument:
    made = fakes.instrument(
        at, symbol, is_shortable=True, initial_margin=Decimal("0.5"),
        maintenance_margin=Decimal("0.1"),
    )  # fmt: skip
    market = synthetic.Market(11, symbol, made.price_increment)
    minutes = list(
        synthetic.candles(market, Timeframe.M1, MONDAY - HISTORY * MINUTE, MONDAY + PLAYED * MINUTE)
    )
    record_candles(Timeframe.M1, {made.pk: minutes})
    record_candles(Timeframe.M5, {made.pk: aggregate(minutes, Timeframe.M5)})
    hours = (MONDAY + timedelta(hours=number) for number in range(1, 4))
    funding_rates.record_rates(made.pk, [(hour, Decimal("0.0003")) for hour in hours])
    return made


SETTINGS: dict[str, tuple[Any, ...]] = {
    "two instruments, short stops": (
        "sma_crossover", PARAMETERS["sma_crossover"], {"max_positions": 2},
    ),
    "coarser candles": (
        "sma_crossover", {"fast": 2, "slow": 4, "stop_loss": 0.002}, {"timeframe": Timeframe.M5},
    ),
    "too little capital": (
        "sma_crossover", PARAMETERS["sma_crossover"], {"capital": Decimal(3)},
    ),
    "all of the capital": (
        "sma_crossover", PARAMETERS["sma_crossover"],
        {"capital": Decimal(20_000), "risk_per_trade": Decimal(1), "max_positions": 2},
    ),
    "a limit on the day's loss": (
        "sma_crossover", PARAMETERS["sma_crossover"], {"max_daily_loss": Decimal("0.001")},
    ),
    "entries that wait for a pullback": (
        "donchian_breakout", {"channel": 6, "exit_channel": 3, "pullback": 0.0005},
        {"max_positions": 2},
    ),
    "entries that wait to be confirmed": (
        "donchian_breakout", {"channel": 6, "exit_channel": 3, "confirm": 0.0005, "trail": 0.002},
        {"max_positions": 2},
    ),
    "few trades a day": (
        "sma_crossover", PARAMETERS["sma_crossover"], {"max_positions": 2}, {"trades_a_day": 3},
    ),
    "two losses in a row": (
        "sma_crossover", PARAMETERS["sma_crossover"], {"max_positions": 2},
        {"consecutive_losses": 2},
    ),
    "little to lose in a day": (
        "sma_crossover", PARAMETERS["sma_crossover"], {"max_positions": 2},
        {"daily_loss_money": Decimal(10)},
    ),
}  # fmt: skip
OF_OWN_LIMITS = {
    "few trades a day": GateCode.DAILY_TRADES,
    "two losses in a row": GateCode.CONSECUTIVE_LOSSES,
    "little to lose in a day": GateCode.DAILY_LOSS_MONEY,
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_backtest_makes_the_trades_of_paper_whatever_the_settings(
    name: str, played: dict[str, StrategySubscription]
) -> None:
    subscription = played[name]

    assert_agrees(subscription, at_least=0)
    assert_same_receipts(subscription)
    assert Decision.objects.filter(subscription=subscription).exists()


@pytest.mark.parametrize("name", OF_OWN_LIMITS)
def test_own_limits_did_refuse(name: str, played: dict[str, StrategySubscription]) -> None:
    """Or nothing is proved of them above."""
    decided = Decision.objects.filter(subscription=played[name])
    assert decided.filter(code=OF_OWN_LIMITS[name]).exists()
    assert decided.filter(code="").exists()


def test_what_a_backtest_does_not_know_of_is_told(
    played: dict[str, StrategySubscription],
) -> None:
    subscription = played["coarser candles"]
    hours = Window.of([0], time(8), time(17))
    set_limits(subscription.user, Mode.PAPER, {}, now=timezone.now(), window=hours)
    subscription.version.blocked_regimes = ["risk_off"]

    assert compare(subscription, timezone.now()).reasons == [
        "its owner lets entries be made at certain hours only",
        "its version enters nothing in certain markets",
    ]


def test_what_differs_is_named(played: dict[str, StrategySubscription]) -> None:
    subscription = played["two instruments, short stops"]
    first, second = Trade.objects.filter(subscription=subscription).order_by("closed_at", "id")[:2]
    Trade.objects.filter(pk=first.pk).update(exit_reason="target", pnl=first.pnl + 1)
    Trade.objects.filter(pk=second.pk).update(opened_at=second.opened_at - MINUTE)

    found = compare(subscription, timezone.now()).differences

    assert [(item.entry_time, item.what) for item in found] == [
        (first.opened_at, "pnl"),
        (first.opened_at, "exit_reason"),
        (second.opened_at - MINUTE, "only in paper"),
        (second.opened_at, "only in the backtest"),
    ]
