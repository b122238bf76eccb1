"""The schedules of django-celery-beat in the admin: all are shown, and those that the platform
itself lives by (`CELERY_BEAT_SCHEDULE`) can neither be stopped, changed nor deleted there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django_celery_beat import admin as beat
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from apps.common.admin import Admin

WHY = "SCHEDULE_IS_OURS: '{name}' belongs to the platform and stays as it is. {description}"


def ours() -> QuerySet[Any]:
    """The rows that the settings made."""
    rows: QuerySet[Any] = PeriodicTask.objects.filter(name__in=settings.CELERY_BEAT_SCHEDULE)
    return rows


def reasons(tasks: Iterable[Any]) -> list[str]:
    """For each task, why it may not be touched."""
    return [WHY.format(name=task.name, description=task.description) for task in tasks]


class Guarded(Admin):
    """Refuses to change or delete rows that the platform's own tasks are, or run by."""

    def tasks_behind(self, pks: Iterable[Any]) -> QuerySet[Any]:
        """Those of our tasks that these rows are, or give their times to."""
        return ours().filter(pk__in=list(pks))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and self.tasks_behind([obj.pk]).exists():
            return False  # shown, without a form
        return super().has_change_permission(request, obj)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        known = object_id if object_id and object_id.isdecimal() else None
        told = reasons(self.tasks_behind([known])) if known else []
        for reason in told:
            level = messages.ERROR if request.method == "POST" else messages.INFO
            self.message_user(request, reason, level)
        if told and request.method == "POST":
            return HttpResponseRedirect(request.path)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Django deletes nothing while `protected` names anything, and shows what it names."""
        deleted, counts, perms, protected = super().get_deleted_objects(objs, request)
        why = reasons(self.tasks_behind(obj.pk for obj in objs))
        return deleted, counts, perms, [*protected, *why]


class TaskAdmin(Guarded, beat.PeriodicTaskAdmin):  # type: ignore[misc]  # it has no types
    """What is sent when. To start, stop or send one takes the right to change it."""

    date_hierarchy = None
    list_display = (
        "name", "is_ours", "enabled", "task", "scheduler", "queue", "expire_seconds", "one_off",
        "last_run_at", "total_run_count", "description",
    )  # fmt: skip
    list_filter = ("enabled", "one_off", "last_run_at")
    actions = ("enable_tasks", "disable_tasks", "toggle_tasks", "run_tasks")
    search_fields = ("name", "task", "description")
    ordering = ("name",)

    @admin.display(description="Platform's own", boolean=True)
    def is_ours(self, task: Any) -> bool:
        return task.name in settings.CELERY_BEAT_SCHEDULE

    @admin.action(description="Enable selected tasks", permissions=["change"])
    def enable_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().enable_tasks(request, queryset)

    @admin.action(description="Disable selected tasks", permissions=["change"])
    def disable_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        if not self._refuse(request, queryset):
            super().disable_tasks(request, queryset)

    @admin.action(description="Toggle activity of selected tasks", permissions=["change"])
    def toggle_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        if not self._refuse(request, queryset.filter(enabled=True)):
            super().toggle_tasks(request, queryset)

    @admin.action(description="Run selected tasks", permissions=["change"])
    def run_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        answer: HttpResponse | None = super().run_tasks(request, queryset)
        return answer

    def _refuse(self, request: HttpRequest, queryset: QuerySet[Any]) -> bool:
        """Whether it was refused: one of ours among many stops them all."""
        told = reasons(self.tasks_behind(queryset.values_list("pk", flat=True)))
        for reason in told:
            self.message_user(request, f"Nothing was done. {reason}", messages.ERROR)
        return bool(told)


class TimesAdmin(Guarded, beat.ScheduleAdmin):  # type: ignore[misc]  # it has no types
    """Times that tasks run at; deleting a row of them would delete the tasks."""

    def tasks_behind(self, pks: Iterable[Any]) -> QuerySet[Any]:
        column = self.model._meta.model_name.removesuffix("schedule")  # type: ignore[union-attr]
        return ours().filter(Q((f"{column}_id__in", list(pks))))


class IntervalAdmin(TimesAdmin):
    list_display = ("id", "every", "period")
    list_filter = ("period",)


class CrontabAdmin(TimesAdmin):
    list_display = ("id", "__str__", "human_readable")
    readonly_fields = ("human_readable",)


class SolarAdmin(TimesAdmin):
    list_display = ("id", "event", "latitude", "longitude")


class ClockedAdmin(TimesAdmin):
    list_display = ("id", "clocked_time")


GUARDS: dict[Any, type[Guarded]] = {
    PeriodicTask: TaskAdmin,
    IntervalSchedule: IntervalAdmin,
    CrontabSchedule: CrontabAdmin,
    SolarSchedule: SolarAdmin,
    ClockedSchedule: ClockedAdmin,
}


def guard() -> None:
    """Put ours in the place of the package's own."""
    for model, guarded in GUARDS.items():
        admin.site.unregister(model)
        admin.site.register(model, guarded)
