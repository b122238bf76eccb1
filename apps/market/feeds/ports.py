from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from apps.market.models import Instrument
from trading.candles import Candle, Timeframe
from trading.facts import Fact
from trading.instruments import InstrumentRules


class Feed(Protocol):
    """A source of candles. It may speak to a network: it is never called in a transaction."""

    code: str
    provides: frozenset[Fact]

    def candles(
        self,
        instruments: Sequence[Instrument],
        timeframe: Timeframe,
        after: datetime,
        until: datetime,
    ) -> Mapping[int, Sequence[Candle]]:
        """Closed candles with `after < close_time <= until`, oldest first, by instrument id.

        An instrument without any may be absent; so may candles that are stored already. A live
        feed raises FeedFailed.
        """
        ...

    def next_close(
        self, instruments: Sequence[Instrument], timeframe: Timeframe, after: datetime
    ) -> datetime | None:
        """Where a simulated clock goes from `after`. None = this feed has nothing later."""
        ...


class LiveFeed(Feed, Protocol):
    """A feed of somebody else's market, on the wall clock. Every method may raise FeedFailed."""

    def offers(self, timeframe: Timeframe) -> bool:
        """Whether the venue itself makes candles of this length."""
        ...

    def rules(self, symbols: Sequence[str]) -> Sequence[InstrumentRules]:
        """What the venue says of these instruments: increments, minimums, fees."""
        ...


class Failure(StrEnum):
    """Why a live feed brought less than it was asked for."""

    AWAY = "away"  # no answer, or the venue says that it is down
    RATE_LIMITED = "rate_limited"
    REFUSED = "refused"  # it answers, and says no
    NONSENSE = "nonsense"  # it answers what cannot be true
    UNKNOWN_SYMBOL = "unknown_symbol"
    NOT_CONFIGURED = "not_configured"  # keys, or the name of the source

    @property
    def is_of_one_instrument(self) -> bool:
        """The venue can be asked for the others all the same."""
        return self in (Failure.NONSENSE, Failure.UNKNOWN_SYMBOL)


class FeedFailed(Exception):
    """`kept` are the candles that came, whole and sound, in spite of it."""

    def __init__(
        self,
        failure: Failure,
        words: str,
        *,
        retry_after: timedelta | None = None,
        kept: Sequence[Candle] = (),
    ) -> None:
        super().__init__(words)
        self.failure = failure
        self.words = words
        self.retry_after = retry_after
        self.kept = kept
