from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.module_loading import import_string

from apps.common.admin import ChosenValues, IsEmpty, ReadOnlyAdmin
from apps.events.models import Event


class OfKind(ChosenValues):
    title, parameter_name = "kind", "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.values = import_string(settings.EVENT_REACTIONS)
        return super().lookups(request, model_admin)


class Unsealed(IsEmpty):
    title, parameter_name = "in its chain", "sequence"
    yes, no = "waiting", "sealed"


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "user", "sequence", "happened_at", "recorded_at", "relayed_at")
    list_filter = (OfKind, Unsealed, "recorded_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "kind")
    ordering = ("-id",)
