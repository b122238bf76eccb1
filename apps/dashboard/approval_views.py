"""Entries that wait for their owner: the list of them, and one with its two buttons. All of it
without JavaScript."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import User
from apps.common.errors import Conflict, Refused
from apps.dashboard.asking import user_of
from apps.dashboard.moment import one_moment
from apps.dashboard.selectors.asked import answered, asked_of, waiting
from apps.execution.models import Approval
from apps.execution.services.approving import approve, decline

ANSWERS = {"approve": approve, "decline": decline}
UNCLEAR, LATE = 400, 409


@require_safe
@never_cache
@login_required
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits, the first to expire first, and what was answered last."""
    user = user_of(request)
    with one_moment():
        told = {"waiting": waiting(user), "answered": answered(user)}
        return render(request, "dashboard/approvals.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """One. To post an `answer` to it is to approve or decline it."""
    user, problem = user_of(request), ""
    found = asked_of(user, pk)
    if found is None:
        raise Http404("no such approval")
    status = 200
    if request.method == "POST":
        try:
            _answer(request.POST.get("answer", ""), found.approval, user)
        except Refused as refused:
            problem = f"{refused.code}: {refused.message}"
            status = LATE if isinstance(refused, Conflict) else UNCLEAR
        else:
            return redirect("dashboard:approval", pk)
    told = {"asked": asked_of(user, pk), "problem": problem}
    return render(request, "dashboard/approval.html", told, status=status)


def _answer(said: str, approval: Approval, user: User) -> None:
    """Raises Refused, and Conflict where it comes too late."""
    answer = ANSWERS.get(said)
    if answer is None:
        raise Refused("INVALID_ANSWER", "Nothing was done: use one of the buttons.")
    answer(approval, by=user)
