"""What the settings understand of the environment, and what production refuses."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict
from pytest_django import Settings

import manage
from apps.accounts.models import User
from nija import startup
from nija.settings import env
from nija.settings.refusals import refusals
from tests.platform.server_processes import PROJECT

GOOD = {
    "SECRET_KEY": "k" * 64,
    "DEBUG": "",
    "DATABASE_URL": "postgresql://nija@db/nija",
    "REDIS_URL": "redis://cache:6379/0",
    "ALLOWED_HOSTS": "nija.example.com",
}


@pytest.fixture
def no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "_from_file", {})


@pytest.mark.usefixtures("no_file")
def test_a_file_gives_what_the_environment_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text('# a comment\n\nHOST="10.0.0.7"\nexport PORT=9000\n')
    monkeypatch.setenv("PORT", "9001")
    monkeypatch.delenv("HOST", raising=False)
    env.read_file(file)

    assert env.text("HOST") == "10.0.0.7"
    assert env.port("PORT", 8000) == 9001


@pytest.mark.usefixtures("no_file")
def test_a_line_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=1\nnonsense\n")

    with pytest.raises(ImproperlyConfigured, match="line 2"):
        env.read_file(file)


@pytest.mark.parametrize("said", ["70000", "0", "web"])
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("PORT", said)

    with pytest.raises(ImproperlyConfigured, match="PORT"):
        env.port("PORT", 8000)


def test_a_flag_that_is_neither_yes_nor_no_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "maybe")

    with pytest.raises(ImproperlyConfigured, match="DEBUG='maybe'"):
        env.flag("DEBUG")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u%40x:p%2Fw@/nija?host=%2Frun%2Fpg",
        "postgresql://u:p@/nija?host=db.example.com&port=6432&sslmode=require",
    ],
)
def test_a_database_url_survives_the_way_to_django_and_back(url: str) -> None:
    there = env.database(url)

    assert env.database(env.database_url(there)) == there
    read_by_libpq = conninfo_to_dict(env.database_url(there))
    assert read_by_libpq["options"] == there["OPTIONS"]["options"]


def test_a_database_url_is_taken_apart() -> None:
    found = env.database("postgresql://u%40x:p%2Fw@db:6432/nija?sslmode=require")

    assert (found["USER"], found["PASSWORD"], found["HOST"]) == ("u@x", "p/w", "db")
    assert (found["PORT"], found["NAME"]) == ("6432", "nija")
    assert found["OPTIONS"] == {"sslmode": "require", "options": env.PATIENCE}


def test_a_database_url_may_say_how_long_to_wait() -> None:
    found = env.database("postgresql://u@db/nija?options=-c%20lock_timeout%3D5s")

    assert found["OPTIONS"] == {"options": "-c lock_timeout=5s"}


def test_another_engine_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="only postgresql"):
        env.database("sqlite:///nija.db")


@pytest.mark.parametrize(
    ("url", "numbered", "broker"),
    [
        ("unix:///run/v.sock?db=0", "unix:///run/v.sock?db=3", "redis+socket:///run/v.sock?virtual_host=3"),
        ("redis://:pw@cache:6379/0", "redis://:pw@cache:6379/3", "redis://:pw@cache:6379/3"),
    ],
)  # fmt: skip
def test_a_redis_url_is_spelled_for_each_client(url: str, numbered: str, broker: str) -> None:
    assert env.redis_database(url, 3) == numbered
    assert env.celery_broker(numbered) == broker


def test_production_takes_good_values(tmp_path: Path) -> None:
    assert refusals(GOOD, development_key=tmp_path / "none") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", ""),
        ("REDIS_URL", ""),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", "*"),
        ("DEBUG", "1"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "change-me" + "x" * 60),
        ("SECRET_KEY", "the-key-of-this-checkout" + "x" * 60),
    ],
)
def test_production_refuses_what_only_suits_a_demo(tmp_path: Path, name: str, value: str) -> None:
    key = tmp_path / "secret_key"
    key.write_text("the-key-of-this-checkout" + "x" * 60)

    (reason,) = refusals({**GOOD, name: value}, development_key=key)

    assert reason.startswith(name)


def test_production_settings_name_every_missing_variable(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), "check"],
        env={"DJANGO_SETTINGS_MODULE": "nija.settings.prod", "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )

    assert ended.returncode == 1
    for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS"):
        assert f"{name} is not set" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("part", ["worker", "beat"])
def test_celery_does_not_serve_production_with_demo_users(
    child_environment: Mapping[str, str], part: str
) -> None:
    User.objects.create_user("demo@nija.example", is_demo=True)

    ended = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "nija.celery", part],
        env={
            **child_environment,
            "DJANGO_SETTINGS_MODULE": "nija.settings.prod",
            "SECRET_KEY": GOOD["SECRET_KEY"],
            "ALLOWED_HOSTS": "nija.example.com",
        },
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
    )

    assert "The database holds 1 demo users" in ended.stderr
    assert ended.returncode == 1


START: dict[str, Callable[[], object]] = {
    "asgi": lambda: runpy.run_module("nija.asgi"),
    "wsgi": lambda: runpy.run_module("nija.wsgi"),
    "feed": lambda: manage.main(["manage.py", "feed"]),
    "run": lambda: manage.main(["manage.py", "run", "--only", "beat"]),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", START)
def test_no_part_serves_production_with_demo_users(settings: Settings, part: str) -> None:
    settings.REFUSE_DEMO_USERS = True
    User.objects.create_user("demo@nija.example", is_demo=True)

    with pytest.raises(SystemExit, match="The database holds 1 demo users"):
        START[part]()


@pytest.mark.django_db(transaction=True)
def test_production_starts_without_demo_users(settings: Settings) -> None:
    settings.REFUSE_DEMO_USERS = True
    User.objects.create_user("real@nija.example")

    startup.refuse_demo_users()
