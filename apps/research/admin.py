from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import User
from apps.common.acts import reasoned
from apps.common.admin import IsEmpty, ReadOnlyAdmin, link
from apps.common.errors import Refused
from apps.research.models import BacktestResult, BacktestRun
from apps.research.services import runs


class Finished(IsEmpty):
    title, parameter_name = "finished", "finished_at"
    yes, no = "unfinished", "finished"


@reasoned("Cancel the selected backtests", permission="cancel")
def cancel(run: BacktestRun, by: User, reason: str) -> str:
    if runs.cancel(run, now=timezone.now()):
        return "Canceled: a worker that is at it stops within a second."
    raise Refused("FINISHED", "It is finished already.")


@admin.register(BacktestRun)
class BacktestRunAdmin(ReadOnlyAdmin):
    actions = (cancel,)
    list_display = (
        "id", "user", "strategy_version", "timeframe", "began_at", "until", "state", "attempt",
        "done", "total", "is_from_cache", "code", "created_at", "heartbeat_at", "finished_at",
        "result_link",
    )  # fmt: skip
    list_filter = ("state", Finished, "timeframe", "is_from_cache")
    list_select_related = ("user", "strategy_version__strategy", "result")
    search_fields = ("user__email", "strategy_version__strategy__code", "content_hash", "code")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the name of each result, not with what it holds."""
        return super().get_queryset(request).defer("result__packed", "result__page")

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("research.change_backtestrun")

    @admin.display(description="Result")
    def result_link(self, run: BacktestRun) -> str:
        return link(run.result)


@admin.register(BacktestResult)
class BacktestResultAdmin(ReadOnlyAdmin):
    list_display = ("id", "content_hash", "engine_version", "closes", "seconds", "created_at")
    list_filter = ("engine_version", "created_at")
    search_fields = ("content_hash", "data_hash", "engine_version")
    ordering = ("-id",)
    exclude = ("packed", "page")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Not what they hold, which can be megabytes of each."""
        return super().get_queryset(request).defer(*self.exclude)
