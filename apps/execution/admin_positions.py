"""Positions in the admin: what protects each, and closing them one by one or by scope."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from apps.accounts.models import User
from apps.common.acts import ReasonForm, reasoned
from apps.common.admin import ReadOnlyAdmin
from apps.common.errors import Refused
from apps.execution.models import Position
from apps.execution.protected import protections
from apps.execution.services import trails
from apps.execution.services.flattening import SCOPES, flatten, positions_named
from trading.exits import ExitReason

PLATFORM = "platform"
TITLE = "Close positions of a scope"


class FlattenForm(ReasonForm):
    """Whose positions to close at market, and why."""

    scope = forms.ChoiceField(choices=[(kind, kind) for kind in (PLATFORM, *SCOPES)])
    name = forms.CharField(
        required=False,
        help_text="The email address of the user, the code of the strategy or venue, VENUE:SYMBOL "
        "of the instrument, the id of the account, subscription or position; nothing for the "
        "platform.",
    )
    confirm = forms.CharField(
        help_text="Type what is to be closed once more: platform, or the name above.",
        error_messages={"required": "CONFIRMATION_MISSING: type what is to be closed."},
    )
    field_order = ("scope", "name", "reason", "confirm")

    def flatten(self, by: User) -> str:
        """Raises Refused."""
        said = self.cleaned_data
        is_platform = said["scope"] == PLATFORM
        named = PLATFORM if is_platform else said["name"]
        scope = PLATFORM if is_platform else f"{said['scope']}:{named}"
        positions = positions_named(scope)
        if said["confirm"] != named:
            raise Refused(
                "CONFIRMATION_MISSING",
                f"Type {named} to close its positions: {positions.count()} are open.",
            )
        trails.note(by, scope, f"Asked: {TITLE}. Reason: {said['reason']}")
        done = str(flatten(positions, ExitReason.MANUAL, by=f"{by.email}: {said['reason']}"))
        trails.note(by, scope, done)
        return f"{scope}: {done}"


@reasoned("Close the selected positions at market", permission="close")
def close(position: Position, by: User, reason: str) -> str:
    if not position.quantity:
        raise Refused("NOTHING_HELD", "Nothing is held any more.")
    own = Position.objects.filter(pk=position.pk)
    return str(flatten(own, ExitReason.MANUAL, by=f"{by.email}: {reason}"))


@admin.register(Position)
class PositionAdmin(ReadOnlyAdmin):
    list_display = (
        "id", "user", "mode", "subscription", "instrument", "quantity", "cost", "fees",
        "funding", "realised_pnl", "trade_sequence", "opened_at",
    )  # fmt: skip
    list_filter = ("mode", "instrument__venue", "opened_at")
    list_select_related = ("user", "subscription", "instrument")
    search_fields = ("user__email", "instrument__symbol")
    ordering = ("-id",)
    actions = (close,)
    readonly_fields = ("protection",)

    @admin.display(description="Protection")
    def protection(self, position: Position) -> str:
        found = protections(Position.objects.filter(pk=position.pk)).get(position.pk)
        if found is None:
            return "flat"
        return "naked, by choice" if found.is_by_choice else found.state.value

    def has_close_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("execution.close_position")

    def get_urls(self) -> list[URLPattern]:
        flatten_url = path(
            "flatten/",
            self.admin_site.admin_view(self.flatten_view),
            name="execution_position_flatten",
        )
        return [flatten_url, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"may_close": self.has_close_permission(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def flatten_view(self, request: HttpRequest) -> HttpResponse:
        """Of a whole scope: each chunk is committed, so this may be asked for again."""
        if not self.has_close_permission(request) or not isinstance(request.user, User):
            raise PermissionDenied
        form = FlattenForm(request.POST or None, initial=request.GET.dict())
        if form.is_valid():
            try:
                said = form.flatten(request.user)
            except Refused as refused:
                form.add_error(None, f"{refused.code}: {refused.message}")
            else:
                self.message_user(request, said, messages.WARNING)
                return HttpResponseRedirect(reverse("admin:execution_position_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": TITLE,
            "opts": self.opts,
            "form": form,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/reason.html", context)
