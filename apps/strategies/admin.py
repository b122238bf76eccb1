from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import User
from apps.common.acts import reasoned
from apps.common.admin import IsEmpty, JoinedFilter, ReadOnlyAdmin, link
from apps.common.errors import Refused
from apps.strategies import services as strategies
from apps.strategies.models import (
    IntegrityCertificate,
    Signal,
    Strategy,
    StrategySubscription,
    StrategyVersion,
)


class Ended(IsEmpty):
    title, parameter_name = "ended", "ended_at"
    yes, no = "running", "ended"


@admin.register(Strategy)
class StrategyAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "description")
    search_fields = ("code", "name")
    ordering = ("code",)


@admin.register(StrategyVersion)
class StrategyVersionAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "strategy", "number", "timeframe", "warmup_candles", "is_active",
        "sizing", "capital", "risk_per_trade", "leverage", "max_positions", "max_daily_loss",
        "created_at",
    )  # fmt: skip
    list_filter = ("strategy", "timeframe", "is_active")
    list_select_related = ("strategy",)
    search_fields = ("strategy__code", "strategy__name", "number", "content_hash")
    ordering = ("strategy__code", "-id")


@admin.register(IntegrityCertificate)
class IntegrityCertificateAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "version", "valid_from", "valid_until", "revoked_at", "revoked_because", "created_at",
    )  # fmt: skip
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "valid_until")
    list_select_related = ("version__strategy",)
    search_fields = ("version__strategy__code", "version__number", "content_hash")
    ordering = ("-id",)


@reasoned("Pause the selected subscriptions", permission="pause")
def pause(subscription: StrategySubscription, by: User, reason: str) -> str:
    if strategies.pause(subscription, now=timezone.now(), by=by.pk):
        return "Paused: nothing is opened, what is open keeps its stops and exits."
    raise Refused("NOT_RUNNING", "It is paused already, or has ended.")


@reasoned("Resume the selected subscriptions", permission="pause")
def resume(subscription: StrategySubscription, by: User, reason: str) -> str:
    if strategies.resume(subscription, now=timezone.now(), by=by.pk):
        return "Resumed: it takes part from the next signal on."
    raise Refused("NOT_PAUSED", "It is not paused, or has ended.")


@admin.register(StrategySubscription)
class StrategySubscriptionAdmin(ReadOnlyAdmin):
    actions = (pause, resume)
    list_display = (
        "id", "user", "version", "account", "mode", "capital", "risk_per_trade", "leverage",
        "max_positions", "max_daily_loss", "execution", "is_paused", "created_at", "ended_at",
    )  # fmt: skip
    list_filter = (
        "mode", "execution", "is_paused", "is_by_hand", Ended, ("version", JoinedFilter),
    )  # fmt: skip
    list_select_related = ("user", "version__strategy", "account")
    search_fields = ("user__email", "version__strategy__code", "account__name")
    ordering = ("-id",)

    def has_pause_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("strategies.change_strategysubscription")


@admin.register(Signal)
class SignalAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "source", "action", "instrument", "version", "reference_price", "order_type",
        "stop_price", "target_price", "tag", "note", "candle_close_time", "run_link",
    )  # fmt: skip
    list_filter = ("action", "source", ("version", JoinedFilter), "candle_close_time")
    search_fields = ("instrument__symbol", "version__strategy__code", "source_key", "tag")
    list_select_related = ("version__strategy", "instrument", "run")
    ordering = ("-id",)

    @admin.display(description="Run")
    def run_link(self, signal: Signal) -> str:
        return link(signal.run)
