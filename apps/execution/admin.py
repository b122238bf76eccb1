from django.contrib import admin
from django.utils.html import format_html_join

from apps.common.admin import IsEmpty, ReadOnlyAdmin, link, list_link
from apps.execution import (
    admin_approvals,
    admin_plans,
    admin_positions,
    admin_runs,
    admin_switches,
)
from apps.execution.models import (
    Balance,
    Exit,
    Fill,
    Funding,
    JournalEntry,
    NakedSpell,
    Order,
    OrderEvent,
    Posting,
    PriceWatch,
    Reservation,
    Trade,
)

__all__ = [
    "admin_approvals",
    "admin_plans",
    "admin_positions",
    "admin_runs",
    "admin_switches",
]  # found from here: Django looks for `admin` only


class Released(IsEmpty):
    title, parameter_name = "released", "released_at"
    yes, no = "set aside now", "released"


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = (
        "client_order_id", "user", "mode", "leg", "side", "order_type", "instrument", "quantity",
        "filled_quantity", "status", "reason", "held_by_us", "is_outcome_unknown", "submitted_at",
        "origin",
    )  # fmt: skip
    list_filter = (
        "status", "leg", "mode", "order_type", "side", "held_by_us", "is_outcome_unknown",
        "created_at",
    )  # fmt: skip
    list_select_related = ("user", "instrument", "decision", "exit")
    search_fields = ("client_order_id", "venue_order_id", "user__email", "instrument__symbol")
    ordering = ("-id",)
    readonly_fields = ("origin", "life", "fill_links")

    @admin.display(description="Because of")
    def origin(self, order: Order) -> str:
        return link(order.decision or order.exit)

    @admin.display(description="Fills")
    def fill_links(self, order: Order) -> str:
        return format_html_join(
            ", ", "{}", ((link(fill),) for fill in Fill.objects.filter(order=order))
        )

    @admin.display(description="Life")
    def life(self, order: Order) -> str:
        steps = OrderEvent.objects.filter(order=order).order_by("id")
        return format_html_join(
            "\n", "<div>{} {} {}</div>", ((step.recorded_at, step, step.reason) for step in steps)
        )


@admin.register(OrderEvent)
class OrderEventAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "order_link", "old_status", "new_status", "reason", "happened_at", "recorded_at",
    )  # fmt: skip
    list_filter = ("recorded_at",)
    list_select_related = ("order",)
    search_fields = ("order__client_order_id", "reason")
    ordering = ("-id",)

    @admin.display(description="Order")
    def order_link(self, step: OrderEvent) -> str:
        return link(step.order)


@admin.register(Fill)
class FillAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "mode", "side", "instrument", "quantity", "price", "commission", "is_maker",
        "filled_at", "order_link", "position_link",
    )  # fmt: skip
    list_filter = ("mode", "side", "is_maker", "filled_at")
    list_select_related = ("user", "instrument", "order")
    search_fields = (
        "user__email", "venue_trade_id", "order__client_order_id", "instrument__symbol",
    )  # fmt: skip
    ordering = ("-id",)

    @admin.display(description="Order")
    def order_link(self, fill: Fill) -> str:
        return link(fill.order)

    @admin.display(description="Position")
    def position_link(self, fill: Fill) -> str:
        return list_link(
            "execution_position",
            "position",
            subscription=fill.subscription_id,
            instrument=fill.instrument_id,
        )


@admin.register(Trade)
class TradeAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "mode", "instrument", "direction", "quantity", "entry_price", "exit_price",
        "fees", "funding", "pnl", "exit_reason", "opened_at", "closed_at",
    )  # fmt: skip
    list_filter = ("mode", "direction", "exit_reason", "closed_at")
    list_select_related = ("user", "instrument")
    search_fields = ("user__email", "instrument__symbol")
    ordering = ("-id",)


@admin.register(Funding)
class FundingAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "mode", "position", "rate", "quantity", "price", "amount", "charged_at",
    )  # fmt: skip
    list_filter = ("mode", "charged_at")
    list_select_related = ("user", "position", "rate")
    search_fields = ("user__email", "position__instrument__symbol")
    ordering = ("-id",)


@admin.register(Exit)
class ExitAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "position", "cause", "level", "attempt", "sequence", "by", "decided_at",
    )  # fmt: skip
    list_filter = ("cause", "decided_at")
    list_select_related = ("user", "position")
    search_fields = ("user__email",)
    ordering = ("-id",)


class Ended(IsEmpty):
    title, parameter_name = "naked", "ended_at"
    yes, no = "still naked", "over"


@admin.register(NakedSpell)
class NakedSpellAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "position", "sequence", "began_at", "told_at", "rungs", "ended_at",
    )  # fmt: skip
    list_filter = (Ended, "began_at")
    list_select_related = ("user", "position")
    search_fields = ("user__email", "position__instrument__symbol")
    ordering = ("-id",)


@admin.register(PriceWatch)
class PriceWatchAdmin(ReadOnlyAdmin):
    list_display = ("venue", "looked_at", "through")
    list_select_related = ("venue",)
    search_fields = ("venue__code",)
    ordering = ("venue_id",)


@admin.register(Balance)
class BalanceAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "account", "mode", "currency", "cash", "reserved")
    list_filter = ("mode",)
    list_select_related = ("user", "account")
    search_fields = ("user__email", "account__name", "currency")
    ordering = ("-id",)


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "account", "order", "currency", "amount", "released_at")
    list_filter = (Released, "mode")
    list_select_related = ("user", "account", "order")
    search_fields = ("user__email", "order__client_order_id", "currency")
    ordering = ("-id",)


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "account", "kind", "mode", "happened_at", "fill", "funding")
    list_filter = ("kind", "mode", "happened_at")
    list_select_related = ("user", "account", "fill", "funding")
    search_fields = ("user__email", "account__name")
    ordering = ("-id",)


@admin.register(Posting)
class PostingAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "account", "entry", "mode", "ledger_account", "currency", "amount",
    )  # fmt: skip
    list_filter = ("ledger_account", "mode")
    list_select_related = ("user", "account", "entry")
    search_fields = ("user__email", "currency")
    ordering = ("-id",)
