from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.common.errors import Refused
from apps.dashboard.asking import book_named, user_of
from apps.dashboard.limits_form import LimitsForm
from apps.dashboard.selectors.own_limits import LimitsPage


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def limits(request: HttpRequest) -> HttpResponse:
    """Which limits hold for the accounts of a book and who set them, and the user's own to set."""
    page = LimitsPage(user_of(request), book_named(request), timezone.now())
    if page.chosen is None:
        return render(request, "dashboard/limits.html", {"desk": page})
    form = LimitsForm(page, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            form.keep(timezone.now())
        except Refused as refused:
            form.add_error(None, f"{refused.code}: {refused.message}")
        else:
            again = urlencode({"book": page.book.key, "saved": 1})
            return HttpResponseRedirect(f"{reverse('dashboard:limits')}?{again}")
    return render(
        request, "dashboard/limits.html",
        {"desk": page, "form": form, "is_saved": "saved" in request.GET and not form.is_bound},
        status=400 if form.is_bound else 200,
    )  # fmt: skip
