"""Whom a person follows, who places the entries, and what it takes to go live."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.documents import LIVE_TRADING
from apps.accounts.models import User
from apps.accounts.selectors import consent_to
from apps.accounts.services.consents import give_consent, withdraw_consent
from apps.common.errors import Refused
from apps.dashboard.approval_words import EXECUTIONS
from apps.dashboard.asking import user_of
from apps.dashboard.selectors.followed import checklist, followed
from apps.execution.services.going_live import go_live
from apps.strategies import services as strategies
from apps.strategies.models import StrategySubscription
from apps.strategies.selectors import subscriptions as own_subscriptions
from trading.gates.execution_mode import ExecutionMode

REFUSED = 400


class ExecutionForm(forms.Form):
    execution = forms.ChoiceField(
        choices=[(mode.value, words) for mode, words in EXECUTIONS.items()],
        error_messages={"invalid_choice": "INVALID_SETTING: choose one of the three."},
    )


@require_safe
@never_cache
@login_required
def subscriptions(request: HttpRequest) -> HttpResponse:
    """All of them, those that run first."""
    return _page(request, followed(user_of(request), timezone.now()))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def subscription(request: HttpRequest, pk: int) -> HttpResponse:
    """One. To post an `execution` to it is to say who places its entries from now on."""
    user = user_of(request)
    row, problem = _own(user, pk), ""
    if request.method == "POST":
        form = ExecutionForm(request.POST)
        if form.is_valid():
            mode = ExecutionMode(form.cleaned_data["execution"])
            try:
                strategies.set_execution(row, mode, now=timezone.now(), by=user.pk)
            except Refused as refused:
                problem = f"{refused.code}: {refused.message}"
            else:
                return redirect("dashboard:subscription", pk)
        problem = problem or str(form.errors["execution"][0])
    return _page(request, followed(user, timezone.now(), pk), problem)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def live_checklist(request: HttpRequest, pk: int) -> HttpResponse:
    """What it takes to go live with it. To post an `act` is to give one's consent, to withdraw it,
    or to go live."""
    user, problem = user_of(request), ""
    row = _own(user, pk)
    if request.method == "POST":
        try:
            _act(request, row, user)
        except Refused as refused:
            problem = f"{refused.code}: {refused.message}"
        else:
            return redirect("dashboard:live_checklist", pk)
    told: dict[str, Any] = {
        "subscription": row,
        "checklist": checklist(row, timezone.now()),
        "document": LIVE_TRADING,
        "consent": consent_to(user, LIVE_TRADING),
        "problem": problem,
    }
    status = REFUSED if problem else 200
    return render(request, "dashboard/live_checklist.html", told, status=status)


def _act(request: HttpRequest, row: StrategySubscription, user: User) -> None:
    """Raises Refused."""
    act, now = request.POST.get("act"), timezone.now()
    if act == "consent":
        give_consent(user, LIVE_TRADING, request.POST.get("version", ""), now=now)
    elif act == "withdraw":
        withdraw_consent(user, LIVE_TRADING, now=now)
    elif act == "go_live":
        go_live(row, now)
    else:
        raise Refused("INVALID_ACT", "Nothing was done: use one of the buttons.")


def _page(request: HttpRequest, cards: Any, problem: str = "") -> HttpResponse:
    told = {"cards": cards, "executions": EXECUTIONS.items(), "problem": problem}
    status = REFUSED if problem else 200
    return render(request, "dashboard/subscriptions.html", told, status=status)


def _own(user: User, pk: int) -> StrategySubscription:
    """Raises Http404."""
    found = own_subscriptions(user).select_related("user").filter(pk=pk).first()
    if found is None:
        raise Http404("no such subscription")
    return found
