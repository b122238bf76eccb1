from django.contrib import admin
from django.utils.html import format_html_join

from apps.common.admin import ReadOnlyAdmin, link, list_link
from apps.execution.models import (
    Balance,
    Exit,
    Fill,
    JournalEntry,
    Order,
    OrderEvent,
    Position,
    Posting,
    Reservation,
    Trade,
)


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = (
        "client_order_id", "user", "mode", "leg", "side", "order_type", "instrument", "quantity",
        "filled_quantity", "status", "reason", "origin",
    )  # fmt: skip
    list_filter = ("status", "leg", "mode", "order_type")
    list_select_related = ("user", "instrument", "decision", "exit")
    search_fields = ("client_order_id", "user__email")
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


@admin.register(Fill)
class FillAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "mode", "side", "instrument", "quantity", "price", "commission",
        "filled_at", "order_link", "position_link",
    )  # fmt: skip
    list_filter = ("mode", "side")
    list_select_related = ("user", "instrument", "order")
    search_fields = ("user__email", "venue_trade_id")
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


@admin.register(Position)
class PositionAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "mode", "subscription", "instrument", "quantity", "cost", "realised_pnl",
        "opened_at",
    )  # fmt: skip
    list_filter = ("mode", "instrument")
    list_select_related = ("user", "subscription", "instrument")
    search_fields = ("user__email",)


@admin.register(Trade)
class TradeAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "mode", "instrument", "direction", "quantity", "entry_price", "exit_price",
        "pnl", "exit_reason", "closed_at",
    )  # fmt: skip
    list_filter = ("mode", "exit_reason", "instrument")
    list_select_related = ("user", "instrument")
    search_fields = ("user__email",)
    ordering = ("-id",)


@admin.register(Exit)
class ExitAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "position", "cause", "level", "sequence", "decided_at")
    list_filter = ("cause",)
    list_select_related = ("user", "position")


@admin.register(Balance)
class BalanceAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "account", "currency", "cash", "reserved")
    list_select_related = ("user", "account")
    search_fields = ("user__email",)


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "account", "order", "currency", "amount", "released_at")
    list_select_related = ("user", "account", "order")


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "account", "kind", "mode", "happened_at", "fill")
    list_filter = ("kind", "mode")
    list_select_related = ("user", "account", "fill")
    search_fields = ("user__email",)
    ordering = ("-id",)


@admin.register(Posting)
class PostingAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "account", "entry", "ledger_account", "currency", "amount")
    list_filter = ("ledger_account", "currency")
    list_select_related = ("user", "account", "entry")
    ordering = ("-id",)
