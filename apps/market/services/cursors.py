"""How far each instrument's candles have been taken through the pipeline."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from apps.common import db
from apps.market.models import CandleCursor
from trading.candles import Timeframe

Key = tuple[int, Timeframe]


class Half(StrEnum):
    """Of the pipeline; each has come as far as its column says."""

    MET = "closed_through"
    DECIDED = "decided_through"


class Reached(NamedTuple):
    """How far orders have met the candles, and how far they are decided about."""

    met: datetime
    decided: datetime


def cursors(instrument_ids: Sequence[int]) -> dict[Key, Reached]:
    rows = CandleCursor.objects.filter(instrument_id__in=instrument_ids)
    return {
        (instrument, Timeframe(timeframe)): Reached(*moments)
        for instrument, timeframe, *moments in rows.values_list("instrument_id", "timeframe", *Half)
    }


@db.transaction
def start_cursors(starts: Mapping[Key, datetime]) -> None:
    """Begin to follow candles that close after the given moments; a cursor that exists stays."""
    CandleCursor.objects.bulk_create(
        [
            CandleCursor(instrument_id=pk, timeframe=timeframe, **dict.fromkeys(Half, moment))
            for (pk, timeframe), moment in starts.items()
        ],
        ignore_conflicts=True,
    )


@db.transaction_required
def move_cursors(
    instrument_ids: Sequence[int], timeframe: Timeframe, half: Half, to: datetime
) -> int:
    """Mark the close as taken by this half; a cursor never goes back. The number that moved."""
    rows = CandleCursor.objects.filter(instrument_id__in=instrument_ids, timeframe=timeframe)
    return rows.filter(**{f"{half}__lt": to}).update(**{half: to})
