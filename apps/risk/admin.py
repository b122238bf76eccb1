from django.contrib import admin
from django.utils.html import format_html_join

from apps.common.admin import ReadOnlyAdmin, link, list_link
from apps.risk.models import Decision, KillSwitch, RiskState
from trading.gates import TITLES


@admin.register(RiskState)
class RiskStateAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "subscription", "day", "realised_pnl")
    list_select_related = ("user", "subscription")
    search_fields = ("user__email",)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "mode", "action", "instrument", "outcome", "code", "quantity",
        "decided_at", "signal_link",
    )  # fmt: skip
    list_filter = ("outcome", "code", "mode", "action")
    list_select_related = ("user", "instrument", "signal")
    search_fields = ("user__email",)
    ordering = ("-id",)
    readonly_fields = ("receipt", "order_links")

    @admin.display(description="Signal")
    def signal_link(self, decision: Decision) -> str:
        return link(decision.signal)

    @admin.display(description="Orders")
    def order_links(self, decision: Decision) -> str:
        return list_link("execution_order", "orders", decision=decision.pk)

    @admin.display(description="Receipt")
    def receipt(self, decision: Decision) -> str:
        return format_html_join(
            "\n",
            "<div>{}: {} {} (observed {}, limit {})</div>",
            (
                (TITLES[gate], "passed" if status == 1 else "refused", code, observed, limit)
                for gate, status, code, observed, limit in decision.verdicts
            ),
        )


@admin.register(KillSwitch)
class KillSwitchAdmin(ReadOnlyAdmin):
    """Tripped and reset by `manage.py kill_switch`; the rows are the history."""

    list_display = (
        "id", "scope", "user", "strategy", "state", "reason", "tripped_by", "tripped_at",
        "reset_by", "reset_at",
    )  # fmt: skip
    list_filter = ("scope", "state")
    list_select_related = ("user", "strategy")
    ordering = ("-id",)
