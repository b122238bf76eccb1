from django.contrib import admin

from apps.common.admin import ReadOnlyAdmin, link
from apps.execution.models import Approval


@admin.register(Approval)
class ApprovalAdmin(ReadOnlyAdmin):
    """Entries that wait for their owner, and how they were answered; they alone answer."""

    list_display = (
        "id", "user", "mode", "decision_link", "answer", "asked_at", "expires_at", "answered_at",
        "by", "outcome", "code", "quantity", "price",
    )  # fmt: skip
    list_filter = ("answer", "outcome", "mode", "asked_at")
    list_select_related = ("user", "decision")
    search_fields = ("user__email", "decision__instrument__symbol", "code")
    ordering = ("-id",)

    @admin.display(description="Decision")
    def decision_link(self, approval: Approval) -> str:
        return link(approval.decision)
