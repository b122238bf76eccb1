"""Kill switches in the admin. They stand here, above their app, because a trip cancels orders."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.common.acts import ReasonForm, reasoned
from apps.common.admin import IsEmpty, ReadOnlyAdmin
from apps.common.errors import Refused
from apps.execution.drain_words import in_words_of, withdrawn_in_words
from apps.execution.services import halting
from apps.risk.models import KillSwitch
from apps.risk.scopes import spelling, target_named
from trading.gates.values import TradingState


class StillTripped(IsEmpty):
    title, parameter_name = "reset", "reset_at"
    yes, no = "tripped now", "reset"


class TripForm(ReasonForm):
    """What to stop, how hard, and why."""

    scope = forms.ChoiceField(choices=KillSwitch.Scope)
    name = forms.CharField(
        required=False,
        help_text="The email address of the user, the code of the strategy or venue, "
        "VENUE:SYMBOL of the instrument, the id of the account or subscription.",
    )
    state = forms.TypedChoiceField(
        coerce=lambda value: TradingState(int(value)),
        choices=[(member.value, member.name) for member in TradingState if member.value],
        initial=TradingState.HALTED.value,
        help_text="REDUCING: nothing new; HALTED: working entries are cancelled too; "
        "LIQUIDATING: positions are closed too. Exits leave in every state.",
    )
    expires_at = forms.DateTimeField(
        required=False, help_text="UTC. It is reset then by itself; empty: never."
    )
    confirm = forms.CharField(
        help_text="Type what is to be stopped once more: platform, or the name above.",
        error_messages={"required": "CONFIRMATION_MISSING: type what is to be stopped."},
    )
    field_order = ("scope", "name", "state", "expires_at", "reason", "confirm")

    def trip(self, by: User) -> str:
        """Raises Refused."""
        said = self.cleaned_data
        is_platform = said["scope"] == KillSwitch.Scope.PLATFORM
        named = said["scope"] if is_platform else said["name"]
        text = named if is_platform else f"{said['scope']}:{named}"
        target = target_named(text)
        if said["confirm"] != named:
            raise Refused("CONFIRMATION_MISSING", f"Type {named} to stop it.")
        switch = halting.trip(
            by=by.email,
            reason=said["reason"],
            now=timezone.now(),
            state=said["state"],
            source=KillSwitch.Source.ADMIN,
            expires_at=said["expires_at"],
            **target,
        )
        return (
            f"Tripped: {text} is {said['state'].name}. Exits leave as always. {in_words_of(switch)}"
        )


def _named(switch: KillSwitch) -> str:
    return f"{spelling(switch)} {TradingState(switch.state).name} (switch {switch.pk})"


@reasoned("Reset the selected switches", permission="reset", typed="RESET", named=_named)
def reset(switch: KillSwitch, by: User, reason: str) -> str:
    if switch.reset_at is not None:
        raise Refused("NOT_TRIPPED", f"{switch.reset_by} has reset it already.")
    taken = halting.reset_one(switch, by=by.email, reason=reason, now=timezone.now())
    return f"Reset: entries may leave again. {withdrawn_in_words(taken)}".strip()


@admin.register(KillSwitch)
class KillSwitchAdmin(ReadOnlyAdmin):
    """The rows are the history: who stopped what, who let it go again, when and why."""

    list_display = (
        "id", "target", "state", "reason", "source", "cause", "tripped_by", "tripped_at",
        "expires_at", "drained_at", "reset_by", "reset_reason", "reset_at",
    )  # fmt: skip
    list_filter = (StillTripped, "scope", "state", "source", "cause", "tripped_at")
    list_select_related = ("user", "strategy", "instrument")
    readonly_fields = ("drain",)
    search_fields = ("user__email", "strategy__code", "reason", "tripped_by", "reset_by")
    ordering = ("-id",)
    actions = (reset,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the thousands of ids that a drain may wait for."""
        return super().get_queryset(request).defer("order_ids", "position_ids")

    @admin.display(description="Stops", ordering="scope")
    def target(self, switch: KillSwitch) -> str:
        return spelling(switch)

    @admin.display(description="Drain")
    def drain(self, switch: KillSwitch) -> str:
        return in_words_of(switch)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Until it is drained the page is read again every two seconds, as the page Stop is."""
        switch = kwargs.get("obj")
        is_draining = switch is not None and switch.drained_at is switch.reset_at is None
        return super().render_change_form(
            request, {**context, "is_draining": is_draining}, *args, **kwargs
        )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """To add one is to trip it."""
        return request.user.has_perm("risk.trip_killswitch")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may trip or reset them sees them too."""
        may = self.has_add_permission(request) or self.has_reset_permission(request)
        return may or super().has_view_permission(request, obj)

    def has_reset_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("risk.reset_killswitch")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Not in a transaction, which Django's own form opens: a trip speaks with venues."""
        if not self.has_add_permission(request) or not isinstance(request.user, User):
            raise PermissionDenied
        form = TripForm(request.POST or None, initial=request.GET.dict())
        if form.is_valid():
            try:
                said = form.trip(request.user)
            except Refused as refused:
                form.add_error(None, f"{refused.code}: {refused.message}")
            else:
                self.message_user(request, said, messages.WARNING)
                return HttpResponseRedirect(reverse("admin:risk_killswitch_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Trip a kill switch",
            "opts": self.opts,
            "form": form,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/reason.html", context)
