from django.contrib import admin
from django.utils.html import format_html_join

from apps.common.admin import ChosenValues, IsEmpty, ReadOnlyAdmin, link, list_link
from apps.risk.models import Decision, KillSwitch, RiskState
from trading.gates import TITLES
from trading.gates.codes import GateCode


class WithCode(ChosenValues):
    title, parameter_name = "code", "code"
    values = GateCode


class StillTripped(IsEmpty):
    title, parameter_name = "reset", "reset_at"
    yes, no = "tripped now", "reset"


@admin.register(RiskState)
class RiskStateAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "subscription", "mode", "day", "realised_pnl")
    list_filter = ("mode", "day")
    list_select_related = ("user", "subscription")
    search_fields = ("user__email",)
    ordering = ("-day", "-id")


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "mode", "subscription", "action", "instrument", "outcome", "code",
        "sized_down_by", "quantity", "reference_price", "decided_at", "signal_link",
    )  # fmt: skip
    list_filter = ("outcome", WithCode, "mode", "action", "decided_at")
    list_select_related = ("user", "subscription", "instrument", "signal")
    search_fields = ("user__email", "instrument__symbol", "code")
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
        "reset_by", "reset_reason", "reset_at",
    )  # fmt: skip
    list_filter = (StillTripped, "scope", "state", "tripped_at")
    search_fields = ("user__email", "strategy__code", "reason", "tripped_by", "reset_by")
    list_select_related = ("user", "strategy")
    ordering = ("-id",)
