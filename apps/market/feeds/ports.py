from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from apps.market.models import Instrument
from trading.candles import Candle, Timeframe
from trading.facts import Fact


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

        An instrument without any may be absent; so may candles that are stored already.
        """
        ...

    def next_close(
        self, instruments: Sequence[Instrument], timeframe: Timeframe, after: datetime
    ) -> datetime | None:
        """Where a simulated clock goes from `after`. None = this feed has nothing later."""
        ...
