from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.subscriptions.models import Plan
from apps.subscriptions.offers import offers


@require_safe
@never_cache
def plans(request: HttpRequest) -> HttpResponse:
    """What is sold, for everybody."""
    families = [
        ("By what you use", offers(Plan.Family.PLATFORM)),
        ("By your capital, for many kinds of assets", offers(Plan.Family.MULTI_ASSET)),
    ]
    return render(request, "subscriptions/plans.html", {"families": families})
