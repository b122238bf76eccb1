"""The demo: a recorded market played a minute a second, a trader, staff, and fifty more
subscribers."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any

from apps.accounts.models import User
from apps.brokers.models import BrokerAccount, Venue
from apps.brokers.services import ensure_venue
from apps.common import db
from apps.execution.services.accounts import open_paper_account
from apps.execution.services.regimes import record_allocations
from apps.market.models import Feed, Instrument, MarketClock
from apps.market.services import clock, funding_rates, regimes
from apps.market.services.candles import record_candles
from apps.strategies import services as strategies
from apps.strategies.models import StrategySubscription, StrategyVersion
from apps.subscriptions import services as plans
from apps.subscriptions.models import Plan
from trading import synthetic
from trading.candles import Timeframe, aggregate
from trading.instruments import AssetClass
from trading.plans import PlatformPlan
from trading.regime import TIMEFRAME

VENUE = "demo"
STAFF_EMAIL = "staff@nija.example"
TRADER_EMAIL = "trader@nija.example"
SUBSCRIBERS = 50
# An order of the trader is worth the 3 % that an account of this size may put into one.
TRADERS_DEPOSIT, TRADERS_CAPITAL = Decimal(60_000), Decimal(20_000)
# By number: with so much, the least that an order may be worth is above the most.
TOO_SMALL = {7: Decimal(270), 23: Decimal(75)}

STARTS_AT = datetime(2026, 6, 1, tzinfo=UTC)
HISTORY = timedelta(days=2)
HOURS_HISTORY = timedelta(days=30)  # of BTC alone: enough to know what kind of market it is
RECORDING = timedelta(days=6)  # more than two hours of demo at a minute a second
SECONDS_PER_CANDLE = 1.0
SEED = 7

# symbol: (price increment, quantity increment)
INSTRUMENTS = {
    "BTC-USD": ("0.01", "0.00001"),
    "ETH-USD": ("0.01", "0.0001"),
    "SOL-USD": ("0.01", "0.001"),
    "XRP-USD": ("0.0001", "0.1"),
}
FEE = Decimal("0.001")
# These can be sold short too; every eight hours their longs pay their shorts, or the other way.
SHORTABLE = {"BTC-USD", "ETH-USD"}
INITIAL_MARGIN, MAINTENANCE_MARGIN = Decimal("0.5"), Decimal("0.1")
FUNDING_EVERY = timedelta(hours=8)
FUNDING_RATES = (Decimal("0.0001"), Decimal("0.0003"), Decimal("-0.0002"))


@dataclass(frozen=True, slots=True)
class Login:
    """Shown once: only its hash is kept."""

    role: str
    email: str
    password: str


def is_seeded() -> bool:
    return MarketClock.objects.filter(venue_id=VENUE).exists()


@db.transaction
def seed() -> list[Login]:
    """Make all of the demo, or none of it. The logins of the people one can sign in as."""
    venue = ensure_venue(VENUE, "Demo market (recorded)")
    clock.ensure_clock(venue, now=STARTS_AT, finest=Timeframe.M1)
    clock.simulate(VENUE, feed=Feed.REPLAY, seconds_per_candle=SECONDS_PER_CANDLE, seed=SEED)
    instruments = [_instrument(venue, symbol) for symbol in INSTRUMENTS]
    strategies.register_strategies()
    plans.publish()
    versions = _versions(instruments)
    logins = [_staff(), _trader(venue, versions)]
    for number in range(1, SUBSCRIBERS + 1):
        _subscriber(number, venue, versions)
    _class_market(instruments[0])
    return logins


def _instrument(venue: Venue, symbol: str) -> Instrument:
    """An instrument with its candles: the history, and the recording that the clock will reach."""
    price_increment, quantity_increment = INSTRUMENTS[symbol]
    base, quote = symbol.split("-")
    instrument = Instrument.objects.create(
        venue=venue,
        symbol=symbol,
        base=base,
        quote=quote,
        asset_class=AssetClass.CRYPTO,
        price_increment=Decimal(price_increment),
        quantity_increment=Decimal(quantity_increment),
        min_quantity=Decimal(quantity_increment),
        min_notional=Decimal(10),
        maker_fee=FEE,
        taker_fee=FEE,
        is_shortable=symbol in SHORTABLE,
        initial_margin=INITIAL_MARGIN,
        maintenance_margin=MAINTENANCE_MARGIN,
    )
    market = synthetic.Market(SEED, symbol, instrument.price_increment)
    minutes = synthetic.candles(market, Timeframe.M1, STARTS_AT - HISTORY, STARTS_AT + RECORDING)
    record_candles(Timeframe.M1, {instrument.pk: minutes})
    record_candles(Timeframe.M5, {instrument.pk: aggregate(minutes, Timeframe.M5)})
    if instrument.is_shortable:
        count = RECORDING // FUNDING_EVERY
        moments = (STARTS_AT + FUNDING_EVERY * number for number in range(count))
        funding_rates.record_rates(instrument.pk, zip(moments, cycle(FUNDING_RATES), strict=False))
    return instrument


def _class_market(reference: Instrument) -> None:
    """Its hours, and what kind of market it has been in the last two: a class takes as many."""
    market = synthetic.Market(SEED, reference.symbol, reference.price_increment)
    hours = synthetic.candles(market, TIMEFRAME, STARTS_AT - HOURS_HISTORY, STARTS_AT)
    record_candles(TIMEFRAME, {reference.pk: hours})
    for moment in (STARTS_AT - TIMEFRAME.duration, STARTS_AT):
        snapshot = regimes.record(VENUE, moment)
        if snapshot is not None:
            record_allocations(snapshot)


def _versions(instruments: list[Instrument]) -> list[StrategyVersion]:
    """Averages and channels short enough that a demo of minutes shows what months would, and long
    enough that a day's trades are not used up, or five lost in a row, before noon."""
    return [
        strategies.create_version(
            "sma_crossover", "1.0.0", timeframe=Timeframe.M1, instruments=instruments,
            parameters={"fast": 15, "slow": 45, "stop_loss": 0.008, "take_profit": 0.012},
            capital=Decimal(5_000), risk_per_trade=Decimal("0.001"), max_positions=3,
        ),
        strategies.create_version(
            "donchian_breakout", "1.0.0", timeframe=Timeframe.M1, instruments=instruments,
            parameters={"channel": 60, "exit_channel": 30, "stop_loss": 0.01},
            capital=Decimal(5_000), risk_per_trade=Decimal("0.001"), max_positions=2,
        ),
        strategies.create_version(
            "sma_crossover", "1.1.0", timeframe=Timeframe.M5, instruments=instruments[:2],
            parameters={"fast": 20, "slow": 50},
            capital=Decimal(5_000), risk_per_trade=Decimal("0.005"), max_positions=2,
        ),
    ]  # fmt: skip


