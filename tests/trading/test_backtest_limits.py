"""A backtest meets the risk gates of its account: told its facts, they refuse and cut down as they
do on paper."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.trading.examples import FREE_OF_FEES, LIMITS, MONDAY
from tests.trading.histories import series_of
from trading.backtest import Market, Result, Settings, Sizing, backtest
from trading.candles import Candle, CandleSeries, Timeframe
from trading.decisions import Asked, decide, question_of
from trading.gates.bounds import NO_BOUNDS, Bounds, Source, bounds_of, strictest
from trading.gates.risk_facts import (
    AccessFacts,
    AccountFacts,
    InstrumentFacts,
    MarketFacts,
    Mode,
    RiskFacts,
)
from trading.gates.sources import PLATFORM_DEFAULTS, hard_controls, of_tier
from trading.gates.values import Limits, TradingState
from trading.instruments import InstrumentRules
from trading.rooms import LONG_AGO
from trading.signals import Action, EntryPlan, Signal, enter, leave
from trading.standing import Standing
from trading.strategies import Strategy
from trading.tiers import CapitalTier

HOUR = timedelta(hours=1)
CASH = Decimal(10_000)
IN, OUT = Action.ENTER_LONG, Action.EXIT_LONG
ORDERED = ("ordered", "")


@dataclass(frozen=True)
class Script:
    """What is said at which close, in hours after the first candle opens."""

    first: datetime
    said: Mapping[int, Action]


def _decide(candles: CandleSeries, script: Script) -> Sequence[Signal]:
    hours = (int(candles.close_times[-1]) - int(script.first.timestamp())) // 3600
    action = script.said.get(hours)
    if action is None:
        return ()
    price = float(candles.close[-1])
    speak = enter if action.is_entry else leave
    return (speak(action, candles.symbol, price),)


SCRIPTED = Strategy(
    code="scripted",
    title="Scripted",
    idea="Says what it is told to.",
    parameters=Script,
    warmup=lambda _: 1,
    decide=_decide,
)


def market(
    prices: Iterable[object], first: datetime = MONDAY, rules: InstrumentRules = FREE_OF_FEES
) -> Market:
    """Hours without shadows: each opens where the one before closed, the first at its own close."""
    closes = [Decimal(str(price)) for price in prices]
    candles = [
        Candle(
            first + hour * HOUR, first + (hour + 1) * HOUR, was, max(was, close), min(was, close),
            close, Decimal(10**6),
        )
        for hour, (was, close) in enumerate(zip([closes[0], *closes], closes, strict=False))
    ]  # fmt: skip
    return Market(rules, candles, series_of(rules.symbol, Timeframe.H1, candles))


def run(
    markets: Market | Sequence[Market],
    said: Mapping[int, Action],
    bounds: Bounds,
    *,
    quantity: object = 50,
    first: datetime = MONDAY,
    sizing: Sizing = Sizing.FIXED,
    symbols: frozenset[str] | None = None,
) -> Result:
    limits = Limits(
        capital=CASH, risk_per_trade=Decimal(1), leverage=Decimal(1), max_positions=2,
        max_daily_loss=Decimal(1_000), warmup_candles=1, bounds=bounds,
    )  # fmt: skip
    settings = Settings(
        SCRIPTED, Script(first, said), CASH, "USD", limits, sizing=sizing,
        fixed_quantity=Decimal(str(quantity)) if sizing is Sizing.FIXED else None,
        symbols=symbols,
    )  # fmt: skip
    return backtest(settings, [markets] if isinstance(markets, Market) else markets)


def named(symbol: str) -> InstrumentRules:
    return replace(FREE_OF_FEES, symbol=symbol)


def own(**values: object) -> Bounds:
    return bounds_of(Source.USER, **{name: Decimal(str(each)) for name, each in values.items()})


def entries(result: Result) -> list[tuple[str, str]]:
    """Of each signal to enter, what came of it."""
    return [(row.outcome, row.code) for row in result.decisions if row.action == "enter_long"]


def sizes(result: Result) -> list[tuple[float, str]]:
    into = (row for row in result.decisions if row.action == "enter_long")
    return [(float(row.quantity), row.sized_down_by) for row in into]


def turns(*hours: int) -> dict[int, Action]:
    """In and out by turns at these closes."""
    return {hour: (IN, OUT)[turn % 2] for turn, hour in enumerate(hours)}


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("0.06", ORDERED), ("0.05", ("denied", "DRAWDOWN_LIMIT"))],
)
def test_a_drawdown_is_measured_from_the_highest_that_a_day_began_with(
    limit: str, expected: tuple[str, str]
) -> None:
    late = MONDAY - 4 * HOUR
    # 50 at 100 are worth 6,000 at midnight: of 11,000 there are 10,450 left at 109.
    prices = [100, 100, 105, 120, 112, 109, 109, 109, 109]
    result = run(market(prices, late), turns(1, 6, 8), own(drawdown=limit), first=late)

    assert entries(result) == [ORDERED, expected]


def test_nobody_resets_a_drawdown_so_nothing_is_entered_any_more() -> None:
    prices = [100, 100, 80, 80, 80, *[80] * 200]
    result = run(market(prices), {1: IN, 3: OUT, 5: IN, 100: IN, 200: IN}, own(drawdown="0.1"))

    assert entries(result) == [ORDERED, *[("denied", "DRAWDOWN_LIMIT")] * 3]
    assert len(result.trades) == 1  # and what was open could be left


LOSE, WIN, NEITHER = (100, 99), (100, 101), (100, 100)


def in_a_row(*trades: tuple[int, int]) -> tuple[list[int], dict[int, Action]]:
    """Prices and a script: each trade is entered at its first price and left at its second, and one
    more entry is asked for at the end."""
    prices, said = [100, 100], {}
    for trade in trades:
        said[len(prices)] = IN
        prices += [trade[0], trade[0], trade[1], trade[1]]
        said[len(prices) - 1] = OUT
        prices += [trade[1], 100]
    said[len(prices)] = IN
    return [*prices, 100], said


@pytest.mark.parametrize(
    ("trades", "expected"),
    [
        ([LOSE, LOSE], ("denied", "CONSECUTIVE_LOSSES")),
        ([LOSE, WIN, LOSE], ORDERED),
        ([LOSE, NEITHER, LOSE], ("denied", "CONSECUTIVE_LOSSES")),
        ([LOSE, NEITHER], ORDERED),
    ],
    ids=["two", "a win between", "neither counts nor ends it", "one"],
)
def test_losses_in_a_row_stop_entries(
    trades: list[tuple[int, int]], expected: tuple[str, str]
) -> None:
    prices, said = in_a_row(*trades)
    result = run(market(prices), said, own(consecutive_losses=2))

    assert [trip.pnl for trip in result.trades] == [50 * (out - into) for into, out in trades]
    assert entries(result) == [*[ORDERED] * len(trades), expected]


def test_trades_of_a_day_are_counted_from_midnight() -> None:
    late = MONDAY - 6 * HOUR  # the sixth close is at midnight, and of the new day
    said = {1: IN, 2: OUT, 3: IN, 4: OUT, 5: IN, 6: IN, 7: OUT, 8: IN, 9: OUT, 10: IN}
    result = run(market([100] * 12, late), said, own(trades_a_day=2), first=late)

    refused = ("denied", "DAILY_TRADES")
    assert entries(result) == [ORDERED, ORDERED, refused, ORDERED, ORDERED, refused]


def test_the_day_begins_with_what_there_was_at_midnight() -> None:
    late = MONDAY - 6 * HOUR
    # 10,000 become 9,500 before midnight, and 9,025 after it: each time 5 percent less.
    prices = [100, 100, 90, 90, 90, 90, 90, 80.5, 80.5, 80.5, 80.5]
    said = {1: IN, 3: OUT, 5: IN, 6: IN, 8: OUT, 10: IN}
    result = run(market(prices, late), said, own(daily_loss="0.05"), first=late)

    lost = ("denied", "ACCOUNT_DAILY_LOSS")
    assert entries(result) == [ORDERED, lost, ORDERED, lost]


@pytest.mark.parametrize(
    ("limit", "last"), [("50", ("denied", "DAILY_LOSS_MONEY")), ("50.01", ORDERED)]
)
def test_what_other_trades_won_is_not_set_against_what_losing_ones_lost(
    limit: str, last: tuple[str, str]
) -> None:
    prices, said = in_a_row((100, 110), LOSE)
    result = run(market(prices), said, own(daily_loss_money=limit))

    assert entries(result) == [ORDERED, ORDERED, last]


def test_after_a_bad_week_half_is_entered_until_monday() -> None:
    saturday = MONDAY - 28 * HOUR
    prices = [100, 100, *[80] * 40]
    said = {1: IN, 3: OUT, 5: IN, 7: OUT, 30: IN}
    result = run(
        market(prices, saturday), said, own(weekly_loss_halves="0.08"), first=saturday, quantity=40
    )

    assert sizes(result) == [(40, ""), (20, "WEEKLY_LOSS:user"), (40, "")]


def test_a_bad_week_stops_entries_until_monday() -> None:
    saturday = MONDAY - 28 * HOUR
    prices = [100, 100, *[80] * 40]
    said = {1: IN, 3: OUT, 5: IN, 28: IN}
    result = run(market(prices, saturday), said, own(weekly_loss="0.1"), first=saturday)

    assert entries(result) == [ORDERED, ("denied", "WEEKLY_LOSS"), ORDERED]


def test_a_size_is_cut_down_to_the_share_of_its_tier() -> None:
    result = run(market([100] * 4), {1: IN}, of_tier(CapitalTier.LIVABLE))

    assert sizes(result) == [(4, "SHARE:tier")]


def test_all_the_cash_is_not_taken_where_a_limit_is_smaller() -> None:
    bounds = of_tier(CapitalTier.LIVABLE)
    result = run(market([100] * 5), turns(1, 3), bounds, sizing=Sizing.ALL_IN)
    free = run(market([100] * 5), turns(1, 3), NO_BOUNDS, sizing=Sizing.ALL_IN)

    assert [trip.quantity for trip in result.trades] == [4]
    assert all(trip.quantity > 99 for trip in free.trades)


def test_what_was_entered_at_a_close_counts_for_the_next_signal_of_it() -> None:
    two = [market([100] * 4, rules=named(each)) for each in ("A-USD", "B-USD")]

    assert sizes(run(two, {1: IN}, own(exposure="0.8"))) == [(50, ""), (30, "EXPOSURE:user")]
    assert entries(run(two, {1: IN}, own(positions=1))) == [
        ORDERED, ("denied", "USER_MAX_POSITIONS"),
    ]  # fmt: skip
    assert entries(run(two, {1: IN}, own(trades_a_day=1))) == [ORDERED, ("denied", "DAILY_TRADES")]


def test_what_is_held_counts_at_its_last_close() -> None:
    pair = [
        market([100, 100, 100, 120, 120, 120], rules=named("A-USD")),
        market([100] * 6, rules=named("B-USD")),
    ]
    result = run(pair, {1: IN, 4: IN}, own(exposure="0.5"), quantity=40)

    # At first 40 of A and 10 of B; these are worth 5,800 of 10,800 then: nothing is left of 5,400.
    assert sizes(result) == [(40, ""), (10, "EXPOSURE:user"), *[(0, "EXPOSURE:user")] * 2]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (lambda hour: hour % 2, (20, "CORRELATED:user")),
        (lambda hour: -(hour % 2), (20, "CORRELATED:user")),
        (lambda hour: hour // 2 % 2, (30, "")),
    ],
    ids=["together", "against each other", "apart"],
)
def test_what_moves_together_is_counted_together(
    other: Callable[[int], int], expected: tuple[float, str]
) -> None:
    pair = [
        market([*(100 + hour % 2 for hour in range(59)), 100], rules=named("A-USD")),
        market([*(100 + other(hour) for hour in range(59)), 100], rules=named("B-USD")),
    ]
    result = run(pair, {60: IN}, own(correlated="0.5"), quantity=30)

    assert sizes(result) == [(30, ""), expected]


def test_only_the_instruments_that_are_allowed_are_entered() -> None:
    pair = [market([100] * 4, rules=named(each)) for each in ("A-USD", "B-USD")]
    result = run(pair, {1: IN}, NO_BOUNDS, quantity=10, symbols=frozenset({"B-USD"}))

    assert entries(result) == [("denied", "SYMBOL_NOT_ALLOWED"), ORDERED]


@pytest.mark.parametrize(("calm", "expected"), [(498, ORDERED), (499, ("denied", "BLACK_SWAN"))])
def test_volatility_is_asked_about_from_five_hundred_candles_on(
    calm: int, expected: tuple[str, str]
) -> None:
    prices = [100 + (hour % 2) / 100 for hour in range(calm)] + [120]
    result = run(market(prices), {calm + 1: IN}, of_tier(CapitalTier.LIVABLE))

    assert entries(result) == [expected]


@pytest.mark.parametrize(
    ("length", "expected"),
    [(Timeframe.H1, ("denied", "FACT_UNKNOWN")), (Timeframe.D1, ORDERED)],
    ids=["known in time", "a year has too few"],
)
def test_where_candles_keep_coming_too_few_are_not_known(
    length: Timeframe, expected: tuple[str, str]
) -> None:
    plain = market([100] * 3)
    fed = replace(plain, is_fed=True, series=replace(plain.series, timeframe=length))

    assert entries(run(fed, {1: IN}, of_tier(CapitalTier.LIVABLE))) == [expected]


def test_a_close_is_decided_as_these_facts_are_anywhere() -> None:
    """On Tuesday at 03:00, when 500 of 10,000 were lost on Monday."""
    bounds = strictest(
        hard_controls(), PLATFORM_DEFAULTS, own(weekly_loss_halves="0.05", drawdown="0.1")
    )
    bounds = replace(bounds, most_share=None, correlated=None)  # or it would be less than a half
    prices = [100, 100, 100, 90, 90, *[50] * 23]
    result = run(market(prices), {1: IN, 4: OUT, 27: IN}, bounds, quantity=50)
    tuesday = MONDAY + 27 * HOUR
    account = AccountFacts(
        equity=Decimal(9_500), available=Decimal(9_500), exposure=Decimal(0), peak_equity=CASH,
        start_of_day_equity=Decimal(9_500), start_of_week_equity=CASH, day_pnl=Decimal(0),
        week_pnl=Decimal(-500), lost_today=Decimal(0), open_positions=0, users_positions=0,
        trades_today=0,
        consecutive_losses=1,
    )  # fmt: skip
    price = Decimal(50)
    facts = RiskFacts(
        account,
        InstrumentFacts(
            correlated_exposure=Decimal(0), class_exposure=Decimal(0), opposite=Decimal(0),
            cool_down_until=LONG_AGO,
        ),
        MarketFacts(
            now=tuesday, reference_price=price, signal_price=price, price_now=price,
            candle_age=Decimal(0),
        ),
        AccessFacts(mode=Mode.BACKTEST),
    )  # fmt: skip
    limits = replace(LIMITS, capital=CASH, bounds=bounds)
    question = question_of(
        Asked(1, FREE_OF_FEES, IN, price, None, EntryPlan(), 51, True, tuesday + HOUR),
        Standing(True, "USD", limits, Decimal(0), Decimal(0), {}),
        trading_state=TradingState.ACTIVE, is_symbol_allowed=True, free_cash=Decimal(9_500),
        wanted=Decimal(50), risk=facts,
    )  # fmt: skip
    answer = decide(question)

    last = result.decisions[-1]
    assert last.time == tuesday
    assert sizes(result)[-1] == (25, "WEEKLY_LOSS:user")
    assert (answer.outcome.value, answer.code) == (last.outcome, last.code) == ORDERED
    assert (answer.intent.quantity, answer.sized_down_by) == (last.quantity, last.sized_down_by)
