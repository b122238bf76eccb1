"""Runs in the admin. They stand here, above their app, because a hole is filled by execution."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join

from apps.accounts.models import User
from apps.common.acts import reasoned
from apps.common.admin import IsEmpty, JoinedFilter, ReadOnlyAdmin, link
from apps.execution import recovery
from apps.strategies.models import Run


class Undecided(IsEmpty):
    """A run short of decisions is a hole until the sweep, or somebody, has it decided."""

    title, parameter_name = "decisions", "decided_at"
    yes, no = "some are missing", "all made"

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        rows = super().queryset(request, queryset)
        return rows if self.value() is None else rows.filter(expected__gt=0)


@reasoned("Make the missing decisions of the selected runs", permission="redrive")
def redrive(run: Run, by: User, reason: str) -> str:
    made, missing = recovery.redrive(run, by=by.pk)
    return f"Decisions made: {made}; still missing: {missing}."


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Run → Signal → Decision → Order → Fill → Position, each a link to the next."""

    list_display = (
        "id", "version", "instrument", "timeframe", "candle_close_time", "status", "reason",
        "candles_seen", "expected", "decided_at",
    )  # fmt: skip
    list_filter = (
        Undecided, "status", "timeframe", ("version", JoinedFilter), "candle_close_time",
    )  # fmt: skip
    list_select_related = ("version__strategy", "instrument")
    search_fields = ("instrument__symbol", "version__strategy__code", "reason")
    ordering = ("-id",)
    readonly_fields = ("signal_links",)
    actions = (redrive,)

    @admin.display(description="Signals")
    def signal_links(self, run: Run) -> str:
        return format_html_join(", ", "{}", ((link(signal),) for signal in run.signals.all()))

    def has_redrive_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("strategies.change_run")
