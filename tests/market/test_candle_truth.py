"""What came once stays; what comes later, otherwise or not at all is written beside it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from apps.market.models import (
    Candle,
    CandleCursor,
    CandleGap,
    CandleOutlier,
    CandleQuality,
    CandleRevision,
    Instrument,
    LateCandle,
    MarketClock,
)
from apps.market.services import quality
from apps.market.services.candles import record_candles
from tests import fakes
from tests.fakes import MINUTE, MONDAY, candle
from trading.candles import Timeframe
from trading.instruments import AssetClass

M1 = Timeframe.M1


@pytest.fixture
def bitcoin(db: None) -> Instrument:
    return fakes.instrument(fakes.venue())


def record(of: Instrument, *numbers: int, price: str = "100") -> int:
    return record_candles(M1, {of.pk: [candle(MONDAY + n * MINUTE, price) for n in numbers]})


def gaps(of: Instrument, until: int, since: datetime = MONDAY) -> list[tuple[int, int]]:
    """(first minute, candles) of each gap that is open."""
    end = MONDAY + until * MINUTE
    found = quality.record_gaps(of, M1, since, end, now=end)
    return [((gap.first_open - MONDAY) // MINUTE, gap.candles) for gap in found]


def test_other_values_are_kept_beside_the_original_once_each(bitcoin: Instrument) -> None:
    record(bitcoin, 0, price="100")

    for price in ("101", "101", "102", "100"):
        record(bitcoin, 0, price=price)

    assert Candle.objects.get().close == 100
    revisions = CandleRevision.objects.order_by("pk").values_list("close", flat=True)
    assert list(revisions) == [101, 102]


def test_digits_beyond_those_that_are_kept_make_no_revision(bitcoin: Instrument) -> None:
    told = candle(MONDAY, "0." + "3" * 30)
    record_candles(M1, {bitcoin.pk: [told]})

    record_candles(M1, {bitcoin.pk: [told]})

    assert not CandleRevision.objects.exists()


def test_a_file_with_other_values_leaves_revisions(
    bitcoin: Instrument, tmp_path: pytest.TempPathFactory
) -> None:
    record(bitcoin, 0, price="100")
    file = tmp_path / "again.csv"  # type: ignore[operator]
    file.write_text("time,open,high,low,close,volume\n2026-06-01 00:00,100,105,99,104,7\n")

    call_command(
        "import_candles", str(file), venue="lab", symbol="BTC-USD", timeframe="1m",
        stdout=StringIO(),
    )  # fmt: skip

    assert CandleRevision.objects.get().close == 104
    assert Candle.objects.get().close == 100


def test_only_a_candle_behind_the_cursor_and_after_others_is_late(bitcoin: Instrument) -> None:
    record(bitcoin, 1, 3, 4)
    CandleCursor.objects.create(
        instrument=bitcoin, timeframe="1m", closed_through=MONDAY + 5 * MINUTE,
        decided_through=MONDAY,
    )  # fmt: skip

    record(bitcoin, 0)  # older than all: no run can have missed it among the newest
    record(bitcoin, 5)  # ahead
    record(bitcoin, 2)

    assert LateCandle.objects.get().open_time == MONDAY + 2 * MINUTE


def test_a_gap_is_written_down_grows_shrinks_and_is_filled(bitcoin: Instrument) -> None:
    record(bitcoin, 0, 1, 5)

    assert gaps(bitcoin, 6) == [(2, 3)]
    assert gaps(bitcoin, 9) == [(2, 3), (6, 3)]
    record(bitcoin, 3, 6)
    assert sorted(gaps(bitcoin, 9)) == [(2, 1), (4, 1), (7, 2)]
    record(bitcoin, 2, 4, 7, 8)
    assert gaps(bitcoin, 9) == []

    assert CandleGap.objects.filter(filled_at=None).count() == 0
    assert CandleGap.objects.count() == 4


def test_a_gap_that_began_before_the_look_is_the_same_gap(bitcoin: Instrument) -> None:
    record(bitcoin, 0)
    gaps(bitcoin, 5)

    assert gaps(bitcoin, 100, since=MONDAY + 90 * MINUTE) == [(1, 99)]
    assert CandleGap.objects.count() == 1


def test_a_gap_is_asked_for_again_ever_later_and_then_no_more(bitcoin: Instrument) -> None:
    record(bitcoin, 0, 5)
    gaps(bitcoin, 6)
    found = MONDAY + 6 * MINUTE
    asked = []
    for minute in range(2000):
        for gap in quality.gaps_to_ask_for(bitcoin, M1, found + minute * MINUTE):
            quality.asked_again(gap)
            asked.append(minute)

    assert asked == [5, 60, 360, 1440]


def test_stocks_sleep_at_night(db: None) -> None:
    """In New York the Monday begins at 13:30, the 810th minute, and ends with the 1,200th."""
    apple = fakes.instrument(
        fakes.venue(), "AAPL-USD", asset_class=AssetClass.EQUITY, calendar="XNYS"
    )
    record(apple, 810, 812, 1198)
    tuesday = 24 * 60 + 812

    assert gaps(apple, tuesday) == [(811, 1), (813, 385), (1199, 3)], "two of them on Tuesday"


def series(of: Instrument, count: int = 300) -> None:
    made = [candle(MONDAY + n * MINUTE, f"{100 + (n * 7 % 11) / 100:.2f}") for n in range(count)]
    record_candles(M1, {of.pk: made})


def test_the_command_measures_and_shows(bitcoin: Instrument) -> None:
    series(bitcoin)
    record_candles(M1, {bitcoin.pk: [candle(MONDAY + 305 * MINUTE, ("100", "140", "100", "100"))]})
    record(bitcoin, 7, price="5")
    MarketClock.objects.update(now=MONDAY + 306 * MINUTE)
    out = StringIO()

    call_command("candle_quality", venue="lab", stdout=out)

    first, *more = out.getvalue().splitlines()
    assert first == (
        "BTC-USD 1m: quality 91.83 (301 candles, 5 missing, 1 revised, 1 outliers; "
        "2026-06-01 00:00 to 2026-06-01 05:06)"
    )
    assert more[0] == "  5 missing from 2026-06-01 05:00 to 2026-06-01 05:05"
    assert more[1].startswith("  outlier at 2026-06-01 05:05: ")
    kept = CandleQuality.objects.get()
    assert kept.figure == pytest.approx(100 * 301 / 306 * (1 - 20 / 301))
    assert CandleOutlier.objects.count() == 1

    call_command("candle_quality", venue="lab", stdout=out)  # again: nothing is counted twice
    assert (CandleOutlier.objects.count(), CandleGap.objects.count()) == (1, 1)
    assert CandleQuality.objects.get().figure == kept.figure


def test_figures_are_kept_fresh_a_few_at_a_time(bitcoin: Instrument) -> None:
    others = [fakes.instrument(bitcoin.venue, f"X{number}-USD") for number in range(4)]
    everybody = [bitcoin, *others]

    counts = []
    for minute in (0, 1, 2, 61):
        quality.keep_measured(everybody, M1, MONDAY + minute * MINUTE)
        counts.append(CandleQuality.objects.count())

    assert counts == [3, 5, 5, 5]
    assert CandleQuality.objects.filter(until=MONDAY + 61 * MINUTE).count() == 3


def test_a_low_or_unknown_figure_fails_the_command(bitcoin: Instrument) -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="BTC-USD"):
        call_command("candle_quality", venue="lab", at_least=99.0, stdout=out)

    assert "quality unknown (0 candles" in out.getvalue()
    assert CandleQuality.objects.get().figure is None


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"venue": "moon"}, "NO_MARKET_CLOCK"),
        ({"venue": "lab", "symbol": "DOGE-USD"}, "UNKNOWN_INSTRUMENT"),
        ({"venue": "lab", "timeframe": "7m"}, "UNKNOWN_TIMEFRAME"),
    ],
)
def test_a_wrong_question_is_answered_with_a_code(
    bitcoin: Instrument, options: dict[str, str], code: str
) -> None:
    with pytest.raises(CommandError, match=code):
        call_command("candle_quality", **options)


def test_staff_see_all_of_it(bitcoin: Instrument) -> None:
    series(bitcoin, 10)
    record(bitcoin, 3, price="5")
    CandleOutlier.objects.create(
        instrument=bitcoin, timeframe="1m", open_time=MONDAY, score=50, move=0.1
    )
    quality.measure(bitcoin, M1, now=MONDAY + 12 * MINUTE, over=timedelta(days=1))
    client = Client()
    client.force_login(fakes.user("olga", is_staff=True, is_superuser=True))

    for name in ("candlequality", "candlegap", "candleoutlier", "candlerevision"):
        page = client.get(reverse(f"admin:market_{name}_changelist"))
        assert "BTC-USD" in page.content.decode(), name
    revision = CandleRevision.objects.get()
    shown = client.get(reverse("admin:market_candlerevision_change", args=[revision.pk]))
    assert "close 100.1" in shown.content.decode()
    assert Decimal(5) == revision.close
