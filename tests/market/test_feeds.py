from datetime import UTC, datetime, timedelta

import pytest

from apps.common.errors import Refused
from apps.market.feeds.ports import Feed
from apps.market.feeds.registry import feed_of
from apps.market.feeds.replay import ReplayFeed
from apps.market.feeds.synthetic import SyntheticFeed
from apps.market.models import Instrument, MarketClock
from tests import fakes
from tests.fakes import MINUTE, MONDAY, write
from trading import synthetic
from trading.candles import Timeframe
from trading.facts import Fact

FIVE = 5 * MINUTE


@pytest.fixture
def pair(db: None) -> list[Instrument]:
    at = fakes.venue()
    return [fakes.instrument(at, "BTC-USD"), fakes.instrument(at, "ETH-USD")]


@pytest.mark.parametrize("feed", [ReplayFeed(), SyntheticFeed(seed=1)])
def test_each_feed_says_what_it_provides(feed: Feed) -> None:
    assert feed.provides == {Fact.CANDLES}


def test_a_replay_goes_to_the_next_stored_close_of_anybody(pair: list[Instrument]) -> None:
    bitcoin, ether = pair
    write(bitcoin, ["1"], MONDAY)
    write(ether, ["1"], MONDAY + FIVE)
    feed = ReplayFeed()

    assert feed.next_close(pair, Timeframe.M1, MONDAY) == MONDAY + MINUTE
    assert feed.next_close(pair, Timeframe.M1, MONDAY + MINUTE) == MONDAY + FIVE + MINUTE
    assert feed.next_close([bitcoin], Timeframe.M1, MONDAY + MINUTE) is None


def test_a_replay_has_nothing_to_bring(pair: list[Instrument]) -> None:
    write(pair[0], ["1"], MONDAY)

    assert ReplayFeed().candles(pair, Timeframe.M1, MONDAY, MONDAY + FIVE) == {}


def test_a_recording_of_nothing_has_ended(pair: list[Instrument]) -> None:
    assert ReplayFeed().next_close(pair, Timeframe.M1, MONDAY) is None
    assert ReplayFeed().next_close([], Timeframe.M1, MONDAY) is None


def test_the_synthetic_market_trades_every_instrument_every_minute(pair: list[Instrument]) -> None:
    feed = SyntheticFeed(seed=3)

    brought = feed.candles(pair, Timeframe.M1, MONDAY, MONDAY + FIVE)

    assert {pk: len(candles) for pk, candles in brought.items()} == {item.pk: 5 for item in pair}
    assert feed.next_close(pair, Timeframe.M1, MONDAY) == MONDAY + MINUTE


def test_the_seed_makes_the_market(pair: list[Instrument]) -> None:
    first, again, other = (
        SyntheticFeed(seed=seed).candles(pair, Timeframe.M1, MONDAY, MONDAY + FIVE)
        for seed in (3, 3, 4)
    )

    assert first == again
    assert first != other


def test_a_clock_before_the_synthetic_market_goes_to_its_beginning(pair: list[Instrument]) -> None:
    feed, long_ago = SyntheticFeed(seed=1), datetime(1998, 1, 1, tzinfo=UTC)

    close = feed.next_close(pair, Timeframe.M1, long_ago)

    assert close == synthetic.GENESIS + MINUTE
    brought = feed.candles(pair, Timeframe.M1, long_ago, close)
    assert [len(candles) for candles in brought.values()] == [1, 1]


@pytest.mark.parametrize(("code", "kind"), [("replay", ReplayFeed), ("synthetic", SyntheticFeed)])
def test_the_registry_finds_the_feed_of_a_clock(code: str, kind: type) -> None:
    feed = feed_of(MarketClock(venue_id="lab", now=MONDAY, feed=code, seed=9))

    assert isinstance(feed, kind)
    assert feed.code == code


def test_an_unknown_feed_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        feed_of(MarketClock(venue_id="lab", now=MONDAY - timedelta(days=1), feed="radio"))

    assert refused.value.code == "UNKNOWN_FEED"
