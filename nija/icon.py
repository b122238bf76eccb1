"""What browsers ask for on pages that name no icon: the admin's, and documents of the API."""

from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@require_safe
def icon(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(static("common/mark.svg"))
