"""A small world for tests: a venue whose candles we write by hand, people, and their
subscriptions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.accounts.models import User
from apps.brokers.models import BrokerAccount, Venue
from apps.brokers.services import ensure_venue
from apps.execution import pipeline
from apps.execution.services.accounts import open_paper_account
from apps.market.models import Instrument, MarketClock, RegimeSnapshot
from apps.market.services.candles import record_candles
from apps.strategies import services as strategies
from apps.strategies.models import StrategySubscription, StrategyVersion
from trading.candles import Candle, Timeframe
from trading.instruments import AssetClass
from trading.regime import Regime

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
# Three candles of the slow average of 3, then a jump: `sma_crossover` with fast 2, slow 3 enters.
QUIET = ["100", "100", "100", "100"]
JUMP = "102"
# One order may take a tenth of it: more than these worlds order.
VOLUME = "1000"
DROP = "95"
# What their orders are worth (2,500) is between the hard 2 % and the 3 % of the largest accounts.
DEPOSIT = Decimal(100_000)

Prices = str | tuple[str, str, str, str]


def venue(code: str = "lab") -> Venue:
    made = ensure_venue(code, code.title())
    MarketClock.objects.get_or_create(venue=made, defaults={"now": MONDAY, "timeframe": "1m"})
    return made


def keep_own_time(at: Venue) -> None:
    """Only the test moves its clock: who does something there does it then, whatever the wall
    says."""
    MarketClock.objects.filter(venue=at).update(seconds_per_candle=60)


def keep_the_walls_time(at: Venue) -> None:
    """Who does something there does it by the wall clock."""
    MarketClock.objects.filter(venue=at).update(seconds_per_candle=None)


def instrument(at: Venue, symbol: str = "BTC-USD", **columns: Any) -> Instrument:
    base, quote = symbol.split("-")
    defaults = {
        "base": base,
        "quote": quote,
        "asset_class": AssetClass.CRYPTO,
        "price_increment": Decimal("0.01"),
        "quantity_increment": Decimal("0.0001"),
        "min_quantity": Decimal("0.0001"),
        "min_notional": Decimal(1),
        "maker_fee": Decimal("0.001"),
        "taker_fee": Decimal("0.001"),
    }
    return Instrument.objects.create(venue=at, symbol=symbol, **{**defaults, **columns})


def user(name: str, **columns: Any) -> User:
    """`alice` owns, `bob` is a stranger, `olga` is staff."""
    return User.objects.create_user(f"{name}@example.com", f"{name}-long-password", **columns)


def account(
    owner: User,
    at: Venue,
    deposit: str | Decimal = DEPOSIT,
    *,
    name: str = "Paper",
    slippage_bps: int = 0,
) -> BrokerAccount:
    made = open_paper_account(
        owner, at, name=name, currency="USD", deposit=Decimal(deposit), now=MONDAY
    )
    BrokerAccount.objects.filter(pk=made.pk).update(paper_slippage_bps=slippage_bps)
    return made


def version(
    instruments: Sequence[Instrument], number: str = "1.0.0", **settings: Any
) -> StrategyVersion:
    """`sma_crossover` that needs four candles: fast 2, slow 3. `of` is another that takes these."""
    strategies.register_strategies()
    parameters = {"fast": 2, "slow": 3, "stop_loss": 0.02, "take_profit": 0.04}
    defaults = {"capital": Decimal(5000), "risk_per_trade": Decimal("0.01"), "max_positions": 3}
    return strategies.create_version(
        settings.pop("of", "sma_crossover"),
        number,
        timeframe=Timeframe(settings.pop("timeframe", "1m")),
        instruments=instruments,
        parameters={**parameters, **settings.pop("parameters", {})},
        **{**defaults, **settings},
    )


def subscribe(
    owner: User, to: StrategyVersion, on: BrokerAccount, **settings: Any
) -> StrategySubscription:
    return strategies.subscribe(owner, to, on, now=MONDAY, **settings)


def candle(opened: datetime, prices: Prices, volume: str = VOLUME) -> Candle:
    """One minute; a single price stands for all four."""
    four = (prices,) * 4 if isinstance(prices, str) else prices
    opening, high, low, close = (Decimal(price) for price in four)
    return Candle(opened, opened + MINUTE, opening, high, low, close, Decimal(volume))


def write(
    of: Instrument, prices: Sequence[Prices], first: datetime, volume: str = VOLUME
) -> datetime:
    """Consecutive minutes from `first` on; the close time of the last."""
    minutes = [candle(first + index * MINUTE, price, volume) for index, price in enumerate(prices)]
    record_candles(Timeframe.M1, {of.pk: minutes})
    return minutes[-1].close_time


def past(of: Instrument, until: datetime) -> None:
    """As many minutes as it takes to rank a volatility: wild at first, then quiet at 100. A jump of
    two percent is no news to them."""
    wild = ["100", "103"] * 150
    write(of, [*wild, *["100"] * 300], until - 600 * MINUTE)


def hours(
    of: Instrument, closes: Sequence[float], last: datetime, *, every: timedelta = HOUR
) -> None:
    """Hourly candles with these closes; the last one closes at `last`."""
    made = []
    for number, price in enumerate(reversed(closes)):
        end = last - number * every
        exact = Decimal(f"{price:.8f}")
        made.append(Candle(end - HOUR, end, exact, exact, exact, exact, Decimal(VOLUME)))
    record_candles(Timeframe.H1, {of.pk: made})


def regime_snapshot(of: Instrument, **columns: Any) -> RegimeSnapshot:
    """The market of the instrument's venue went up at the first hour of Monday."""
    defaults = {
        "regime": Regime.TRENDING_UP, "previous": "", "observed": Regime.TRENDING_UP,
        "rule": "trending_up", "volatility": 41.5, "momentum": 62.0, "candles": 700,
        "inputs": {
            "crypto_volatility": 41.5, "crypto_momentum": 62.0,
            "equity_momentum": "not_applicable", "vix": "not_applicable",
        },
    }  # fmt: skip
    return RegimeSnapshot.objects.create(
        **{
            "venue": of.venue, "timeframe": "1h", "close_time": MONDAY + HOUR, "reference": of,
            **defaults, **columns,
        }
    )  # fmt: skip


def close(at: Venue, now: datetime) -> int:
    """Let the venue's clock reach `now` and take what has closed through the pipeline."""
    MarketClock.objects.filter(venue=at).update(now=now)
    return pipeline.close_candles(at.code, now)


@dataclass(frozen=True)
class World:
    """One venue, one instrument, one version, and Alice, who follows it."""

    venue: Venue
    instrument: Instrument
    version: StrategyVersion
    alice: User
    account: BrokerAccount
    subscription: StrategySubscription

    def play(self, *prices: Prices, first: datetime) -> datetime:
        """Write candles and close them one after the other; the time of the last close."""
        moment = first
        for price in prices:
            moment = write(self.instrument, [price], moment)
            close(self.venue, moment)
        return moment


def world(*, deposit: str | Decimal = DEPOSIT, **settings: Any) -> World:
    """At a venue that keeps its own time."""
    at = venue()
    keep_own_time(at)
    traded = instrument(at)
    followed = version([traded], **settings)
    alice = user("alice")
    paper = account(alice, at, deposit)
    return World(at, traded, followed, alice, paper, subscribe(alice, followed, paper))
