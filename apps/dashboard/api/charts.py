"""What the two charts draw. Prices and amounts are JSON numbers, times seconds since the epoch."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import User
from apps.common.api import success
from apps.dashboard.moment import one_moment
from apps.dashboard.numbers import places_of
from apps.dashboard.selectors.books import Book, books, chosen
from apps.dashboard.selectors.equity import equity_curve
from apps.dashboard.selectors.markers import markers
from apps.dashboard.selectors.positions import OpenPosition, positions
from apps.market.models import Instrument
from apps.market.selectors import ChartBar, ohlc_for_chart
from trading.candles import Timeframe, UnknownTimeframe, floor_time

SPANS = {"day": timedelta(days=1), "week": timedelta(days=7), "all": None}


class CandlesQuestion(serializers.Serializer[Any]):
    instrument = serializers.CharField(max_length=30)
    timeframe = serializers.CharField(max_length=5, default="1m")
    limit = serializers.IntegerField(min_value=1, max_value=1_000, default=300)
    book = serializers.CharField(max_length=60, default="")

    def validate_timeframe(self, value: str) -> Timeframe:
        try:
            return Timeframe.parse(value)
        except UnknownTimeframe as error:
            raise serializers.ValidationError(str(error)) from error


class EquityQuestion(serializers.Serializer[Any]):
    span = serializers.ChoiceField(choices=sorted(SPANS), default="all")
    book = serializers.CharField(max_length=60, default="")


class Candles(APIView):
    """Closed candles of an instrument, with the user's own fills, stops and targets on it."""

    @one_moment()
    def get(self, request: Request) -> Response:
        asked = _asked(CandlesQuestion(data=request.query_params))
        user = _user(request)
        book = _book(user, asked["book"])
        timeframe: Timeframe = asked["timeframe"]
        instrument = Instrument.objects.filter(venue=book.venue, symbol=asked["instrument"]).first()
        if instrument is None:
            raise NotFound(f"There is no instrument {asked['instrument']} at {book.venue_name}.")
        bars = ohlc_for_chart(instrument, timeframe, book.now, asked["limit"])
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

    @one_moment()
    def get(self, request: Request) -> Response:
        asked = _asked(EquityQuestion(data=request.query_params))
        user = _user(request)
        book = _book(user, asked["book"])
        span = SPANS[asked["span"]]
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


def _asked(question: serializers.Serializer[Any]) -> Mapping[str, Any]:
    question.is_valid(raise_exception=True)
    asked: Mapping[str, Any] = question.validated_data
    return asked


def _book(user: User, key: str) -> Book:
    book = chosen(books(user), key)
    if book is None:
        raise NotFound("You have no account yet.")
    return book


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # IsAuthenticated
    return request.user
