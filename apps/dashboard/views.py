from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.accounts.models import User
from apps.dashboard.moment import one_moment
from apps.dashboard.selectors.allocations import AllocationPage
from apps.dashboard.selectors.desk import Desk
from apps.dashboard.selectors.position import position_detail
from apps.dashboard.selectors.receipts import receipt as receipt_of

PARTS = ("halts", "cards", "positions", "trades", "feed")


@require_safe
@never_cache
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The page, whole: everything on it can be read without JavaScript, the charts excepted."""
    with one_moment():
        return render(request, "dashboard/home.html", {"desk": _desk(request)})


@require_safe
@never_cache
@login_required
def live(request: HttpRequest) -> HttpResponse:
    """The parts of the page that `?parts=cards,feed` names, to be swapped in by htmx."""
    wanted = request.GET.get("parts", "").split(",")
    parts = [part for part in PARTS if part in wanted]
    with one_moment():
        desk = _desk(request)
        if not parts or desk.chosen is None:
            return HttpResponse(status=204)
        return render(request, "dashboard/live.html", {"desk": desk, "parts": parts})


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
def position(request: HttpRequest, pk: int) -> HttpResponse:
    """What one subscription holds of one instrument, and has held."""
    with one_moment():
        found = position_detail(_user(request), pk)
    if found is None:
        raise Http404("no such position")
    return render(request, "dashboard/position.html", {"detail": found})


@require_safe
@never_cache
@login_required
def allocation(request: HttpRequest) -> HttpResponse:
    """What kind of market it is, and how the user's accounts would share their capital."""
    with one_moment():
        page = AllocationPage(_user(request), request.GET.get("book", ""))
        return render(request, "dashboard/allocation.html", {"desk": page})


def _desk(request: HttpRequest) -> Desk:
    return Desk(
        _user(request),
        request.GET.get("book", ""),
        with_skipped=request.GET.get("skipped") == "1",
    )


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # login_required
    return request.user
