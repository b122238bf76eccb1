"""`manage.py import_candles`: what it keeps, what it refuses, and what it says."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command

from apps.brokers.models import Venue
from apps.market.models import Candle, Instrument, MarketClock
from tests import fakes
from trading.instruments import AssetClass

pytestmark = pytest.mark.django_db

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
HEADER = "time,open,high,low,close,volume"
GOOD = "2024-01-01T00:{:02d}:00Z,100,110,90,105,3"


@pytest.fixture
def bitcoin() -> Instrument:
    return fakes.instrument(fakes.venue("lab"), "BTC-USD")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "candles.csv"


def good_lines(count: int) -> list[str]:
    return [GOOD.format(minute) for minute in range(count)]


def write(file: Path, lines: Sequence[str], header: str = HEADER) -> Path:
    file.write_text("\n".join([header, *lines]) + "\n")
    return file


def run(file: Path, **options: Any) -> tuple[str, str]:
    """What the command writes, and what it writes to the error stream."""
    settings = {"venue": "lab", "symbol": "BTC-USD", "timeframe": "1m", **options}
    out, err = StringIO(), StringIO()
    call_command("import_candles", str(file), **settings, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def refused(file: Path, **options: Any) -> str:
    with pytest.raises(CommandError) as caught:
        run(file, **options)
    assert not Candle.objects.exists()
    return str(caught.value)


def bad_rows(file: Path) -> list[str]:
    err = StringIO()
    with pytest.raises(CommandError, match="BAD_ROWS"):
        call_command(
            "import_candles", str(file), venue="lab", symbol="BTC-USD", timeframe="1m", stderr=err
        )
    assert not Candle.objects.exists()
    return err.getvalue().splitlines()


def test_prices_are_kept_to_the_last_digit(file: Path, bitcoin: Instrument) -> None:
    line = "2024-01-01T00:00:00Z,64882.010000000001,64882.1,0.000000000000000001,64882.1,1e-8"

    run(write(file, [line]))

    candle = Candle.objects.get()
    assert candle.instrument == bitcoin
    assert (candle.open_time, candle.timeframe) == (MONDAY, "1m")
    assert candle.open == Decimal("64882.010000000001")
    assert candle.low == Decimal("0.000000000000000001")
    assert candle.volume == Decimal("0.00000001")


def test_columns_may_come_in_any_order_and_in_company(file: Path, bitcoin: Instrument) -> None:
    header = "Volume,close,trades,low,high,open, Time "
    write(file, ["3,105,17,90,110,100,2024-01-01"], header)

    run(file)

    candle = Candle.objects.get()
    values = (candle.open, candle.high, candle.low, candle.close, candle.volume)
    assert values == (100, 110, 90, 105, 3)


@pytest.mark.parametrize(
    "time",
    [
        "2024-01-01T12:00:00Z", "2024-01-01T12:00:00+00:00", "2024-01-01T12:00:00",
        "2024-01-01 12:00", "2024-01-01T14:00:00+02:00", "20240101T1200",
        "1704110400", "1704110400.0", "1704110400000", "1704110400000000",
    ],
)  # fmt: skip
def test_a_time_may_be_written_in_any_usual_way(file: Path, bitcoin: Instrument, time: str) -> None:
    run(write(file, [f"{time},100,110,90,105,3"]))

    assert Candle.objects.get().open_time == MONDAY + timedelta(hours=12)


def test_blanks_around_a_cell_do_not_matter(file: Path, bitcoin: Instrument) -> None:
    run(write(file, [" 2024-01-01T00:00:00Z ,\t100, 110 ,90,105,3 "]))

    assert Candle.objects.get().high == 110


def test_ways_of_writing_a_time_may_be_mixed(file: Path, bitcoin: Instrument) -> None:
    times = ["20240101", "2024-01-01T00:01:00Z", "2024-01-01 00:02", "1704067380", "1704067440000"]

    run(write(file, [f"{time},100,110,90,105,3" for time in times]))

    opened = Candle.objects.order_by("open_time").values_list("open_time", flat=True)
    assert list(opened) == [MONDAY + timedelta(minutes=minute) for minute in range(5)]


def test_importing_twice_changes_nothing(file: Path, bitcoin: Instrument) -> None:
    write(file, good_lines(5))
    run(file)

    out, _ = run(file)

    assert out.startswith("0 new candles; 5 were already there; 0 were there with other values")
    assert Candle.objects.count() == 5


def test_candles_that_are_there_with_other_values_stay(file: Path, bitcoin: Instrument) -> None:
    run(write(file, good_lines(3)))
    other = "2024-01-01T00:01:00Z,100,111,90,105,3"

    out, _ = run(write(file, [GOOD.format(0), other, GOOD.format(3)]))

    assert out.startswith("1 new candles; 1 were already there; 1 were there with other values")
    assert Candle.objects.get(open_time=MONDAY + timedelta(minutes=1)).high == 110


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("2024-01-01T00:01:00Z,nan,110,90,105,3", "not_finite"),
        ("2024-01-01T00:01:00Z,,110,90,105,3", "not_finite"),
        ("2024-01-01T00:01:00Z,100,inf,90,105,3", "not_finite"),
        ("2024-01-01T00:01:00Z,-100,110,90,105,3", "not_positive_price"),
        ("2024-01-01T00:01:00Z,100,110,0,105,3", "not_positive_price"),
        ("2024-01-01T00:01:00Z,100,110,90,105,-3", "negative_volume"),
        ("2024-01-01T00:01:00Z,100,1e30,90,105,3", "out_of_range"),
        ("2024-01-01T00:01:00Z,100,90,110,105,3", "high_below_low"),
        ("2024-01-01T00:01:00Z,120,110,90,105,3", "outside_high_low"),
        (
            "2024-01-01T00:01:00Z,64882.010000000002,64882.01,90,105,3",
            "outside_high_low: open 64882.010000000002 is above high 64882.01",
        ),
        ("2024-01-01T00:00:30Z,100,110,90,105,3", "off_boundary"),
        ("2124-01-01T00:01:00Z,100,110,90,105,3", "not_closed_yet"),
        ("2024-01-01T00:00:00Z,100,110,90,105,3", "duplicate_time"),
        ("2023-12-31T00:00:00Z,100,110,90,105,3", "time_went_back"),
        ("yesterday,100,110,90,105,3", "unreadable: 'yesterday' is not a time"),
        ("99999999999999999999,100,110,90,105,3", "unreadable"),
        ("-99999999999,100,110,90,105,3", "unreadable"),
        ("2024-01-01T00:01:00Z,dear,110,90,105,3", "unreadable: 'dear' is not a number"),
        ("2024-01-01T00:01:00Z,\u00a0100,110,90,105,3", "unreadable"),
        ("2024-01-01T00:01:00Z,1_000,110,90,105,3", "unreadable: '1_000' is not a number"),
        ("2024-01-01T00:01:00Z,100,110,90", "unreadable: a column is missing"),
    ],
)
def test_a_bad_row_is_told_by_line_and_reason_and_nothing_is_imported(
    file: Path, bitcoin: Instrument, line: str, told: str
) -> None:
    write(file, [GOOD.format(0), line, GOOD.format(2)])

    (said,) = bad_rows(file)

    assert said.startswith(f"line 3: {told}")


def test_lines_are_those_of_the_file_blank_ones_counted(file: Path, bitcoin: Instrument) -> None:
    file.write_text(f"\ufeff{HEADER}\r\n{GOOD.format(0)}\r\n\r\n\r\nlate,1,1,1,1,1\r\n")

    (said,) = bad_rows(file)

    assert said.startswith("line 5: unreadable")


def test_many_bad_rows_are_shown_in_part_and_counted(file: Path, bitcoin: Instrument) -> None:
    negative = [GOOD.format(minute).replace(",3", ",-3") for minute in range(25)]
    text = ["soon,1,1,1,1,1"] * 2

    said = bad_rows(write(file, [*negative, *text]))

    assert sum(line.startswith("line ") for line in said) == 20
    assert said[20:] == [
        "... and 7 more. Bad rows by reason:", "  negative_volume: 25", "  unreadable: 2",
    ]  # fmt: skip


def test_bad_rows_may_be_skipped(file: Path, bitcoin: Instrument) -> None:
    write(file, [GOOD.format(0), "x,1,1,1,1,1", GOOD.format(1), GOOD.format(1), "2024", ""])

    out, err = run(file, skip_bad=True)

    assert out.startswith("2 new candles")
    assert "3 bad rows skipped" in out
    assert [line.partition(":")[0] for line in err.splitlines()] == ["line 3", "line 5", "line 6"]
    assert Candle.objects.count() == 2


def test_a_file_without_one_good_row_is_refused(file: Path, bitcoin: Instrument) -> None:
    assert "NO_ROWS" in refused(write(file, ["x,1,1,1,1,1"]), skip_bad=True)
    assert "NO_ROWS" in refused(write(file, []))


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"venue": "moon"}, "UNKNOWN_VENUE"),
        ({"symbol": "ETH-USD"}, "UNKNOWN_INSTRUMENT"),
        ({"timeframe": "7m"}, "UNKNOWN_TIMEFRAME"),
    ],
)
def test_what_is_not_known_is_refused_with_a_way_out(
    file: Path, bitcoin: Instrument, options: dict[str, str], code: str
) -> None:
    said = refused(write(file, good_lines(1)), **options)

    assert said.startswith(code)
    assert "--create" in said or "Known: 1m" in said


@pytest.mark.django_db(transaction=True)
def test_a_number_that_the_database_cannot_hold_is_refused(file: Path) -> None:
    fakes.instrument(fakes.venue("lab"), "BTC-USD")

    said = refused(
        write(file, [GOOD.format(0), "2024-01-01T00:01:00Z,100,110,90,105,1e-2000000000"])
    )

    assert said.startswith("OUT_OF_RANGE")


def test_a_missing_column_is_named(file: Path, bitcoin: Instrument) -> None:
    write(file, ["2024-01-01,1,1,1,1"], "time,open,high,low,last")

    assert "no column close, volume" in refused(file)


@pytest.mark.parametrize("name", ["absent.csv", "absent.parquet", "text.parquet", "bytes.csv", "."])
def test_a_file_that_cannot_be_read_is_refused(
    tmp_path: Path, bitcoin: Instrument, name: str
) -> None:
    (tmp_path / "text.parquet").write_text("time,open")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00time")

    assert refused(tmp_path / name).startswith("FILE_NOT_READABLE")


def parquet(file: Path, times: pa.Array, price: pa.Array | None = None) -> Path:
    ones = price if price is not None else pa.array([100.1] * len(times))
    names = ["time", "open", "high", "low", "close", "volume"]
    pq.write_table(pa.Table.from_arrays([times, *[ones] * 5], names), file)
    return file


@pytest.mark.parametrize(
    "times",
    [
        pa.array([MONDAY], pa.timestamp("ms", tz="UTC")),
        pa.array([MONDAY.replace(tzinfo=None)], pa.timestamp("ns")),
        pa.array([MONDAY], pa.timestamp("s", tz="America/New_York")),
        pa.array([MONDAY.date()], pa.date32()),
        pa.array([1704067200], pa.int64()),
        pa.array([1704067200000], pa.int64()),
        pa.array([1704067200000.0], pa.float64()),
        pa.array(["2024-01-01T00:00:00Z"]),
    ],
    ids=lambda times: str(times.type),
)
def test_a_parquet_file_may_hold_times_of_any_type(
    tmp_path: Path, bitcoin: Instrument, times: pa.Array
) -> None:
    run(parquet(tmp_path / "candles.parquet", times))

    assert Candle.objects.get().open_time == MONDAY


@pytest.mark.parametrize(
    ("price", "kept"),
    [
        (pa.array([0.1], pa.float64()), "0.1"),
        (pa.array([0.1], pa.float32()), "0.1"),
        (pa.array([1e-7], pa.float64()), "0.0000001"),
        (pa.array([7], pa.int32()), "7"),
        (pa.array([Decimal("1.123456789012345678")], pa.decimal128(38, 18)),
         "1.123456789012345678"),
    ],
)  # fmt: skip
def test_a_parquet_float_is_kept_as_its_shortest_decimal(
    tmp_path: Path, bitcoin: Instrument, price: pa.Array, kept: str
) -> None:
    times = pa.array([1704067200], pa.int64())

    run(parquet(tmp_path / "candles.parquet", times, price))

    assert Candle.objects.get().close == Decimal(kept)


def test_a_missing_value_of_a_parquet_file_is_a_bad_row(
    tmp_path: Path, bitcoin: Instrument
) -> None:
    times = pa.array([1704067200, 1704067260], pa.int64())
    file = parquet(tmp_path / "candles.parquet", times, pa.array([None, 1.0]))

    (said,) = bad_rows(file)

    assert said.startswith("line 1: not_finite")


def test_create_makes_what_is_missing_and_says_what_it_assumed(file: Path) -> None:
    lines = [
        "2024-01-01T00:00:00Z,100.250,110,90,105,3",
        "2024-01-01T00:01:00Z,1.005e2,110,90,105.5000,3",
    ]

    out, _ = run(write(file, lines), venue="kraken", create=True)

    assert "made the venue kraken" in out
    assert "increments 0.01 (price) and 0.00000001 (quantity)" in out
    clock = MarketClock.objects.get(venue_id="kraken")
    assert (clock.now, clock.timeframe) == (MONDAY + timedelta(minutes=2), "1m")
    made = Instrument.objects.get(venue_id="kraken", symbol="BTC-USD")
    assert (made.base, made.quote, made.asset_class) == ("BTC", "USD", AssetClass.CRYPTO)
    assert made.price_increment == Decimal("0.01")


def test_create_leaves_what_is_there_as_it_is(file: Path, bitcoin: Instrument) -> None:
    before = MarketClock.objects.values().get()

    out, _ = run(write(file, good_lines(2)), create=True)

    assert "Assumed" not in out
    assert MarketClock.objects.values().get() == before
    assert Instrument.objects.get() == bitcoin


def test_a_refused_file_creates_nothing(file: Path) -> None:
    refused(write(file, ["x,1,1,1,1,1"]), venue="kraken", create=True)

    assert not Venue.objects.filter(code="kraken").exists()


def test_a_recording_may_lie_ahead_of_the_venue_clock(file: Path, bitcoin: Instrument) -> None:
    MarketClock.objects.update(now=MONDAY)

    run(write(file, good_lines(5)))

    assert MarketClock.objects.get().now == MONDAY
    assert Candle.objects.count() == 5
