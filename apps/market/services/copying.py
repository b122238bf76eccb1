"""Writes many candles of one instrument by COPY: what importing a file needs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from apps.common import db
from apps.market.models import Candle
from apps.market.services import arrivals
from trading.candles import Timeframe

ROWS_PER_REPORT = 10_000
_TABLE = Candle._meta.db_table
_COLUMNS = "instrument_id, timeframe, open_time, open, high, low, close, volume"

_KEEP = f"""
WITH inserted AS (
  INSERT INTO {_TABLE} ({_COLUMNS}) SELECT {_COLUMNS} FROM incoming
  ON CONFLICT DO NOTHING RETURNING instrument_id, timeframe, open_time
), late AS ({arrivals.LATE}
)
SELECT count(*) FROM inserted
"""  # noqa: S608 - our own tables

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Copied:
    """How many candles were new, and how many were there with other values: they stay, and what
    came is kept beside them as a revision."""

    new: int
    different: int


def unwatched(done: int, total: int) -> None:
    """Progress that nobody watches."""


@db.transaction
def copy_candles(
    instrument_id: int,
    timeframe: Timeframe,
    open_times: NDArray[np.int64],
    values: Sequence[Sequence[str | None]],
    *,
    progress: Progress = unwatched,
) -> Copied:
    """Keep the candles that are not there yet; one that is there stays as it is.

    `open_times` are microseconds since the epoch, `values` the columns open to volume as text that
    was checked to be numbers. `progress` is told now and then of candles done, and in all.
    """
    moments = np.datetime_as_string(open_times.astype("datetime64[us]"), timezone="UTC").tolist()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE incoming (LIKE {_TABLE}) ON COMMIT DROP")
        statement = f"COPY incoming ({_COLUMNS}) FROM STDIN"
        with connection.wrap_database_errors, cursor.copy(statement) as copy:
            for done, row in enumerate(zip(moments, *values, strict=True), start=1):
                copy.write_row((instrument_id, timeframe.value, *row))
                if done % ROWS_PER_REPORT == 0:
                    progress(done, len(moments))
        cursor.execute(_KEEP)
        new = int(cursor.fetchone()[0])
        different = 0 if new == len(moments) else _different(cursor)
        cursor.execute("DROP TABLE incoming")  # a second file in the same transaction needs its own
    progress(len(moments), len(moments))
    return Copied(new, different)


def _different(cursor: Any) -> int:
    """Keep as revisions what differs from the candles that were there; how many those are."""
    cursor.execute(f"SELECT count(*) {arrivals.DIFFERENT}")
    different = int(cursor.fetchone()[0])
    if different:
        cursor.execute(arrivals.REVISED)
    return different
