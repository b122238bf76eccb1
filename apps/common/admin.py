from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

if TYPE_CHECKING:
    Admin = admin.ModelAdmin[models.Model]
else:
    Admin = admin.ModelAdmin


class ReadOnlyAdmin(Admin):
    """Shows rows that only services may write: nothing is added, changed or deleted here."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def link(row: models.Model | None, text: str = "") -> str:
    """A link to the admin page of the row; a dash where there is none."""
    if row is None:
        return "—"
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(name, args=[row.pk]), text or str(row))


def list_link(model: str, text: str, **conditions: Any) -> str:
    """A link to the admin list of the model (`execution_order`), filtered."""
    url = reverse(f"admin:{model}_changelist")
    query = "&".join(f"{name}={value}" for name, value in conditions.items())
    return format_html('<a href="{}?{}">{}</a>', url, query, text)
