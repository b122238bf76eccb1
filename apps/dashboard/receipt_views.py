"""Why something did or did not trade: one receipt, and all of one's receipts."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.accounts.models import User
from apps.dashboard.downloads import download
from apps.dashboard.moment import one_moment
from apps.dashboard.receipts_form import ReceiptsForm
from apps.dashboard.selectors.followed_strategies import Follower
from apps.dashboard.selectors.receipts import receipt as receipt_of
from apps.dashboard.selectors.receipts_page import MOST_IN_A_FILE, receipts_csv, receipts_page


@require_safe
@never_cache
@login_required
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """Why one signal did or did not become a trade."""
    with one_moment():
        found = receipt_of(_user(request), pk)
        if found is None:
            raise Http404("no such decision")
        return render(request, "dashboard/receipt.html", {"receipt": found})


@require_safe
@never_cache
@login_required
def receipts(request: HttpRequest) -> HttpResponse:
    """All of them, narrowed as asked, newest first."""
    user = _user(request)
    with one_moment():
        form = ReceiptsForm(Follower(user), request.GET)
        told: dict[str, object] = {"form": form, "most": MOST_IN_A_FILE}
        if form.is_valid():
            told["page"] = receipts_page(user, form.narrowing, form.cleaned_data["cursor"])
        status = 200 if form.is_valid() else 400
        return render(request, "dashboard/receipts.html", told, status=status)


@require_safe
@never_cache
@login_required
def receipts_file(request: HttpRequest) -> HttpResponse:
    """The same as a file: what the page would show, without its pages."""
    user = _user(request)
    with one_moment():
        form = ReceiptsForm(Follower(user), request.GET)
        if not form.is_valid():
            return HttpResponse(form.problem, status=400, content_type="text/plain; charset=utf-8")
        written = receipts_csv(user, form.narrowing)
    return download(written, "text/csv", "decisions.csv")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # login_required
    return request.user
