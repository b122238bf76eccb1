from collections.abc import Iterable
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


class ChosenValues(admin.SimpleListFilter):
    """A filter over values that the code names. Django's own for such a column would look for its
    distinct values in the whole table each time the page is opened.
    """

    values: Iterable[str] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value) for value in sorted(self.values)]

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[models.Model]
    ) -> models.QuerySet[models.Model]:
        chosen = self.value()
        return queryset if chosen is None else queryset.filter((self.parameter_name, chosen))


class IsEmpty(admin.SimpleListFilter):
    """Whether a moment has come: `yes` and `no` are the words for empty and set."""

    yes = "yes"
    no = "no"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", self.yes), ("no", self.no)]

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[models.Model]
    ) -> models.QuerySet[models.Model]:
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter((f"{self.parameter_name}__isnull", self.value() == "yes"))


class JoinedFilter(admin.RelatedFieldListFilter):
    """A filter by a related row whose name is made of others: all of them in one query."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: Any
    ) -> list[tuple[str, Any]]:
        rows = field.related_model.objects.select_related()
        return sorted(((str(row.pk), str(row)) for row in rows), key=lambda choice: choice[1])


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
