"""What every response carries, the chart library, and metrics of several processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.test import Client
from pytest_django import Settings

from nija import metrics_dir
from nija.settings import base
from tests.platform.server_processes import PROJECT

COUNT = """
from prometheus_client import Counter, Gauge
Counter("seen", "").inc(2)
Gauge("busy", "", multiprocess_mode="livesum").set(5)
"""


def test_nothing_from_another_host_and_nothing_inline_runs(client: Client) -> None:
    policy = client.get("/nowhere")["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "script-src 'self';" in policy
    assert "connect-src 'self' ws://testserver;" in policy
    assert "unsafe" not in policy


def test_the_chart_library_comes_out_of_its_wheel(client: Client) -> None:
    response = client.get("/static/vendor/lightweight-charts.js")

    assert response.status_code == 200
    assert b"LightweightCharts" in response.content
    assert response["Content-Type"].startswith("text/javascript")


def test_no_other_file_of_that_wheel_is_served(client: Client) -> None:
    assert finders.find("vendor/bundle.js") is None
    assert client.get("/static/vendor/bundle.js").status_code == 404


def test_passwords_are_hashed_with_argon2id(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS

    hashed = make_password("a long enough password")

    assert identify_hasher(hashed).algorithm == "argon2"
    assert "$argon2id$" in hashed


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    made = metrics_dir.made_for_this_run(tmp_path / "metrics")
    settings.METRICS_DIR = str(made)
    return made


def test_what_several_processes_count_adds_up(folder: Path) -> None:
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-c", COUNT],
            env={metrics_dir.VARIABLE: str(folder)},
            cwd=PROJECT,
            check=True,
        )
    assert "seen_total 4.0" in metrics_dir.page().decode()
    assert "busy 10.0" in metrics_dir.page().decode()

    metrics_dir.forget_the_dead(folder)

    assert "seen_total 4.0" in metrics_dir.page().decode()
    assert "busy" not in metrics_dir.page().decode()


def test_a_run_begins_with_no_values_of_an_earlier_one(folder: Path) -> None:
    (folder / "counter_1.db").write_bytes(b"old")
    living = folder.with_name(str(os.getppid()))
    living.mkdir()

    again = metrics_dir.made_for_this_run(folder.parent)

    assert list(again.iterdir()) == []
    assert living.exists()  # another run that still lives


def test_pages_that_name_no_icon_have_ours(client: Client) -> None:
    """The admin's are among them."""
    answer = client.get("/favicon.ico")

    assert answer.status_code == 302
    assert answer.headers["Location"] == static("common/mark.svg")
    assert finders.find("common/mark.svg")


def test_no_plural_in_the_admin_is_a_singular_with_an_s_where_that_is_none() -> None:
    plurals = [str(model._meta.verbose_name_plural) for model in admin.site._registry]

    assert "price watches" in plurals
    assert [name for name in plurals if re.search("(ch|sh|ss|x|[^aeiou]y)s$", name)] == []
