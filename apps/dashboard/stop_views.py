"""The red button: stopping one's own trading, and watching it stop. All of it without
JavaScript."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.accounts.models import User
from apps.common.acts import LONGEST_REASON
from apps.dashboard.moment import one_moment
from apps.dashboard.selectors.halts import halts
from apps.execution.services import drains
from apps.execution.services.stopping import own_stop, stop_own_trading
from apps.risk.models import KillSwitch
from trading.gates.values import TradingState

WORD = "STOP"


class StopForm(forms.Form):
    reason = forms.CharField(
        max_length=LONGEST_REASON,
        error_messages={"required": "Say why: it is kept, with your name."},
    )
    close_positions = forms.BooleanField(required=False)
    confirm = forms.RegexField(
        f"(?i)^{WORD}$",
        error_messages=dict.fromkeys(
            ("required", "invalid"), f"Type {WORD}, so that nobody stops by a slip of the hand."
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def stop(request: HttpRequest) -> HttpResponse:
    """What is stopped and how far it has come; the form that stops more than is stopped yet."""
    assert isinstance(request.user, User)  # login_required
    form = StopForm(request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        stop_own_trading(
            request.user,
            reason=said["reason"],
            close_positions=said["close_positions"],
            source=KillSwitch.Source.MANUAL,
            now=timezone.now(),
        )
        return redirect("dashboard:stop")
    with one_moment():
        switch = own_stop(request.user)
        found = None if switch is None else drains.progress(switch)
        told = {
            "halts": halts(request.user),
            "now": timezone.now(),
            "progress": found,
            "is_draining": found is not None and not found.is_done and not form.is_bound,
            "is_halted": found is not None,
            "may_stop_more": found is None or found.state < TradingState.LIQUIDATING,
            "form": form,
            "word": WORD,
        }
        return render(request, "dashboard/stop.html", told)
