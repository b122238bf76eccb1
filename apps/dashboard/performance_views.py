"""How the trading of one book has gone, to be read, kept and calculated with."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.dashboard.asking import book_named, user_of
from apps.dashboard.downloads import download
from apps.dashboard.moment import one_moment
from apps.dashboard.selectors.performance import PerformancePage
from apps.dashboard.stylesheet import stylesheet
from trading.performance.telling import trades_csv


@require_safe
@never_cache
@login_required
def performance(request: HttpRequest) -> HttpResponse:
    """The page; it is read without JavaScript."""
    with one_moment():
        return render(request, "dashboard/performance.html", {"desk": _page(request)})


@require_safe
@never_cache
@login_required
def report_file(request: HttpRequest) -> HttpResponse:
    """The same report as one file that needs no other."""
    with one_moment():
        page = _page_of_a_book(request)
        told = {"book": page.book, "told": page.told, "stylesheet": stylesheet()}
        written = render_to_string("dashboard/report_file.html", told)
    return download(written, "text/html", f"report-{page.book.key}.html")


@require_safe
@never_cache
@login_required
def trades_file(request: HttpRequest) -> HttpResponse:
    """The closed trades, as they are in the report."""
    with one_moment():
        page = _page_of_a_book(request)
        written = trades_csv(page.trips)
    return download(written, "text/csv", f"trades-{page.book.key}.csv")


def _page(request: HttpRequest) -> PerformancePage:
    return PerformancePage(user_of(request), book_named(request))


def _page_of_a_book(request: HttpRequest) -> PerformancePage:
    """A file is of something: without a book there is none."""
    found = _page(request)
    if found.chosen is None:
        raise Http404("no such book")
    return found
