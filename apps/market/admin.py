from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from apps.brokers.models import Venue
from apps.common.admin import Admin, ReadOnlyAdmin
from apps.market import selectors
from apps.market.forms import VenueFeedForm
from apps.market.models import CandleCursor, Instrument, MarketClock, VenueFeed
from apps.market.services import live_feeds


@admin.register(Instrument)
class InstrumentAdmin(Admin):
    """Its rules may be mended; what it is may not change, since orders and candles point at it."""

    list_display = (
        "symbol", "venue", "asset_class", "status", "price_increment", "quantity_increment",
        "min_notional", "taker_fee", "is_shortable",
    )  # fmt: skip
    list_filter = ("venue", "asset_class", "status")
    list_select_related = ("venue",)
    search_fields = ("symbol",)
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


@admin.register(MarketClock)
class MarketClockAdmin(Admin):
    """Feed and pace may be changed while the platform runs; only the feed moves the time."""

    list_display = ("venue", "now", "timeframe", "feed", "seconds_per_candle")
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
    list_display = ("instrument", "timeframe", "closed_through")
    list_filter = ("timeframe", "instrument__venue")
    list_select_related = ("instrument",)
    search_fields = ("instrument__symbol",)
    ordering = ("instrument__symbol", "timeframe")