def _staff() -> Login:
    password = secrets.token_urlsafe(12)
    User.objects.create_superuser(STAFF_EMAIL, password, name="Demo staff", is_demo=True)
    return Login("staff", STAFF_EMAIL, password)


def _trader(venue: Venue, versions: list[StrategyVersion]) -> Login:
    password = secrets.token_urlsafe(12)
    user = User.objects.create_user(TRADER_EMAIL, password, name="Demo trader", is_demo=True)
    account = _account(user, venue, TRADERS_DEPOSIT)
    for version in versions:
        strategies.subscribe(user, version, account, now=STARTS_AT, capital=TRADERS_CAPITAL)
    _give(user, PlatformPlan.PRO)
    return Login("trader", TRADER_EMAIL, password)


def _subscriber(number: int, venue: Venue, versions: list[StrategyVersion]) -> None:
    """A subscriber whom nobody signs in as. Capital and limits differ, so that answers differ."""
    email = f"subscriber{number:02d}@nija.example"
    user = User.objects.create_user(email, None, name=f"Subscriber {number}", is_demo=True)
    account = _account(user, venue, TOO_SMALL.get(number, Decimal(200 * number)))
    if number % 3:
        _give(user, PlatformPlan.BASIC)  # the others are on Free
    for version, settings in _choices(number, versions):
        subscription: StrategySubscription = strategies.subscribe(
            user, version, account, now=STARTS_AT, **settings
        )
        if number % 10 == 0:
            strategies.pause(subscription, now=STARTS_AT)


def _give(user: User, plan: PlatformPlan) -> None:
    row = Plan.objects.get(code=plan.value, is_sold=True)
    plans.give(user, row, now=STARTS_AT, by="demo", reason="part of the demo")


def _choices(
    number: int, versions: list[StrategyVersion]
) -> Iterator[tuple[StrategyVersion, Mapping[str, Any]]]:
    capital = Decimal(100 * number)
    yield versions[number % 2], {"capital": capital, "max_positions": 1 + number % 3}
    if number % 3 == 0:
        yield versions[2], {"capital": capital, "risk_per_trade": Decimal("0.002")}


def _account(user: User, venue: Venue, deposit: Decimal) -> BrokerAccount:
    return open_paper_account(
        user, venue, name="Paper", currency="USD", deposit=deposit, now=STARTS_AT
    )
