"""How the trading of one book has gone, to be read, kept and calculated with."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.accounts.models import User
from apps.dashboard.downloads import download
from apps.dashboard.moment import one_moment
from apps.dashboard.selectors.books import Book, books, chosen
from apps.dashboard.selectors.performance import PerformancePage, closed_trips
from apps.dashboard.stylesheet import stylesheet
from trading.performance.telling import trades_csv


@require_safe
@never_cache
@login_required
def performance(request: HttpRequest) -> HttpResponse:
    """The page; it is read without JavaScript."""
    with one_moment():
        page = PerformancePage(_user(request), request.GET.get("book", ""))
        return render(request, "dashboard/performance.html", {"desk": page})


@require_safe
@never_cache
@login_required
def report_file(request: HttpRequest) -> HttpResponse:
    """The same report as one file that needs no other."""
    with one_moment():
        page = PerformancePage(_user(request), request.GET.get("book", ""))
        if page.chosen is None:
            raise Http404("no such book")
        told = {"book": page.book, "told": page.told, "stylesheet": stylesheet()}
        written = render_to_string("dashboard/report_file.html", told)
    return download(written, "text/html", f"report-{page.book.key}.html")


@require_safe
@never_cache
@login_required
def trades_file(request: HttpRequest) -> HttpResponse:
    """The closed trades, as they are in the report."""
    with one_moment():
        user = _user(request)
        book: Book | None = chosen(books(user), request.GET.get("book", ""))
        if book is None:
            raise Http404("no such book")
        written = trades_csv(closed_trips(user, book))
    return download(written, "text/csv", f"trades-{book.key}.csv")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # login_required
    return request.user
