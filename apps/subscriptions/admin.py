"""Plans and who has them. A plan is never changed: a new price is a new version."""

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
from apps.subscriptions import services
from apps.subscriptions.models import Plan, Subscription
from apps.subscriptions.offers import tradable_capital
from apps.subscriptions.selectors import Entitlements


@reasoned("Sell the selected versions", permission="sell")
def sell(plan: Plan, by: User, reason: str) -> str:
    services.sell(plan)
    return "It is sold from now on; whoever has an older version keeps it."


@reasoned("Sell the selected versions no more", permission="sell")
def withdraw(plan: Plan, by: User, reason: str) -> str:
    services.withdraw(plan)
    return "It is no longer sold; whoever has it keeps it."


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    """Adding one of a code that is there makes its next version, which is not sold yet."""

    list_display = (
        "code", "version", "family", "name", "monthly", "yearly", "currency", "allows_live",
        "most_notional", "positions", "trades_a_day", "capital_tier", "is_sold",
    )  # fmt: skip
    list_filter = ("family", "is_sold", "allows_live")
    search_fields = ("code", "name")
    ordering = ("family", "monthly", "code", "-version")
    actions = (sell, withdraw)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("subscriptions.add_plan")

    def has_sell_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("subscriptions.change_plan")

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("version", "is_sold") if obj is None else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        services.add_version(obj)


class GiveForm(ReasonForm):
    email = forms.EmailField(help_text="Of the person who gets the plan.")
    plan = forms.ModelChoiceField(Plan.objects.order_by("code", "-version"))
    field_order = ("email", "plan", "reason")

    def clean_email(self) -> User:
        user = User.objects.filter(email=self.cleaned_data["email"].lower()).first()
        if user is None:
            raise forms.ValidationError("USER_UNKNOWN: nobody has that email address.")
        return user

    def give(self, by: User) -> Subscription:
        """Raises Refused."""
        said = self.cleaned_data
        return services.give(
            said["email"], said["plan"], now=timezone.now(), by=by.email, reason=said["reason"]
        )


@reasoned("A payment of the selected failed", permission="give")
def mark_past_due(subscription: Subscription, by: User, reason: str) -> str:
    services.mark_past_due(subscription, now=timezone.now())
    return "Past due: entries are blocked from day 3 on, exits never."


@reasoned("The selected have paid", permission="give")
def mark_paid(subscription: Subscription, by: User, reason: str) -> str:
    services.mark_paid(subscription)
    return "Active again."


@reasoned("End the selected", permission="give")
def cancel(subscription: Subscription, by: User, reason: str) -> str:
    services.cancel(subscription, now=timezone.now())
    return "Ended: this person is on Free."


class StillRuns(IsEmpty):
    title, parameter_name = "ended", "ended_at"
    yes, no = "runs now", "ended"


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    """Who has had which plan, since when, who gave it, and why. To add one is to give it."""

    list_display = (
        "id", "user", "plan", "status", "started_at", "past_due_since", "ended_at", "given_by",
        "reason",
    )  # fmt: skip
    list_filter = (StillRuns, "status", "plan__code", "started_at")
    list_select_related = ("user", "plan")
    search_fields = ("user__email", "plan__code", "given_by", "reason")
    ordering = ("-id",)
    actions = (mark_past_due, mark_paid, cancel)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("subscriptions.add_subscription")

    def has_give_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request) or not isinstance(request.user, User):
            raise PermissionDenied
        form = GiveForm(request.POST or None, initial=request.GET.dict())
        if form.is_valid():
            try:
                given = form.give(request.user)
            except Refused as refused:
                form.add_error(None, f"{refused.code}: {refused.message}")
            else:
                self.log_addition(request, given, f"Given {given.plan}. Reason: {given.reason}")
                self.message_user(request, self.said_of(given), messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:subscriptions_subscription_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Give somebody a plan",
            "opts": self.opts,
            "form": form,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/reason.html", context)

    def said_of(self, given: Subscription) -> str:
        """What staff is told. Higher apps, which know what the person holds, add to it."""
        said = f"{given.user} has {given.plan}."
        capital = tradable_capital(Entitlements.of(given.plan))
        return f"{said} Outside a capital of {capital} it is a TIER_DEADLOCK." if capital else said
