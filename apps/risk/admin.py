from collections.abc import Iterable

from django.contrib import admin
from django.utils.html import format_html_join

from apps.common.admin import ChosenValues, ReadOnlyAdmin, link, list_link
from apps.risk.gate_lines import GateLine, gate_line
from apps.risk.models import (
    AccountRisk,
    CoolDown,
    Decision,
    LimitSet,
    RiskLimits,
    RiskState,
    VenueError,
)
from apps.risk.refusals import verdicts_of
from apps.risk.sayings import of_receipt
from trading.gates.codes import GateCode
from trading.gates.sentences import Sayings
from trading.gates.values import Verdict


class WithCode(ChosenValues):
    title, parameter_name = "code", "code"
    values = GateCode


@admin.register(RiskState)
class RiskStateAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "subscription", "mode", "day", "realised_pnl", "open_at_midnight")
    list_filter = ("mode", "day")
    list_select_related = ("user", "subscription")
    search_fields = ("user__email",)
    ordering = ("-day", "-id")


@admin.register(AccountRisk)
class AccountRiskAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "account", "mode", "day", "start_of_day_equity", "start_of_week_equity",
        "peak_equity", "trades_today", "lost_today", "consecutive_losses",
    )  # fmt: skip
    list_filter = ("mode", "day")
    list_select_related = ("user", "account")
    search_fields = ("user__email",)
    ordering = ("-day", "-id")


@admin.register(CoolDown)
class CoolDownAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "account", "instrument", "mode", "until")
    list_filter = ("mode", "until")
    list_select_related = ("user", "account", "instrument")
    search_fields = ("user__email", "instrument__symbol")
    ordering = ("-until", "-id")


@admin.register(LimitSet)
class LimitSetAdmin(ReadOnlyAdmin):
    list_display = ("id", "digest", "decision_links")
    search_fields = ("digest",)
    ordering = ("-id",)

    @admin.display(description="Decisions")
    def decision_links(self, row: LimitSet) -> str:
        return list_link("risk_decision", "decisions", limits=row.pk)


@admin.register(RiskLimits)
class RiskLimitsAdmin(ReadOnlyAdmin):
    """What people let nobody exceed in their name; they alone change it."""

    list_display = (
        "id", "user", "mode", "most_notional", "most_share", "positions", "trades_a_day",
        "daily_loss", "daily_loss_money", "weekly_loss", "drawdown", "symbols", "changed_at",
    )  # fmt: skip
    list_filter = ("mode", "changed_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    ordering = ("-changed_at", "-id")


@admin.register(VenueError)
class VenueErrorAdmin(ReadOnlyAdmin):
    """Failed requests of live accounts; so many within the window stop their person."""

    list_display = ("id", "user", "account", "mode", "code", "happened_at", "is_settled")
    list_filter = ("is_settled", "mode", "happened_at")
    list_select_related = ("user", "account")
    search_fields = ("user__email", "code")
    ordering = ("-id",)


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
        return gates_told(verdicts_of(decision), of_receipt(decision))


def gates_told(verdicts: Iterable[Verdict], sayings: Sayings) -> str:
    """A line for each, in the words of the user's receipt."""
    lines = (gate_line(verdict, sayings) for verdict in verdicts)
    return format_html_join("\n", "<div>{}</div>", ((_line(line),) for line in lines))


def _line(line: GateLine) -> str:
    parts = (line.observed, line.limit, line.author, line.meaning, line.code)
    return f"{line.title}: {line.answer}. " + "; ".join(part for part in parts if part)
