"""Brings a file of candles in: all of it or nothing, and a second time changes nothing."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.db import DataError

from apps.brokers.models import Venue
from apps.brokers.services import ensure_venue
from apps.common import db
from apps.common.errors import Refused
from apps.market.models import Instrument
from apps.market.services import candle_files
from apps.market.services.candle_files import CandleFile
from apps.market.services.clock import ensure_clock
from apps.market.services.copying import Progress, copy_candles, unwatched
from apps.market.services.instruments import ensure_instrument
from trading.candle_checks import EPOCH, MICROSECOND, BadRow, bad_rows
from trading.candles import Timeframe, UnknownTimeframe
from trading.instruments import AssetClass, InstrumentRules, InstrumentStatus

# What is assumed of an instrument that is made from a file.
QUANTITY_INCREMENT = Decimal("0.00000001")
MOST_PRICE_DECIMALS = 8
MIN_NOTIONAL = Decimal(1)
FEE = Decimal("0.001")
CURRENCY = "USD"  # of a symbol that does not name one, as AAPL

HINT = "With --create it is made, and you are told what was assumed."


@dataclass(frozen=True, slots=True)
class Imported:
    """`different` candles were there before with other values, and stay as they were."""

    new: int
    same: int
    different: int
    bad: tuple[BadRow, ...]
    assumed: tuple[str, ...]


class BadRowsFound(Refused):
    """Nothing was imported."""

    def __init__(self, bad: list[BadRow], total: int) -> None:
        super().__init__("BAD_ROWS", f"{len(bad)} of {total} rows are bad; none was used.")
        self.bad = bad


def import_candles(
    path: Path,
    *,
    venue: str,
    symbol: str,
    timeframe: str,
    now: datetime,
    skip_bad: bool = False,
    create: bool = False,
    progress: Progress = unwatched,
) -> Imported:
    """Keep the candles of the file; `create` makes venue and instrument where they are missing.

    Raises BadRowsFound (unless they are to be skipped), Refused UNKNOWN_TIMEFRAME,
    UNKNOWN_VENUE, UNKNOWN_INSTRUMENT, OUT_OF_RANGE, and what `candle_files.read` refuses.
    """
    length = timeframe_named(timeframe)
    if not create:
        _instrument(venue, symbol)  # before a long file is read
    good, bad = good_rows(path, length, closed_by=now, skip_bad=skip_bad)
    try:
        return _keep(good, venue, symbol, length, tuple(bad), create=create, progress=progress)
    except DataError as error:  # digits that a float rounds to nothing, as 1e-2000000000
        raise Refused("OUT_OF_RANGE", f"A value of {path} cannot be kept: {error}") from error


def good_rows(
    path: Path, timeframe: Timeframe, *, closed_by: datetime, skip_bad: bool
) -> tuple[CandleFile, list[BadRow]]:
    """The rows of a file that are candles, and those that are not.

    Raises BadRowsFound (unless they are to be skipped), and what `candle_files.read` refuses.
    """
    file = candle_files.read(path)
    found = [
        *file.hidden_by_floats(),
        *file.unreadable,
        *bad_rows(file.rows, timeframe, closed_by=closed_by),
    ]
    bad = sorted({row.line: row for row in found}.values(), key=lambda row: row.line)
    if bad and not skip_bad:
        raise BadRowsFound(bad, len(file.rows) + len(file.unreadable))
    good = file.without({row.line for row in bad})
    if not len(good.rows):
        raise Refused("NO_ROWS", f"{path} has no good row.")
    return good, bad


@db.transaction
def _keep(
    file: CandleFile,
    venue: str,
    symbol: str,
    timeframe: Timeframe,
    bad: tuple[BadRow, ...],
    *,
    create: bool,
    progress: Progress,
) -> Imported:
    assumed = _make(file, venue, symbol, timeframe) if create else []
    instrument = _instrument(venue, symbol)
    copied = copy_candles(
        instrument.pk, timeframe, file.rows.open_times, file.texts, progress=progress
    )
    same = len(file.rows) - copied.new - copied.different
    return Imported(copied.new, same, copied.different, bad, tuple(assumed))


def timeframe_named(text: str) -> Timeframe:
    """Raises Refused UNKNOWN_TIMEFRAME."""
    try:
        return Timeframe.parse(text)
    except UnknownTimeframe as error:
        raise Refused("UNKNOWN_TIMEFRAME", str(error)) from error


def _instrument(venue: str, symbol: str) -> Instrument:
    found = Instrument.objects.filter(venue_id=venue, symbol=symbol).first()
    if found is not None:
        return found
    if not Venue.objects.filter(pk=venue).exists():
        raise Refused("UNKNOWN_VENUE", f"There is no venue '{venue}'. {HINT}")
    raise Refused("UNKNOWN_INSTRUMENT", f"There is no {symbol} at {venue}. {HINT}")


def _make(file: CandleFile, venue: str, symbol: str, timeframe: Timeframe) -> list[str]:
    """Make what is missing; what was assumed, in words."""
    assumed: list[str] = []
    if not Venue.objects.filter(pk=venue).exists():
        last_open = EPOCH + int(file.rows.open_times.max()) * MICROSECOND
        now = last_open + timeframe.duration
        ensure_clock(ensure_venue(venue, venue), now=now, finest=timeframe)
        assumed.append(
            f"made the venue {venue}: its clock says {now:%Y-%m-%d %H:%M}, "
            f"its finest candles are {timeframe.value}"
        )
    if not Instrument.objects.filter(venue_id=venue, symbol=symbol).exists():
        rules = assumed_rules(file, symbol)
        ensure_instrument(Venue.objects.get(pk=venue), rules)
        assumed.append(
            f"made the instrument {symbol}: {rules.asset_class.value}, priced in {rules.quote}, "
            f"increments {rules.price_increment:f} (price) and {rules.quantity_increment:f} "
            f"(quantity), minimum notional {rules.min_notional:f}, fees {rules.taker_fee:f}"
        )
    return assumed


def assumed_rules(file: CandleFile, symbol: str) -> InstrumentRules:
    """Of an instrument of which only a file is known."""
    base, _, quote = symbol.partition("-")
    return InstrumentRules(
        symbol=symbol,
        base=base,
        quote=quote or CURRENCY,
        asset_class=AssetClass.CRYPTO if quote else AssetClass.EQUITY,
        price_increment=Decimal(1).scaleb(-min(MOST_PRICE_DECIMALS, file.price_decimals())),
        quantity_increment=QUANTITY_INCREMENT,
        min_quantity=QUANTITY_INCREMENT,
        min_notional=MIN_NOTIONAL,
        maker_fee=FEE,
        taker_fee=FEE,
        is_shortable=False,
        status=InstrumentStatus.TRADING,
    )
