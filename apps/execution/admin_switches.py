"""Kill switches in the admin. They stand here, above their app, because a trip cancels orders."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.common.acts import ReasonForm, reasoned
from apps.common.admin import IsEmpty, ReadOnlyAdmin
from apps.common.errors import Refused
from apps.execution.services import halting
from apps.risk import services as risk
from apps.risk.models import KillSwitch
from trading.gates.values import TradingState

PLATFORM = KillSwitch.Scope.PLATFORM.value


class StillTripped(IsEmpty):
    title, parameter_name = "reset", "reset_at"
    yes, no = "tripped now", "reset"


class TripForm(ReasonForm):
    """What to stop, how hard, and why."""

    scope = forms.ChoiceField(choices=KillSwitch.Scope)
    name = forms.CharField(
        required=False, help_text="The email address of the user, or the code of the strategy."
    )
    state = forms.TypedChoiceField(
        coerce=lambda value: TradingState(int(value)),
        choices=[(member.value, member.name) for member in TradingState if member.value],
        initial=TradingState.HALTED.value,
        help_text="REDUCING: nothing new; HALTED: working entries are cancelled too; "
        "LIQUIDATING: positions are closed too. Exits leave in every state.",
    )
    field_order = ("scope", "name", "state", "reason")

    def trip(self, by: User) -> str:
        """Raises Refused."""
        said = self.cleaned_data
        text = said["scope"] if said["scope"] == PLATFORM else f"{said['scope']}:{said['name']}"
        effect = halting.trip(
            by=by.email,
            reason=said["reason"],
            now=timezone.now(),
            state=said["state"],
            **halting.scope_named(text),
        )
        return (
            f"Tripped: {text} is {said['state'].name}. Entries cancelled: {effect.cancelled}; "
            f"still working: {effect.entries_left}. Exits leave as always."
        )


@reasoned("Reset the selected switches", permission="reset")
def reset(switch: KillSwitch, by: User, reason: str) -> str:
    if switch.reset_at is not None:  # another of the same scope may be tripped now: not that one
        raise Refused("NOT_TRIPPED", f"{switch.reset_by} has reset it already.")
    risk.reset(
        by=by.email,
        reason=reason,
        now=timezone.now(),
        user=switch.user,
        strategy=switch.strategy,
    )
    return "Reset: entries may leave again."


@admin.register(KillSwitch)
class KillSwitchAdmin(ReadOnlyAdmin):
    """The rows are the history: who stopped what, who let it go again, when and why."""

    list_display = (
        "id", "scope", "user", "strategy", "state", "reason", "tripped_by", "tripped_at",
        "reset_by", "reset_reason", "reset_at",
    )  # fmt: skip
    list_filter = (StillTripped, "scope", "state", "tripped_at")
    list_select_related = ("user", "strategy")
    search_fields = ("user__email", "strategy__code", "reason", "tripped_by", "reset_by")
    ordering = ("-id",)
    actions = (reset,)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """To add one is to trip it."""
        return request.user.has_perm("risk.add_killswitch")

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
