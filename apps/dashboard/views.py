from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import User
from apps.dashboard.asking import book_named, user_of
from apps.dashboard.moment import one_moment
from apps.dashboard.selectors.allocations import AllocationPage
from apps.dashboard.selectors.desk import Desk
from apps.dashboard.selectors.position import position_detail
from apps.execution.models import Position
from apps.execution.services.flattening import Flattened, flatten
from trading.exits import ExitReason

PARTS = ("halts", "cards", "positions", "trades", "feed")
UNCLEAR, REFUSED = 400, 409


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


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def position(request: HttpRequest, pk: int) -> HttpResponse:
    """What one subscription holds of one instrument, and has held. To post to it is to close it at
    market: its symbol is typed to confirm, and to ask twice changes nothing."""
    user = user_of(request)
    with one_moment():
        found = position_detail(user, pk)
    if found is None:
        raise Http404("no such position")
    problem, status = "", 200
    if request.method == "POST":
        symbol = found.position.instrument.symbol
        if request.POST.get("confirm", "").strip().upper() != symbol.upper():
            problem = f"CONFIRMATION_MISSING: nothing was closed. Type {symbol} to close it."
            status = UNCLEAR
        elif not (problem := _closed(user, pk)):
            return redirect("dashboard:position", pk)
        else:
            status = REFUSED
    told = {"detail": found, "problem": problem}
    return render(request, "dashboard/position.html", told, status=status)


def _closed(user: User, pk: int) -> str:
    """Why nothing leaves though something is held, or empty."""
    done = flatten(Position.objects.of(user).filter(pk=pk), ExitReason.MANUAL, by=user.email)
    is_leaving = done.exits or done.leaving
    return "" if is_leaving or done == Flattened() else f"NOTHING_CLOSED: {done}"


@require_safe
@never_cache
@login_required
def allocation(request: HttpRequest) -> HttpResponse:
    """What kind of market it is, and how the user's accounts would share their capital."""
    with one_moment():
        page = AllocationPage(user_of(request), book_named(request))
        return render(request, "dashboard/allocation.html", {"desk": page})


def _desk(request: HttpRequest) -> Desk:
    return Desk(
        user_of(request),
        book_named(request),
        with_skipped=request.GET.get("skipped") == "1",
    )
