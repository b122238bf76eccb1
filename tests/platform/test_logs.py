"""What a log line carries, how it is written, and that no secret leaves by any way."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable

import pytest
import structlog
from django.conf import settings

from apps.common.logs import bound
from nija import logs
from nija.scrubbing import HIDDEN, Scrubber
from nija.settings import base

SECRETS = {
    "a password": ("password", "hunter2-and-more"),
    "a token": ("access_token", "tok-Zx81kQ"),
    "an API key": ("api_key", "AKIA99XYZ"),
    "a venue's secret": ("api_secret", "s3cr3tS3cr3t"),
    "a cookie": ("Cookie", "sessionid=abcdef123456"),
    "several cookies": ("Cookie", 'theme="dark"; sid=abcdef123456; cart="77seven77"; last=zz9'),
    "a signed header": ("Authorization", "HMAC id-444, nonce=zzz999yyy, sum=aaa111"),
    "a header": ("Authorization", "Bearer abc.def.ghi-jkl"),
    "a database URL": ("DATABASE_URL", "postgresql://nija:pa55w0rd@db/nija"),
    "a key": ("private_key", "0xdeadbeefcafe"),
}
KEPT = {"client_order_id": "0f" * 16, "quantity": "1.5", "key": "value", "position": "7"}
log = logging.getLogger("tests.logs")


def _secret_parts(value: str) -> list[str]:
    """What may not be seen of it: a URL may keep its host, a header its first word."""
    if "://" in value:
        return [value.partition("//")[2].partition("@")[0], "pa55w0rd"]
    parts = [part for part in re.split(r"[ ;,=\"]+", value) if any(map(str.isdigit, part))]
    return parts or [value.rpartition(" ")[2]]


def _say_no(name: str, value: str) -> None:
    raise ValueError(f"the venue said no to {name}={value}")


def _fail(name: str, value: str) -> None:
    try:
        _say_no(name, value)
    except ValueError as error:
        raise RuntimeError({name: value}) from error


def _by_exception(name: str, value: str) -> None:
    try:
        _fail(name, value)
    except RuntimeError:
        log.warning("it failed", exc_info=True)


def _bound(name: str, value: str) -> None:
    with bound(**{name: value}):
        log.warning("it")


class Shown:
    def __init__(self, **values: str) -> None:
        self.values = values

    def __repr__(self) -> str:
        return f"Shown({', '.join(f'{k}={v!r}' for k, v in self.values.items())})"


WAYS: dict[str, Callable[[str, str], object]] = {
    "message": lambda name, value: log.warning(f"it was {name}={value}"),  # noqa: G004
    "message, as a header": lambda name, value: log.warning(f"{name}: {value}"),  # noqa: G004
    "message, as a dict": lambda name, value: log.warning(f"{ {name: value} }"),  # noqa: G004
    "message, as JSON": lambda name, value: log.warning(json.dumps({"a": {name: value}})),
    "message, as a query": lambda name, value: log.warning("GET /a?%s=%s&b=1", name, value),
    "argument": lambda name, value: log.warning("%s is %s", "it", f"{name}={value}"),
    "argument, a dict": lambda name, value: log.warning("%s and %s", {name: value}, [1]),
    "argument, named": lambda name, value: log.warning("got %(it)s", {"it": {name: value}}),
    "argument, an object": lambda name, value: log.warning("got %s", Shown(**{name: value})),
    "extra": lambda name, value: log.warning("it", extra={name: value}),
    "extra, deep": lambda name, value: log.warning("it", extra={"sent": [{"h": {name: value}}]}),
    "extra, an object": lambda name, value: log.warning("it", extra={"it": Shown(**{name: value})}),
    "extra, bytes": lambda name, value: log.warning("it", extra={"b": f"{name}={value}".encode()}),
    "bound": _bound,
    "structlog": lambda name, value: structlog.get_logger("tests").warning("it", **{name: value}),
    "exception text": _by_exception,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("what", SECRETS)
def test_no_secret_is_logged(written: Callable[[], str], what: str, way: str) -> None:
    name, value = SECRETS[what]

    WAYS[way](name, value)

    assert written().count("\n") >= 1
    assert HIDDEN in written()
    for part in _secret_parts(value):
        assert part not in written()


@pytest.mark.parametrize("way", ["message", "argument, a dict", "extra", "exception text"])
def test_our_own_secrets_are_known_by_value(written: Callable[[], str], way: str) -> None:
    WAYS[way]("it", settings.SECRET_KEY)
    assert settings.SECRET_KEY not in written()
    assert HIDDEN in written()


def test_what_is_no_secret_is_kept(written: Callable[[], str]) -> None:
    log.warning("it", extra=KEPT)
    assert KEPT.items() <= json.loads(written()).items()


@pytest.mark.parametrize(
    "said",
    [
        "no token was given",
        "the author of this strategy passed 3 of 4 gates",
        "GET /api/v1/orders?status=open 200",
        "order 0f0f0f0f filled: quantity=1 price=2",
        "connected to https://api.example.com/v1/candles?limit=5",
    ],
)
def test_plain_sentences_stay_as_they_are(said: str) -> None:
    assert Scrubber().text(said) == said


def test_a_line_that_cannot_be_logged_tells_no_arguments(written: Callable[[], str]) -> None:
    stranger = logging.getLogger("tests.unwritable")
    stranger.propagate = False
    stream = io.StringIO()
    handler = logs.QuietStream(stream)
    handler.setFormatter(logs.formatter(as_json=True))
    stranger.addHandler(handler)

    stranger.warning("one %s two %s", "hunter2-and-more")

    assert "could not be logged" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()


def test_production_writes_one_json_object_a_line(written: Callable[[], str]) -> None:
    with bound(run=7, order=3):
        log.warning("first %d", 1)
        _by_exception("a", "b")

    first, second = map(json.loads, written().splitlines())

    assert first["event"] == "first 1"
    assert (first["level"], first["logger"], first["run"], first["order"]) == (
        "warning", "tests.logs", 7, 3,
    )  # fmt: skip
    assert first["timestamp"].endswith("Z")
    assert "RuntimeError" in second["exception"]


def test_a_checkout_writes_lines_to_read() -> None:
    record = log.makeRecord(
        log.name, logging.INFO, __file__, 1, "hello %s", ("you",), None, extra={"run": 7}
    )
    assert logs.formatter(as_json=False).format(record) == "INFO tests.logs: hello you run=7"


def test_nothing_but_the_root_has_a_way_out() -> None:
    """Or lines of that logger would leave as they are."""
    assert {name for name, logger in base.LOGGING["loggers"].items() if logger["handlers"]} == set()
    for name in ("django", "celery", "celery.task", "daphne", "django.server", "nija.requests"):
        assert logging.getLogger(name).handlers == [], name
