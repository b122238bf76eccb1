"""A made-up market without an end, from a seed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from apps.market.models import Instrument
from trading import synthetic
from trading.candles import Candle, Timeframe, next_close
from trading.facts import Fact


class SyntheticFeed:
    code = "synthetic"
    provides = frozenset({Fact.CANDLES})

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def candles(
        self,
        instruments: Sequence[Instrument],
        timeframe: Timeframe,
        after: datetime,
        until: datetime,
    ) -> Mapping[int, Sequence[Candle]]:
        return {
            item.pk: synthetic.candles(
                synthetic.Market(self.seed, item.symbol, item.price_increment),
                timeframe,
                max(after, synthetic.GENESIS),
                until,
            )
            for item in instruments
        }

    def next_close(
        self, instruments: Sequence[Instrument], timeframe: Timeframe, after: datetime
    ) -> datetime | None:
        return next_close(max(after, synthetic.GENESIS), timeframe)
