from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join

from apps.common.admin import IsEmpty, ReadOnlyAdmin, link
from apps.strategies.models import Run, Signal, Strategy, StrategySubscription, StrategyVersion


class OfVersion(admin.RelatedFieldListFilter):
    """The versions with their strategies, in one query: a version is shown by both names."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: Any
    ) -> list[tuple[str, Any]]:
        versions = StrategyVersion.objects.select_related("strategy")
        ordered = versions.order_by("strategy__name", "number")
        return [(str(version.pk), str(version)) for version in ordered]


class Ended(IsEmpty):
    title, parameter_name = "ended", "ended_at"
    yes, no = "running", "ended"


class Undecided(IsEmpty):
    """A run short of decisions is a hole until the sweep, or somebody, has it decided."""

    title, parameter_name = "decisions", "decided_at"
    yes, no = "some are missing", "all made"

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        rows = super().queryset(request, queryset)
        return rows if self.value() is None else rows.filter(expected__gt=0)


@admin.register(Strategy)
class StrategyAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "description")
    search_fields = ("code", "name")
    ordering = ("code",)


@admin.register(StrategyVersion)
class StrategyVersionAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "strategy", "number", "timeframe", "warmup_candles", "is_active",
        "capital", "risk_per_trade", "leverage", "max_positions", "max_daily_loss", "created_at",
    )  # fmt: skip
    list_filter = ("strategy", "timeframe", "is_active")
    list_select_related = ("strategy",)
    search_fields = ("strategy__code", "strategy__name", "number", "content_hash")
    ordering = ("strategy__code", "-id")


@admin.register(StrategySubscription)
class StrategySubscriptionAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "version", "account", "mode", "capital", "risk_per_trade", "leverage",
        "max_positions", "max_daily_loss", "is_paused", "created_at", "ended_at",
    )  # fmt: skip
    list_filter = ("mode", "is_paused", Ended, ("version", OfVersion))
    list_select_related = ("user", "version__strategy", "account")
    search_fields = ("user__email", "version__strategy__code", "account__name")
    ordering = ("-id",)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Run → Signal → Decision → Order → Fill → Position, each a link to the next."""

    list_display = (
        "id", "version", "instrument", "timeframe", "candle_close_time", "status", "reason",
        "candles_seen", "expected", "decided_at",
    )  # fmt: skip
    list_filter = (
        Undecided, "status", "timeframe", ("version", OfVersion), "candle_close_time",
    )  # fmt: skip
    list_select_related = ("version__strategy", "instrument")
    search_fields = ("instrument__symbol", "version__strategy__code", "reason")
    ordering = ("-id",)
    readonly_fields = ("signal_links",)

    @admin.display(description="Signals")
    def signal_links(self, run: Run) -> str:
        return format_html_join(", ", "{}", ((link(signal),) for signal in run.signals.all()))


@admin.register(Signal)
class SignalAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "source", "action", "instrument", "version", "reference_price", "stop_price",
        "target_price", "tag", "note", "candle_close_time", "run_link",
    )  # fmt: skip
    list_filter = ("action", "source", ("version", OfVersion), "candle_close_time")
    search_fields = ("instrument__symbol", "version__strategy__code", "source_key", "tag")
    list_select_related = ("version__strategy", "instrument", "run")
    ordering = ("-id",)

    @admin.display(description="Run")
    def run_link(self, signal: Signal) -> str:
        return link(signal.run)
