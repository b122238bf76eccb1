"""A person's backtests: asked for, watched, read and kept."""

import zlib

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import User
from apps.common.errors import Refused
from apps.dashboard.backtest_form import BacktestForm, form_as_typed, form_of
from apps.dashboard.downloads import download
from apps.dashboard.moment import one_moment
from apps.dashboard.selectors.backtest import BacktestDone, run_facts
from apps.dashboard.selectors.backtest_chart import Question, chart
from apps.dashboard.selectors.backtests import run_list, run_of, versions_to_try
from apps.dashboard.stylesheet import stylesheet
from apps.events.selectors import last_sequences
from apps.research.models import BacktestRun
from apps.research.services import runs
from apps.research.services.entries import limits_csv
from apps.strategies.models import StrategyVersion
from trading.performance.telling import trades_csv


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def backtests(request: HttpRequest) -> HttpResponse:
    """The list, and the form that starts one; it is read and used without JavaScript."""
    user = _user(request)
    form = _form(request, user)
    if request.method == "POST" and form is not None:
        started = _started(user, form)
        if started is not None:
            return redirect("dashboard:backtest", started.pk)
    with one_moment():
        told = {
            "sequence": _sequence(user),
            "runs": run_list(user, request.GET.get("page", "")),
            "versions": versions_to_try(),
            "form": form,
        }
        return render(request, "dashboard/backtests.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def backtest(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, or what came of it. To post to it is to cancel it; what is finished stays as
    it is."""
    if request.method == "POST":
        runs.cancel(_run(request, pk), now=timezone.now())
        return redirect("dashboard:backtest", pk)
    with one_moment():
        sequence = _sequence(_user(request))
        run = _run(request, pk)
    if run.result is None:
        waits = {"run": run, "sequence": sequence, "facts": run_facts(run)}
        return render(request, "dashboard/backtest_waits.html", waits)
    done = BacktestDone(run)  # a result never changes
    told = {
        "run": run,
        "done": done,
        "trades": done.trades(request.GET.get("page", "")),
        "chart": chart(done, _question(request)),
    }
    return render(request, "dashboard/backtest.html", told)


@require_safe
@never_cache
@login_required
def export_json(request: HttpRequest, pk: int) -> HttpResponse:
    """The object that `manage.py backtest --json --equity` prints."""
    run = _finished(request, pk)
    assert run.result is not None
    kept = zlib.decompress(run.result.packed).decode()
    return download(kept, "application/json", f"backtest-{pk}.json")


@require_safe
@never_cache
@login_required
def export_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The trades, as those of accounts are kept."""
    done = BacktestDone(_finished(request, pk))
    return download(trades_csv(done.trips), "text/csv", f"backtest-{pk}.csv")


@require_safe
@never_cache
@login_required
def export_limits(request: HttpRequest, pk: int) -> HttpResponse:
    """The limits that held, and how many entries each code refused and each cap cut down."""
    run = _finished(request, pk)
    assert run.result is not None
    written = limits_csv(run.result.payload)
    return download(written, "text/csv", f"backtest-{pk}-limits.csv")


@require_safe
@never_cache
@login_required
def export_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The report as one file that needs no other."""
    done = BacktestDone(_finished(request, pk))
    told = {"book": done.book, "told": done.told, "facts": done.facts, "stylesheet": stylesheet()}
    written = render_to_string("dashboard/report_file.html", told)
    return download(written, "text/html", f"backtest-{pk}.html")


def _form(request: HttpRequest, user: User) -> BacktestForm | None:
    """As it was typed, as an earlier run was, or as the chosen version says. None = no version."""
    if request.method == "POST":
        version = _version(request.POST.get("version", ""))
        return None if version is None else form_as_typed(version, request.POST)
    like = request.GET.get("like", "")
    run = run_of(user, int(like)) if like.isdecimal() else None
    if run is not None:
        return form_of(run.strategy_version, run)
    version = _version(request.GET.get("version", ""))
    return None if version is None else form_of(version)


def _version(said: str) -> StrategyVersion | None:
    """The one that is named, else the first."""
    found = versions_to_try()
    return next((item for item in found if str(item.pk) == said), found[0] if found else None)


def _started(user: User, form: BacktestForm) -> BacktestRun | None:
    """None where something cannot be used; the form says what."""
    asked = form.request()
    if asked is None:
        return None
    try:
        return runs.start(user, asked, now=timezone.now())
    except Refused as refused:
        form.refuse(refused)
        return None


def _run(request: HttpRequest, pk: int) -> BacktestRun:
    found = run_of(_user(request), pk)
    if found is None:
        raise Http404("no such backtest")
    return found


def _finished(request: HttpRequest, pk: int) -> BacktestRun:
    found = _run(request, pk)
    if found.result is None:
        raise Http404("it has no result")
    return found


def _question(request: HttpRequest) -> Question:
    """What cannot be read is as if it had not been asked."""
    trade, until = request.GET.get("trade", ""), request.GET.get("until", "")
    return Question(
        symbol=request.GET.get("symbol", ""),
        trade=int(trade) if trade.isdecimal() else None,
        until=int(until) if until.isdecimal() else None,
    )


def _sequence(user: User) -> int:
    """The stream goes on from here: what happens after the page was read is told."""
    return last_sequences([user.pk]).get(user.pk, 0)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # login_required
    return request.user
