"""Acts of staff upon rows: each asks for a reason first, and leaves a trail."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from apps.common.admin import Admin
from apps.common.errors import Refused
from apps.common.fields import LONGEST_REASON

MOST_ROWS = 100

# Row, who acts, why; the answer says what was done. Raises Refused.
Act = Callable[[Any, Any, str], str]
Action = Callable[[Any, HttpRequest, models.QuerySet[Any]], HttpResponse | None]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "REASON_MISSING: say why. It is kept, with your name."},
    )


def _form(typed: str) -> type[ReasonForm]:
    """Asks for the word too, where one must be typed."""
    if not typed:
        return ReasonForm
    confirm = forms.RegexField(
        f"^{typed}$",
        help_text=f"Type {typed}.",
        error_messages=dict.fromkeys(
            ("required", "invalid"), f"CONFIRMATION_MISSING: type {typed}."
        ),
    )
    return type("TypedReasonForm", (ReasonForm,), {"confirm": confirm})


def reasoned(
    title: str, *, permission: str, typed: str = "", named: Callable[[Any], str] = str
) -> Callable[[Act], Action]:
    """An admin action over the chosen rows, one after the other, for whoever has
    `has_<permission>_permission`. That it was asked for, by whom and why, is written down before
    it is done, and how it ended after: a crash between the two leaves a question, not silence.
    `typed` is a word that has to be typed as well, `named` what staff read of a row.
    """

    def decorate(act: Act) -> Action:
        @admin.action(description=title, permissions=[permission])
        def action(
            shown: Admin, request: HttpRequest, queryset: models.QuerySet[Any]
        ) -> HttpResponse | None:
            rows = list(queryset[: MOST_ROWS + 1])
            if len(rows) > MOST_ROWS:
                said = f"TOO_MANY: at most {MOST_ROWS} at once. Nothing was done."
                shown.message_user(request, said, messages.ERROR)
                return None
            form = _form(typed)(request.POST if "reason" in request.POST else None)
            names = {row.pk: named(row) for row in rows}
            if not form.is_valid():
                return _ask(shown, request, names, form, title=title, name=act.__name__)
            for row in rows:
                reason = form.cleaned_data["reason"]
                said, level = _perform(act, shown, request, row, title=title, reason=reason)
                shown.message_user(request, f"{names[row.pk]}: {said}", level)
            return None

        action.__name__ = act.__name__
        return action

    return decorate


def _perform(
    act: Act, shown: Admin, request: HttpRequest, row: Any, *, title: str, reason: str
) -> tuple[str, int]:
    shown.log_change(request, row, f"Asked: {title}. Reason: {reason}")
    try:
        said, level = act(row, request.user, reason), messages.SUCCESS
    except Refused as refused:
        said, level = f"{refused.code}: {refused.message}", messages.ERROR
    shown.log_change(request, row, said)
    return said, level


def _ask(
    shown: Admin, request: HttpRequest, rows: dict[Any, str], form: ReasonForm,
    *, title: str, name: str,
) -> HttpResponse:  # fmt: skip
    context = {
        **shown.admin_site.each_context(request),
        "title": title,
        "opts": shown.opts,
        "rows": rows,
        "form": form,
        "name": name,
        "checkbox": ACTION_CHECKBOX_NAME,
        "media": shown.media,
    }
    return TemplateResponse(request, "admin/reason.html", context)
