"""What minutes of many instruments cost: bytes a row, COPY, reading, importing a file.

    python benchmarks/candles.py --rows 3000000 --instruments 732

Rows lie as production would leave them: minute after minute, all instruments of a minute together.
The embedded server keeps its data safe here (fsync on). A database is made for the run and dropped.
"Packed" is the table after CLUSTER by its key, as a closed month can be.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nija.settings.dev")

import django

django.setup()

import numpy as np
from django.db import connection, transaction

from apps.market import selectors
from apps.market.models import Candle
from apps.market.services.importing import import_candles
from benchmarks.stage.database import own_database
from tests import fakes
from trading.candles import Timeframe

TABLE = Candle._meta.db_table
COLUMNS = "instrument_id, timeframe, open_time, open, high, low, close, volume"
STARTS_AT = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MINUTES_A_YEAR = 365 * 24 * 60
MINUTES_A_BLOCK = 60
GB = 1e9

Seconds = float


def make_instruments(count: int) -> list[int]:
    at = fakes.venue("bench")
    return [fakes.instrument(at, f"C{number:03}-USD").pk for number in range(count)]


def blocks(ids: list[int], minutes: int) -> Iterator[str]:
    """The rows as COPY wants them, an hour at a time; prices of two to five decimals."""
    random = np.random.default_rng(1)
    prices = random.lognormal(3, 2, len(ids)).clip(0.01, 60_000)
    decimals = np.where(prices > 1_000, 2, np.where(prices > 10, 3, 5))
    lines: list[str] = []
    for minute in range(minutes):
        opens, prices = prices, prices * np.exp(random.normal(0, 5e-4, len(ids)))
        wicks = 1 + np.abs(random.normal(0, 2e-4, (2, len(ids))))
        highs, lows = np.maximum(opens, prices) * wicks[0], np.minimum(opens, prices) / wicks[1]
        volumes = random.lognormal(0, 1, len(ids)) * 100_000 / prices
        opened = (STARTS_AT + minute * MINUTE).isoformat()
        lines += (
            f"{pk}\t1m\t{opened}\t{o:.{d}f}\t{h:.{d}f}\t{low:.{d}f}\t{c:.{d}f}\t{v:.4f}\n"
            for pk, o, h, low, c, v, d in zip(
                ids, opens, highs, lows, prices, volumes, decimals, strict=True
            )
        )
        if (minute + 1) % MINUTES_A_BLOCK == 0 or minute + 1 == minutes:
            yield "".join(lines)
            lines = []


def fill(ids: list[int], minutes: int) -> Seconds:
    """Write the rows a block at a time; the seconds that COPY took."""
    spent = 0.0
    for block in blocks(ids, minutes):
        started = time.perf_counter()
        copy(block, TABLE)
        spent += time.perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {TABLE}")
    return spent


def copy(block: str, table: str) -> None:
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({COLUMNS}) FROM STDIN") as into,
    ):
        into.write(block)


def pack() -> Seconds:
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(f"CLUSTER {TABLE} USING {TABLE}_pkey")
        cursor.execute(f"VACUUM (ANALYZE) {TABLE}")
    return time.perf_counter() - started


def sizes(rows: int) -> tuple[float, float]:
    """Bytes a row: table, index."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_relation_size('{TABLE}'), pg_relation_size('{TABLE}_pkey')")
        table, index = cursor.fetchone()
    return table / rows, index / rows


def median(rounds: int, work: Callable[[], object]) -> Seconds:
    spent = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return statistics.median(spent)


def pages_of_one(pk: int) -> int:
    """Pages touched to read all candles of one instrument, as a backtest does."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM {TABLE} "
            "WHERE instrument_id = %s AND timeframe = '1m' ORDER BY open_time",
            [pk],
        )
        plan = cursor.fetchone()[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def report(label: str, ids: list[int], minutes: int, rounds: int) -> None:
    rows = len(ids) * minutes
    until = STARTS_AT + minutes * MINUTE
    table, index = sizes(rows)
    year = len(ids) * MINUTES_A_YEAR * (table + index) / GB
    print(f"\n{label}")
    print(f"  bytes a row                    {table:9.1f} table {index:9.1f} key")
    print(f"  a year of {len(ids)} instruments    {year:9.1f} GB")
    for count in (51, 500):
        found = selectors.series(ids, Timeframe.M1, until, count)
        assert {len(series) for series in found.values()} == {min(count, minutes)}
        spent = median(rounds, partial(selectors.series, ids, Timeframe.M1, until, count))
        print(f"  last {count:3} candles of each        {spent * 1e3:9.1f} ms")
    assert len(selectors.candles_closing_at(ids, Timeframe.M1, until)) == len(ids)
    closing = median(rounds, partial(selectors.candles_closing_at, ids, Timeframe.M1, until))
    print(f"  the candle that closed, of each{closing * 1e3:9.1f} ms")
    assert len(selectors.latest_prices(ids, until)) == len(ids)
    latest = median(rounds, partial(selectors.latest_prices, ids, until))
    print(f"  the latest price of each       {latest * 1e3:9.1f} ms")
    middle = ids[len(ids) // 2]
    whole = median(rounds, partial(selectors.series, [middle], Timeframe.M1, until, minutes))
    pages = pages_of_one(middle)
    print(f"  all {minutes:,} candles of one      {whole * 1e3:9.1f} ms, {pages:,} pages")


def report_import(rows: int, rounds: int) -> None:
    """`import_candles` of one CSV file, beside COPY of the same rows into a table without a key."""
    pk = fakes.instrument(fakes.venue("bench"), "CSV-USD").pk
    lines = "".join(blocks([pk], rows))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "candles.csv"
        values = (line.split("\t", 2)[2].replace("\t", ",") for line in lines.splitlines())
        file.write_text("time,open,high,low,close,volume\n" + "\n".join(values) + "\n")
        ours, floor = [], []
        for _ in range(rounds):
            Candle.objects.filter(instrument=pk).delete()
            ours.append(median(1, partial(run_import, file, rows)))
            floor.append(median(1, partial(copy_bare, lines)))
    print(f"\nimporting {rows:,} rows of CSV (median of {rounds})")
    print(f"  import_candles                 {statistics.median(ours) * 1e3:9.1f} ms")
    print(f"  bare COPY                      {statistics.median(floor) * 1e3:9.1f} ms")


def run_import(file: Path, rows: int) -> None:
    now = STARTS_AT + (rows + 1) * MINUTE
    done = import_candles(file, venue="bench", symbol="CSV-USD", timeframe="1m", now=now)
    assert done.new == rows


def copy_bare(lines: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare (LIKE {TABLE})")
        copy(lines, "bare")
        cursor.execute("DROP TABLE bare")


def measure(rows: int, instruments: int, rounds: int) -> None:
    ids, minutes = make_instruments(instruments), max(1, rows // instruments)
    rows = minutes * instruments
    spent = fill(ids, minutes)
    print(f"{rows:,} rows: {instruments} instruments, {minutes:,} minutes; median of {rounds}")
    print(f"  COPY, {MINUTES_A_BLOCK} minutes at a time     {rows / spent:9,.0f} rows a second")
    report("as they came", ids, minutes, rounds)
    print(f"\nCLUSTER took {pack():.1f} s")
    report("packed", ids, minutes, rounds)
    report_import(100_000, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--instruments", type=int, default=732)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    with own_database():
        measure(chosen.rows, chosen.instruments, chosen.rounds)


if __name__ == "__main__":
    main()
