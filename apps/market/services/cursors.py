"""How far each instrument's candles have been taken through the pipeline."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from apps.common import db
from apps.market.models import CandleCursor
from trading.candles import Timeframe

Key = tuple[int, Timeframe]


def cursors(instrument_ids: Sequence[int]) -> dict[Key, datetime]:
    rows = CandleCursor.objects.filter(instrument_id__in=instrument_ids)
    return {
        (instrument, Timeframe(timeframe)): moment
        for instrument, timeframe, moment in rows.values_list(
            "instrument_id", "timeframe", "closed_through"
        )
    }


@db.transaction
def start_cursors(starts: Mapping[Key, datetime]) -> None:
    """Begin to follow candles that close after the given moments; a cursor that exists stays."""
    CandleCursor.objects.bulk_create(
        [
            CandleCursor(instrument_id=instrument, timeframe=timeframe, closed_through=moment)
            for (instrument, timeframe), moment in starts.items()
        ],
        ignore_conflicts=True,
    )


@db.transaction_required
def move_cursors(instrument_ids: Sequence[int], timeframe: Timeframe, to: datetime) -> int:
    """Mark the close as taken; a cursor never goes back. The number that moved."""
    behind = Q(closed_through__lt=to)
    rows = CandleCursor.objects.filter(
        behind, instrument_id__in=instrument_ids, timeframe=timeframe
    )
    return rows.update(closed_through=to)
