from django.contrib import admin
from django.utils.html import format_html_join

from apps.common.admin import ReadOnlyAdmin, link
from apps.strategies.models import Run, Signal, Strategy, StrategySubscription, StrategyVersion


@admin.register(Strategy)
class StrategyAdmin(ReadOnlyAdmin):
    list_display = ("code", "name")


@admin.register(StrategyVersion)
class StrategyVersionAdmin(ReadOnlyAdmin):
    list_display = ("id", "strategy", "number", "timeframe", "warmup_candles", "is_active")
    list_filter = ("strategy", "timeframe", "is_active")
    list_select_related = ("strategy",)


@admin.register(StrategySubscription)
class StrategySubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "version", "account", "mode", "capital", "is_paused", "ended_at")
    list_filter = ("mode", "is_paused", "version")
    list_select_related = ("user", "version__strategy", "account")
    search_fields = ("user__email",)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Run → Signal → Decision → Order → Fill → Position, each a link to the next."""

    list_display = (
        "id", "version", "instrument", "timeframe", "candle_close_time", "status", "reason",
        "expected", "decided_at",
    )  # fmt: skip
    list_filter = ("status", "timeframe", "version")
    list_select_related = ("version__strategy", "instrument")
    ordering = ("-id",)
    readonly_fields = ("signal_links",)

    @admin.display(description="Signals")
    def signal_links(self, run: Run) -> str:
        return format_html_join(", ", "{}", ((link(signal),) for signal in run.signals.all()))


@admin.register(Signal)
class SignalAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "action", "instrument", "version", "reference_price", "candle_close_time", "run_link",
    )  # fmt: skip
    list_filter = ("action", "source", "version")
    list_select_related = ("version__strategy", "instrument", "run")
    ordering = ("-id",)

    @admin.display(description="Run")
    def run_link(self, signal: Signal) -> str:
        return link(signal.run)
