"""What every line of a request, a connection and a task carries."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from celery import shared_task
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from nija import celery
from nija.request_context import named_connection
from tests.fakes import user

log = logging.getLogger("tests.logs")


def _says(request: HttpRequest) -> HttpResponse:
    """A view that logs before and after it knows who asks."""
    log.warning("before")
    str(request.user)
    log.warning("after")
    return HttpResponse("ok")


def _quiet(request: HttpRequest) -> HttpResponse:
    log.warning("before")
    return HttpResponse("ok")


urlpatterns = [path("says", _says), path("quiet", _quiet)]


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_lines_of_a_request_carry_its_id_and_its_user(
    client: Client, written: Callable[[], str]
) -> None:
    alice = user("alice")
    client.force_login(alice)

    answer = client.get("/says?token=hunter2-and-more", headers={"X-Request-ID": "from-a-proxy-1"})
    other = client.get("/says", headers={"X-Request-ID": "bad id\n"})

    lines = [json.loads(line) for line in written().splitlines()]
    before, after = (line for line in lines[:2])
    assert before["request_id"] == after["request_id"] == "from-a-proxy-1"
    assert answer["X-Request-ID"] == "from-a-proxy-1"
    assert "user_id" not in before
    assert after["user_id"] == alice.pk
    assert len(other["X-Request-ID"]) == 32
    assert "hunter2" not in written()


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_a_line_asks_the_database_nothing(
    client: Client, django_assert_num_queries: Any, written: Callable[[], str]
) -> None:
    client.force_login(user("alice"))

    with django_assert_num_queries(0):
        client.get("/quiet")

    assert "before" in written()


async def test_lines_of_a_connection_carry_its_id_and_its_user(
    written: Callable[[], str],
) -> None:
    class Person:
        pk = 12

    async def application(scope: Any, receive: Any, send: Any) -> None:
        log.warning("connected")

    await named_connection(application)({"user": Person()}, None, None)

    line = json.loads(written())
    assert line["user_id"] == 12
    assert len(line["connection_id"]) == 32


@shared_task(name="tests.says_something")  # type: ignore[untyped-decorator]
def says_something() -> None:
    log.warning("working")


def test_lines_of_a_task_carry_its_id_and_its_name(written: Callable[[], str]) -> None:
    done = says_something.apply()
    log.warning("after it")

    during, after = (json.loads(line) for line in written().splitlines())

    assert celery.app is not None
    assert (during["task"], during["task_id"]) == ("tests.says_something", done.id)
    assert "task_id" not in after
