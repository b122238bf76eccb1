from apps.common.errors import Refused
from apps.market.feeds.ports import Feed
from apps.market.feeds.replay import ReplayFeed
from apps.market.feeds.synthetic import SyntheticFeed
from apps.market.models import Feed as FeedCode
from apps.market.models import MarketClock


def feed_of(clock: MarketClock) -> Feed:
    """The feed that the clock names. Raises Refused UNKNOWN_FEED."""
    if clock.feed == FeedCode.REPLAY:
        return ReplayFeed()
    if clock.feed == FeedCode.SYNTHETIC:
        return SyntheticFeed(seed=clock.seed)
    raise Refused("UNKNOWN_FEED", f"No feed '{clock.feed}' is known (venue {clock.venue_id}).")
