"""The audit of what staff did, and schedules that nobody can stop by mistake."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry

from apps.common.admin import ReadOnlyAdmin
from nija import schedules


@admin.register(LogEntry)
class AuditAdmin(ReadOnlyAdmin):
    """Every act and change of staff: who, when, to what, why. A switch also tells it in its row."""

    list_display = (
        "action_time", "user", "content_type", "object_repr", "action_flag", "change_message",
    )  # fmt: skip
    list_filter = ("action_flag", "content_type", "action_time")
    list_select_related = ("user", "content_type")
    search_fields = ("user__email", "object_repr", "change_message")
    ordering = ("-id",)


schedules.guard()
