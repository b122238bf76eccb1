"""The red button: stopping one's own trading, and watching it stop. All of it without
JavaScript."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.accounts.models import User
from apps.common.fields import LONGEST_REASON
from apps.dashboard.moment import one_moment
from apps.dashboard.selectors.halts import halts
from apps.execution.services import drains
from apps.execution.services.stopping import own_stop, stop_own_trading, strictest_stop
from apps.risk.models import KillSwitch
from trading.gates.values import TradingState

WORD = "STOP"
MORE = "more"


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
        return render(request, "dashboard/stop.html", _told(request, request.user, form))


def _told(request: HttpRequest, user: User, form: StopForm) -> dict[str, Any]:
    switch, own = strictest_stop(user), own_stop(user, TradingState.HALTED)
    found = None if switch is None else drains.progress(switch)
    asked_for_all = own is not None and own.state == TradingState.LIQUIDATING
    may_close = found is not None and bool(found.open_positions or found.working)
    may_stop_more = own is None or (may_close and not asked_for_all)
    is_waiting = own is not None and found is not None and not found.is_done
    # Read again by itself, a page takes away what somebody is typing.
    is_typing = may_stop_more and (form.is_bound or MORE in request.GET)
    return {
        "halts": halts(user),
        "progress": found,
        "is_closing": found is not None and found.state is TradingState.LIQUIDATING,
        "is_halted": own is not None,
        "is_read_again": is_waiting and not is_typing,
        "may_stop_more": may_stop_more,
        "form": form,
        "word": WORD,
        "more": MORE,
    }
