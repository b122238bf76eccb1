from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from apps.brokers.models import Venue
from apps.common.admin import Admin, ReadOnlyAdmin
from apps.market import selectors
from apps.market.forms import VenueFeedForm
from apps.market.models import (
    AllocationSnapshot,
    CandleCursor,
    CandleGap,
    CandleOutlier,
    CandleQuality,
    CandleRevision,
    FundingRate,
    Instrument,
    MarketClock,
    RegimeSnapshot,
    VenueFeed,
)
from apps.market.services import live_feeds
from trading.candles import Timeframe


@admin.register(Instrument)
class InstrumentAdmin(Admin):
    """Its rules may be mended; what it is may not change, since orders and candles point at it."""

    list_display = (
        "symbol", "venue", "asset_class", "status", "price_increment", "quantity_increment",
        "min_notional", "maker_fee", "taker_fee", "is_shortable", "initial_margin",
        "maintenance_margin", "calendar",
    )  # fmt: skip
    list_filter = ("venue", "asset_class", "status", "calendar")
    list_select_related = ("venue",)
    search_fields = ("symbol", "base", "quote")
    ordering = ("venue", "symbol")
    readonly_fields = ("venue", "symbol", "base", "quote", "asset_class", "last_candle")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="Last candle")
    def last_candle(self, instrument: Instrument) -> str:
        """Of the finest ones that have closed by the venue's clock."""
        candle = selectors.last_candle(instrument)
        if candle is None:
            return "none yet"
        return (
            f"closed {candle.close_time:%Y-%m-%d %H:%M} UTC: open {candle.open.normalize():f}, "
            f"high {candle.high.normalize():f}, low {candle.low.normalize():f}, "
            f"close {candle.close.normalize():f}, volume {candle.volume.normalize():f}"
        )


@admin.register(FundingRate)
class FundingRateAdmin(Admin):
    """A rate may be told ahead of its time; what was told is charged, so it does not change."""

    list_display = ("id", "instrument", "time", "rate", "charged_at")
    list_filter = ("instrument__venue", "time")
    list_select_related = ("instrument",)
    search_fields = ("instrument__symbol",)
    ordering = ("-id",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(MarketClock)
class MarketClockAdmin(Admin):
    """Feed and pace may be changed while the platform runs; only the feed moves the time."""

    list_display = ("venue", "now", "timeframe", "feed", "seconds_per_candle")
    list_filter = ("feed", "timeframe")
    list_select_related = ("venue",)
    search_fields = ("venue__code", "venue__name")
    ordering = ("venue",)
    readonly_fields = ("venue", "now", "timeframe")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(VenueFeed)
class VenueFeedAdmin(Admin):
    """One row makes a venue live: saving it is all, the feed does the rest."""

    form: Any = VenueFeedForm
    list_display = (
        "venue", "kind", "source", "is_on", "state", "state_since", "failures", "retry_at",
        "answered_at",
    )  # fmt: skip
    list_filter = ("state", "kind", "is_on")
    list_select_related = ("venue",)
    search_fields = ("venue__code", "source", "symbols")
    readonly_fields = (
        "state", "state_since", "failures", "words", "retry_at", "answered_at", "instruments_at",
    )  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        chosen = ["kind", "source", "symbols", "is_on"]
        return ["code", *chosen] if obj is None else [*chosen, *self.readonly_fields]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        kept = live_feeds.choose(
            obj.venue_id or form.cleaned_data["code"],
            kind=obj.kind, source=obj.source, symbols=obj.symbols, is_on=obj.is_on,
            now=timezone.now(),
        )  # fmt: skip
        obj.venue = Venue.objects.get(pk=kept.venue_id)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CandleCursor)
class CandleCursorAdmin(ReadOnlyAdmin):
    list_display = ("instrument", "timeframe", "closed_through", "decided_through")
    list_filter = ("timeframe", "instrument__venue")
    list_select_related = ("instrument",)
    search_fields = ("instrument__symbol",)
    ordering = ("instrument__symbol", "timeframe")


class _OfCandles(ReadOnlyAdmin):
    """Rows about candles; the newest first."""

    list_filter: ClassVar[Any] = ("timeframe", "instrument__venue")
    list_select_related = ("instrument",)
    search_fields = ("instrument__symbol",)


@admin.register(CandleQuality)
class CandleQualityAdmin(_OfCandles):
    """Measured by `manage.py candle_quality`, and every hour for live venues."""

    list_display = (
        "instrument", "timeframe", "figure", "stored", "missing", "revised", "outliers", "since",
        "until",
    )  # fmt: skip
    ordering = ("figure", "instrument__symbol")


@admin.register(CandleGap)
class CandleGapAdmin(_OfCandles):
    list_display = (
        "instrument", "timeframe", "first_open", "until", "candles", "found_at", "asked",
        "filled_at",
    )  # fmt: skip
    list_filter = (
        "timeframe", "instrument__venue", ("filled_at", admin.EmptyFieldListFilter),
    )  # fmt: skip
    ordering = ("-first_open",)


@admin.register(CandleOutlier)
class CandleOutlierAdmin(_OfCandles):
    list_display = ("instrument", "timeframe", "open_time", "score", "move")
    ordering = ("-open_time",)


@admin.register(CandleRevision)
class CandleRevisionAdmin(_OfCandles):
    """What the venue says now. What strategies saw is the original, shown beside it."""

    list_display = (
        "instrument", "timeframe", "open_time", "open", "high", "low", "close", "volume", "seen_at",
    )  # fmt: skip
    ordering = ("-open_time",)
    readonly_fields = ("original",)

    @admin.display(description="What strategies saw")
    def original(self, revision: CandleRevision) -> str:
        found = selectors.candles_closing_at(
            [revision.instrument_id],
            Timeframe(revision.timeframe),
            revision.open_time + Timeframe(revision.timeframe).duration,
        ).get(revision.instrument_id)
        if found is None:
            return "gone"
        return (
            f"open {found.open.normalize():f}, high {found.high.normalize():f}, "
            f"low {found.low.normalize():f}, close {found.close.normalize():f}, "
            f"volume {found.volume.normalize():f}"
        )


@admin.register(RegimeSnapshot)
class RegimeSnapshotAdmin(ReadOnlyAdmin):
    list_display = (
        "venue", "timeframe", "close_time", "regime", "previous", "observed", "rule", "volatility",
        "momentum", "candles",
    )  # fmt: skip
    list_filter = ("venue", "regime", "rule")
    list_select_related = ("venue",)
    search_fields = ("venue__code", "regime", "rule")
    ordering = ("-id",)


@admin.register(AllocationSnapshot)
class AllocationSnapshotAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "account", "mode", "tier", "tolerance", "capital", "crypto", "equity",
        "derivatives", "cash", "regime_snapshot",
    )  # fmt: skip
    list_filter = ("mode", "tier", "tolerance")
    list_select_related = ("user", "account", "regime_snapshot")
    search_fields = ("user__email", "account__name", "reason")
    ordering = ("-id",)
