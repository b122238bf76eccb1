"""Why something did or did not trade: one receipt, and all of one's receipts."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.dashboard.asking import user_of
from apps.dashboard.downloads import download
from apps.dashboard.moment import one_moment
from apps.dashboard.receipts_form import CloseForm, OrdersForm, ReceiptsForm
from apps.dashboard.selectors.books import books, chosen
from apps.dashboard.selectors.close import close_of
from apps.dashboard.selectors.followed_strategies import Follower
from apps.dashboard.selectors.orders_page import orders_page
from apps.dashboard.selectors.receipts import receipt as receipt_of
from apps.dashboard.selectors.receipts_page import MOST_IN_A_FILE, receipts_csv, receipts_page
from apps.market.models import Instrument


@require_safe
@never_cache
@login_required
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """Why one signal did or did not become a trade."""
    with one_moment():
        found = receipt_of(user_of(request), pk)
        if found is None:
            raise Http404("no such decision")
        return render(request, "dashboard/receipt.html", {"receipt": found})


@require_safe
@never_cache
@login_required
def receipts(request: HttpRequest) -> HttpResponse:
    """All of them, narrowed as asked, newest first."""
    user = user_of(request)
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
    user = user_of(request)
    with one_moment():
        form = ReceiptsForm(Follower(user), request.GET)
        if not form.is_valid():
            return HttpResponse(form.problem, status=400, content_type="text/plain; charset=utf-8")
        written = receipts_csv(user, form.narrowing)
    return download(written, "text/csv", "decisions.csv")


@require_safe
@never_cache
@login_required
def close(request: HttpRequest) -> HttpResponse:
    """What was decided when one candle closed. Without a question: the last one of the
    first instrument that one follows at the venue."""
    user, form = user_of(request), CloseForm(request.GET)
    if not form.is_valid():
        raise Http404("no such candle")
    said = form.cleaned_data
    with one_moment():
        book = chosen(books(user), said["book"])
        if book is None or said["book"] not in {"", book.key}:
            raise Http404("no such book")
        symbol = said["instrument"]
        known = Instrument.objects.filter(symbol=symbol) if symbol else Follower(user).instruments()
        instrument = known.filter(venue=book.venue).first()
        if instrument is None:
            raise Http404("no such instrument")
        frame = form.timeframe_or(book.finest)
        found = close_of(user, book, instrument, frame, form.opened_at(book.now, frame))
        told = {"close": found, "book": book}
        return render(request, "dashboard/close.html", told)


@require_safe
@never_cache
@login_required
def orders(request: HttpRequest) -> HttpResponse:
    """What was asked of the venues, newest first, each with its why."""
    user, form = user_of(request), OrdersForm(request.GET)
    with one_moment():
        told: dict[str, object] = {"form": form}
        if form.is_valid():
            told["page"] = orders_page(user, form.narrowing, form.cleaned_data["cursor"])
        status = 200 if form.is_valid() else 400
        return render(request, "dashboard/orders.html", told, status=status)
