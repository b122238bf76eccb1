from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.common.errors import Refused
from apps.dashboard.asking import user_of
from apps.dashboard.selectors.supposed import Supposed, supposed
from apps.dashboard.what_if_form import WhatIfForm
from apps.execution.services import by_hand


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def what_if(request: HttpRequest) -> HttpResponse:
    """What every gate would say to an order now; nothing is ordered or written."""
    form = WhatIfForm(user_of(request), request.POST if request.method == "POST" else None)
    found: Supposed | None = None
    if form.is_valid():
        try:
            found = supposed(by_hand.what_if(form.ticket))
        except Refused as refused:
            form.add_error(None, f"{refused.code}: {refused.message}")
    is_wrong = form.is_bound and found is None
    return render(
        request, "dashboard/what_if.html", {"form": form, "found": found},
        status=400 if is_wrong else 200,
    )  # fmt: skip
