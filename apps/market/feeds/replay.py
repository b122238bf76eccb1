"""Plays a recording: the candles are stored already, only the clock moves over them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from apps.market import selectors
from apps.market.models import Instrument
from trading.candles import Candle, Timeframe
from trading.facts import Fact


class ReplayFeed:
    code = "replay"
    provides = frozenset({Fact.CANDLES})

    def candles(
        self,
        instruments: Sequence[Instrument],
        timeframe: Timeframe,
        after: datetime,
        until: datetime,
    ) -> Mapping[int, Sequence[Candle]]:
        return {}

    def next_close(
        self, instruments: Sequence[Instrument], timeframe: Timeframe, after: datetime
    ) -> datetime | None:
        """The next stored close of any of them: nights and holes in the recording pass at once."""
        return selectors.next_stored_close([item.pk for item in instruments], timeframe, after)
