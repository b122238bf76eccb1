import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading import synthetic
from trading.candles import Candle, Timeframe
from trading.synthetic import GENESIS, PHASE, Market, Regime

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
BITCOIN = Market(seed=1, symbol="BTC-USD", price_increment=Decimal("0.01"))

markets = st.builds(
    Market,
    seed=st.integers(-(2**31), 2**31 - 1),
    symbol=st.sampled_from(["BTC-USD", "ETH-USD", "NEW-EUR", "X"]),
    price_increment=st.sampled_from([Decimal("0.01"), Decimal("0.5"), Decimal("0.00000001")]),
)


def minutes(market: Market, after: datetime, until: datetime) -> list[Candle]:
    return synthetic.candles(market, Timeframe.M1, after, until)


@given(markets, st.integers(0, 1000), st.lists(st.integers(1, 200), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_the_pieces_it_is_asked_for_do_not_change_the_candles(
    market: Market, start: int, lengths: list[int]
) -> None:
    begin = MONDAY + timedelta(minutes=start)
    pieces, moment = [], begin
    for length in lengths:
        pieces += minutes(market, moment, moment + timedelta(minutes=length))
        moment += timedelta(minutes=length)
    synthetic._phase.cache_clear()

    assert minutes(market, begin, moment) == pieces


def test_years_later_the_past_is_still_the_same() -> None:
    before = minutes(BITCOIN, MONDAY, MONDAY + DAY)
    minutes(BITCOIN, MONDAY + 2000 * DAY, MONDAY + 2001 * DAY)
    synthetic._phase.cache_clear()
    synthetic._draws.cache_clear()

    assert minutes(BITCOIN, MONDAY, MONDAY + DAY) == before


@given(markets, st.integers(0, 3000))
@settings(max_examples=20, deadline=None)
def test_every_candle_is_sound_and_on_the_increment(market: Market, days: int) -> None:
    for candle in minutes(market, MONDAY + days * DAY, MONDAY + days * DAY + timedelta(hours=5)):
        assert 0 < candle.low <= min(candle.open, candle.close)
        assert max(candle.open, candle.close) <= candle.high
        assert candle.volume > 0
        assert candle.close % market.price_increment == 0
        assert candle.close_time - candle.open_time == timedelta(minutes=1)


def test_a_candle_opens_where_the_one_before_closed() -> None:
    day = minutes(BITCOIN, MONDAY, MONDAY + DAY)

    assert len(day) == 24 * 60
    assert all(abs(b.open - a.close) <= BITCOIN.price_increment for a, b in itertools.pairwise(day))


def test_another_seed_and_another_symbol_are_another_history() -> None:
    span = (MONDAY, MONDAY + timedelta(hours=1))
    closes = {
        tuple(candle.close for candle in minutes(market, *span))
        for market in (
            BITCOIN,
            Market(2, "BTC-USD", Decimal("0.01")),
            Market(1, "ETH-USD", Decimal("0.01")),
        )
    }

    assert len(closes) == 3


def regime_of(start: datetime) -> Regime:
    return synthetic.phase_draw(BITCOIN, (start - GENESIS) // PHASE)[0]


def changes(regime: Regime) -> list[float]:
    """The change of price over every phase of the regime in 60 days, as a fraction."""
    starts = [MONDAY + number * PHASE for number in range(60 * 12)]
    of_regime = [start for start in starts if regime_of(start) is regime]
    phases = [minutes(BITCOIN, start, start + PHASE) for start in of_regime]
    return [float(phase[-1].close / phase[0].open - 1) for phase in phases]


def noise(regime: Regime) -> float:
    starts = [MONDAY + number * PHASE for number in range(10 * 12)]
    day = [start for start in starts if regime_of(start) is regime]
    return mean(
        float((candle.high - candle.low) / candle.open)
        for start in day
        for candle in minutes(BITCOIN, start, start + PHASE)
    )


def test_each_regime_comes_and_moves_as_its_name_says() -> None:
    assert min(changes(Regime.TREND_UP)) > 0
    assert max(changes(Regime.TREND_DOWN)) < 0
    assert max(map(abs, changes(Regime.RANGE))) < 0.005
    assert max(map(abs, changes(Regime.HIGH_VOLATILITY))) > 0.01
    assert noise(Regime.HIGH_VOLATILITY) > 3 * noise(Regime.RANGE)


def test_coarser_candles_are_made_of_the_minutes() -> None:
    (hour,) = synthetic.candles(BITCOIN, Timeframe.H1, MONDAY, MONDAY + timedelta(minutes=119))
    inside = minutes(BITCOIN, MONDAY, MONDAY + timedelta(hours=1))

    assert (hour.open, hour.close) == (inside[0].open, inside[-1].close)
    assert hour.high == max(candle.high for candle in inside)
    assert hour.volume == sum(candle.volume for candle in inside)


@pytest.mark.parametrize("until", [MONDAY, MONDAY + timedelta(seconds=59)])
def test_a_candle_is_told_only_when_it_has_closed(until: datetime) -> None:
    assert minutes(BITCOIN, MONDAY, until) == []


def test_there_is_nothing_before_genesis() -> None:
    with pytest.raises(synthetic.BeforeGenesis, match="2020-01-01"):
        minutes(BITCOIN, GENESIS - DAY, GENESIS)


def test_years_later_it_is_still_a_price() -> None:
    for month in range(60):
        day = MONDAY + 30 * month * DAY
        (candle,) = minutes(BITCOIN, day, day + timedelta(minutes=1))

        assert Decimal(6_000) < candle.close < Decimal(600_000)
