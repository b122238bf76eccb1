"""The pages for what went wrong; callers of the API get its envelope instead."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from apps.common.api import failure

API = "/api/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, for what does not exist and for what is somebody else's alike."""
    if request.path.startswith(API):
        return JsonResponse(failure("NOT_FOUND", "There is nothing here."), status=404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; the reason is in the log and nowhere else."""
    if request.path.startswith(API):
        message = "Something went wrong on our side. It has been written down."
        return JsonResponse(failure("INTERNAL_ERROR", message), status=500)
    return defaults.server_error(request)
