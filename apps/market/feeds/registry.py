from importlib import import_module

from django.conf import settings

from apps.common.errors import Refused
from apps.market.feeds.ports import Feed, LiveFeed
from apps.market.feeds.replay import ReplayFeed
from apps.market.feeds.synthetic import SyntheticFeed
from apps.market.models import Feed as FeedCode
from apps.market.models import MarketClock, VenueFeed

# By name, and loaded when one is in use: their libraries cost every process seconds and 90 MB.
_LIVE = {
    VenueFeed.Kind.CCXT: ("apps.market.feeds.ccxt", "CcxtFeed"),
    VenueFeed.Kind.ALPACA: ("apps.market.feeds.alpaca", "AlpacaFeed"),
}


def feed_of(clock: MarketClock) -> Feed:
    """The feed that the simulated clock names. Raises Refused UNKNOWN_FEED."""
    if clock.feed == FeedCode.REPLAY:
        return ReplayFeed()
    if clock.feed == FeedCode.SYNTHETIC:
        return SyntheticFeed(seed=clock.seed)
    raise Refused("UNKNOWN_FEED", f"No feed '{clock.feed}' is known (venue {clock.venue_id}).")


def live_feed(chosen: VenueFeed) -> LiveFeed:
    """The feed of a live venue. Raises FeedFailed NOT_CONFIGURED."""
    module, name = _LIVE[VenueFeed.Kind(chosen.kind)]
    host = chosen.source if chosen.kind == VenueFeed.Kind.CCXT else chosen.kind
    base_url = settings.MARKET_FEED_URLS.get(host, "")
    feed: LiveFeed = getattr(import_module(module), name)(chosen.source, base_url)
    return feed
