from django.contrib import admin

from apps.common.admin import ReadOnlyAdmin, link
from apps.execution.models import Approval
from apps.risk.admin import gates_told
from apps.risk.refusals import verdicts_of
from apps.risk.sayings import of_receipt


@admin.register(Approval)
class ApprovalAdmin(ReadOnlyAdmin):
    """Entries that wait for their owner, and how they were answered; they alone answer."""

    list_display = (
        "id", "user", "mode", "decision_link", "answer", "asked_at", "expires_at", "answered_at",
        "by", "outcome", "code", "sized_down_by", "quantity", "price",
    )  # fmt: skip
    list_filter = ("answer", "outcome", "mode", "asked_at")
    list_select_related = ("user", "decision")
    search_fields = ("user__email", "decision__instrument__symbol", "code")
    ordering = ("-id",)
    readonly_fields = ("receipt",)

    @admin.display(description="Decision")
    def decision_link(self, approval: Approval) -> str:
        return link(approval.decision)

    @admin.display(description="Receipt of the second decision")
    def receipt(self, approval: Approval) -> str:
        made = approval.again()
        return "" if made is None else gates_told(verdicts_of(made), of_receipt(made))
