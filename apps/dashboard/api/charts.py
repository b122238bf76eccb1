"""What the two charts draw. Prices and amounts are JSON numbers, times seconds since the epoch."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.asking import user_of
from apps.common.api import asked, success
from apps.common.numbers import places_of
from apps.common.schema import answers
from apps.dashboard.api.questions import BookQuestion, book_of
from apps.dashboard.moment import one_moment
from apps.dashboard.selectors.books import Book
from apps.dashboard.selectors.equity import equity_curve
from apps.dashboard.selectors.markers import markers
from apps.dashboard.selectors.positions import OpenPosition, positions
from apps.market.models import Instrument
from apps.market.selectors import ChartBar, ohlc_for_chart
from trading.candles import Timeframe, UnknownTimeframe, floor_time

SPANS = {"day": timedelta(days=1), "week": timedelta(days=7), "all": None}


class CandlesQuestion(BookQuestion):
    instrument = serializers.CharField(max_length=30)
    timeframe = serializers.CharField(max_length=5, default="1m")
    limit = serializers.IntegerField(min_value=1, max_value=1_000, default=300)
    before = serializers.DateTimeField(
        required=False,
        help_text="Candles that closed by then: the next page is `before` the first.",
    )

    def validate_timeframe(self, value: str) -> Timeframe:
        try:
            return Timeframe.parse(value)
        except UnknownTimeframe as error:
            raise serializers.ValidationError(str(error)) from error


class EquityQuestion(BookQuestion):
    span = serializers.ChoiceField(choices=sorted(SPANS), default="all")


class BarFields(serializers.Serializer[Any]):
    time = serializers.IntegerField(help_text="The open, in seconds since the epoch.")
    open = serializers.FloatField()
    high = serializers.FloatField()
    low = serializers.FloatField()
    close = serializers.FloatField()
    volume = serializers.FloatField()


class MarkerFields(serializers.Serializer[Any]):
    """A fill of one's own."""

    time = serializers.IntegerField()
    side = serializers.CharField()
    leg = serializers.CharField()
    quantity = serializers.FloatField()
    price = serializers.FloatField()


class LineFields(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="entry, stop or target")
    price = serializers.FloatField()
    strategy = serializers.CharField()


class CandlesData(serializers.Serializer[Any]):
    instrument = serializers.CharField()
    timeframe = serializers.CharField()
    seconds = serializers.IntegerField()
    price_places = serializers.IntegerField()
    candles = BarFields(many=True)
    forming = BarFields(allow_null=True)
    markers = MarkerFields(many=True)
    lines = LineFields(many=True)


class PointFields(serializers.Serializer[Any]):
    time = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True, help_text="Null where a price was not known.")


class EquityData(serializers.Serializer[Any]):
    currency = serializers.CharField()
    mode = serializers.CharField()
    points = PointFields(many=True)


class Candles(APIView):
    """Closed candles of an instrument, with the user's own fills, stops and targets on it."""

    @answers("candles", CandlesData, asks=CandlesQuestion, also=[404])
    @one_moment()
    def get(self, request: Request) -> Response:
        """Closed candles of an instrument, with one's own fills, stops and targets on it."""
        said = asked(CandlesQuestion(data=request.query_params))
        user = user_of(request)
        book = book_of(user, said["book"])
        timeframe: Timeframe = said["timeframe"]
        instrument = Instrument.objects.filter(venue=book.venue, symbol=said["instrument"]).first()
        if instrument is None:
            raise NotFound(f"There is no instrument {said['instrument']} at {book.venue_name}.")
        until = min(book.now, said.get("before", book.now))
        bars = ohlc_for_chart(instrument, timeframe, until, said["limit"])
        since = datetime.fromtimestamp(bars[0]["time"], tz=UTC) if bars else book.now
        held = positions(user, book).open
        return success(
            {
                "instrument": instrument.symbol,
                "timeframe": timeframe.value,
                "seconds": timeframe.minutes * 60,
                "price_places": places_of(instrument.price_increment),
                "candles": bars,
                "forming": _forming(instrument, timeframe, book),
                "markers": markers(user, book, instrument, timeframe, since),
                "lines": _lines([item for item in held if item.instrument_id == instrument.pk]),
            }
        )


class Equity(APIView):
    """The equity of a book, from the first deposit until now."""

    @answers("equity", EquityData, asks=EquityQuestion, also=[404])
    @one_moment()
    def get(self, request: Request) -> Response:
        """The equity of a book, from the first deposit until now."""
        said = asked(EquityQuestion(data=request.query_params))
        user = user_of(request)
        book = book_of(user, said["book"])
        span = SPANS[said["span"]]
        curve = equity_curve(user, book, since=None if span is None else book.now - span)
        return success(
            {
                "currency": book.currency,
                "mode": book.mode,
                "points": [
                    {
                        "time": int(point.at.timestamp()),
                        "value": None if point.value is None else float(point.value),
                    }
                    for point in curve
                ],
            }
        )


def _forming(instrument: Instrument, timeframe: Timeframe, book: Book) -> ChartBar | None:
    """The candle that is still open, made of the venue's finest; None when one has just closed."""
    opened = floor_time(book.now, timeframe)
    count = (book.now - opened) // book.finest.duration
    parts = ohlc_for_chart(instrument, book.finest, book.now, count) if count else []
    since = int(opened.timestamp())
    parts = [part for part in parts if part["time"] >= since]
    if not parts:
        return None
    return ChartBar(
        time=since,
        open=parts[0]["open"],
        high=max(part["high"] for part in parts),
        low=min(part["low"] for part in parts),
        close=parts[-1]["close"],
        volume=sum(part["volume"] for part in parts),
    )


def _lines(held: Sequence[OpenPosition]) -> list[dict[str, object]]:
    """Where the open positions of an instrument were entered and where they will be left."""
    found: list[dict[str, object]] = []
    for position in held:
        prices = {
            "entry": position.average_entry,
            "stop": position.stop,
            "target": position.target,
        }
        found.extend(
            {"kind": kind, "price": float(price), "strategy": position.strategy}
            for kind, price in prices.items()
            if price is not None
        )
    return found
