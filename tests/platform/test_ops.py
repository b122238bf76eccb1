"""/health, /ready and /metrics."""

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django.fixtures import Settings

from apps.common import metrics


@pytest.mark.django_db
def test_a_process_that_can_serve_is_ready(client: Client) -> None:
    answer = client.get("/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "checks": {"database": "ok", "valkey": "ok", "migrations": "ok"},
    }


@pytest.mark.logs_errors
@pytest.mark.django_db
def test_without_valkey_it_is_not_ready_but_alive(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {
        "database": "ok", "valkey": "does not answer", "migrations": "ok",
    }  # fmt: skip
    assert client.get("/health").status_code == 200


@pytest.mark.logs_errors
@pytest.mark.django_db
def test_a_migration_that_is_missing_makes_it_not_ready(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'accounts'")
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["migrations"].endswith("not applied")


@pytest.mark.logs_errors
@pytest.mark.django_db
def test_without_the_database_it_says_so_and_no_more(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise DatabaseError("secret-host refused")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {
        "database": "does not answer",
        "valkey": "ok",
        "migrations": "cannot be read",
    }
    assert "secret-host" not in answer.content.decode()


def test_health_asks_nobody(client: Client) -> None:
    assert client.get("/health").json() == {"status": "ok"}  # the database is closed to this test


def test_metrics_are_prometheus_text(client: Client) -> None:
    metrics.RUNS.labels("completed").inc()
    answer = client.get("/metrics")
    assert answer["Content-Type"].startswith("text/plain")
    page = answer.content.decode()
    assert 'nija_runs_total{status="completed"}' in page
    for name in ("nija_decisions_total", "nija_fan_out_seconds", "nija_candle_lag_seconds"):
        assert f"# TYPE {name.removesuffix('_total')}" in page


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
def test_they_are_for_reading(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
