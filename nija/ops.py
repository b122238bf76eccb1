"""What a load balancer, an orchestrator and Prometheus ask, without a sign-in."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from nija import metrics_dir

OK = "ok"
PATIENCE_SECONDS = 2.0


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers at all."""
    return JsonResponse({"status": OK})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when this process can serve; else 503, and what fails."""
    asked: dict[str, Callable[[], str]] = {
        "database": _database,
        "valkey": _valkey,
        "migrations": _migrations,
    }
    found = {name: ask() for name, ask in asked.items()}
    is_ready = all(answer == OK for answer in found.values())
    return JsonResponse(
        {"status": OK if is_ready else "not ready", "checks": found},
        status=200 if is_ready else 503,
    )


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, over all processes of this run."""
    return HttpResponse(metrics_dir.page(), content_type=CONTENT_TYPE_LATEST)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return OK


def _valkey() -> str:
    try:
        with redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE_SECONDS) as client:
            client.ping()
    except redis.RedisError:
        return "does not answer"
    return OK


def _migrations() -> str:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "cannot be read"
    return f"{len(missing)} not applied" if missing else OK
