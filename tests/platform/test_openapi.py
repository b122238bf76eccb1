"""The API's description of itself: complete, without a warning, and true of what it answers."""

import io
import re
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver
from jsonschema import Draft202012Validator

from apps.execution.models import Approval
from apps.research.models import BacktestRun
from apps.research.services import running, runs
from apps.research.services.requests import Request
from apps.risk.models import Decision
from nija import api
from tests import fakes
from tests.fakes import JUMP, MONDAY, QUIET, World

FAILURES = {"400", "401", "405", "429", "500"}


@pytest.fixture(scope="module")
def described() -> Any:
    """Fails where generating it warns of anything."""
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out, stderr=out)
    return yaml.safe_load(out.getvalue())


def _paths(patterns: Any, prefix: str = "/api/v1/") -> set[str]:
    found: set[str] = set()
    for entry in patterns:
        path = prefix + re.sub(r"<\w+:(\w+)>", r"{\1}", str(entry.pattern))
        if isinstance(entry, URLResolver):
            found |= _paths(entry.url_patterns, path)
        elif isinstance(entry, URLPattern):
            found.add(path)
    return found


PATHS = sorted(_paths(api.urlpatterns) | _paths(api.second, "/api/v2/"))


# By what is sent, or by staff: they have tests of their own.
OPENED_OTHERWISE = re.compile("/(auth|admin)/|/(trade|what-if)$")


def test_every_route_is_described_with_its_failures(described: Any) -> None:
    assert sorted(described["paths"]) == PATHS
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert set(operation["responses"]) >= {"200", *FAILURES}, f"{method} {path}"
            assert operation["description"], f"{method} {path}"


def test_a_token_or_a_cookie_opens_all_but_the_sign_in(described: Any) -> None:
    open_to_all = {
        path
        for path, operations in described["paths"].items()
        for operation in operations.values()
        if operation.get("security", [{}]) == [{}]
    }
    assert open_to_all == {"/api/v1/auth/login", "/api/v1/auth/refresh"}


@pytest.fixture(scope="module")
def lab(rows_of_the_file: None) -> World:
    """Alice has been stopped out, has entered again, and has a backtest of all that."""
    lab = fakes.world()
    asked = fakes.version([lab.instrument], "2.0.0")  # she is asked before it enters
    fakes.subscribe(lab.alice, asked, lab.account, execution="approve")
    later = lab.play(*QUIET, JUMP, "102.5", ("101", "101", "98", "98"), first=MONDAY)
    later = lab.play(*QUIET, JUMP, "102.5", first=later)
    backtest = runs.start(lab.alice, Request(lab.version, {}), now=later)
    running.run(backtest.pk, clock=lambda: later)
    return lab


@pytest.mark.django_db
@pytest.mark.parametrize("path", [path for path in PATHS if not OPENED_OTHERWISE.search(path)])
def test_answers_are_as_described(described: Any, lab: World, client: Client, path: str) -> None:
    client.force_login(lab.alice)
    (method, operation), *_ = described["paths"][path].items()
    filled = path.format(
        run=BacktestRun.objects.get().pk,
        approval=Approval.objects.filter(answer="waiting").latest("pk").pk,
        subscription=lab.subscription.pk,
        decision=Decision.objects.earliest("pk").pk,
    )
    answer = getattr(client, method)(filled, {"instrument": "BTC-USD"})
    assert answer.status_code == 200, answer.content
    _fits(described, operation, "200", answer.json())


@pytest.mark.django_db
def test_ordering_by_hand_is_as_described(described: Any, lab: World, client: Client) -> None:
    client.force_login(lab.alice)
    bought = {"account": lab.account.pk, "symbol": "BTC-USD", "side": "buy", "notional": 2500}
    for path, status, sent in (
        ("/api/v1/what-if", 200, {}),
        ("/api/v2/trade", 200, {"simulate": True}),
        ("/api/v2/trade", 201, {}),
        ("/api/v2/trade", 400, {"notional": 50_000}),
    ):
        answer = client.post(path, {**bought, **sent}, "application/json")
        assert answer.status_code == status, answer.content
        _fits(described, described["paths"][path]["post"], str(status), answer.json())


@pytest.mark.django_db
def test_stopping_is_as_described(described: Any, lab: World, client: Client) -> None:
    staff = fakes.user("olga", is_staff=True, is_superuser=True)
    client.force_login(staff)
    for path in ("/api/v1/trading/emergency-stop", "/api/v1/admin/kill-switch"):
        answer = client.post(path, {"reason": "a drill"}, "application/json")
        assert answer.status_code == 200, answer.content
        _fits(described, described["paths"][path]["post"], "200", answer.json())


@pytest.mark.django_db
def test_signing_in_is_as_described(described: Any, lab: World, client: Client) -> None:
    sent = {"email": lab.alice.email, "password": "alice-long-password"}
    for name in ("login", "refresh"):
        path = f"/api/v1/auth/{name}"
        answer = client.post(path, sent, "application/json").json()
        _fits(described, described["paths"][path]["post"], "200", answer)
        sent = {"refresh_token": answer["data"]["refresh_token"]}
    path, bearer = "/api/v1/auth/logout", f"Bearer {answer['data']['access_token']}"
    answer = client.post(path, {}, "application/json", headers={"Authorization": bearer}).json()
    _fits(described, described["paths"][path]["post"], "200", answer)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"),
    [("candles", 400), ("account/balance?book=x", 404), ("account/history?page=0", 400)],
)
def test_failures_are_as_described(
    described: Any, lab: World, client: Client, path: str, status: int
) -> None:
    client.force_login(lab.alice)
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == status
    operation = described["paths"][f"/api/v1/{path.partition('?')[0]}"]["get"]
    _fits(described, operation, str(status), answer.json())


def _fits(described: Any, operation: Any, status: str, body: object) -> None:
    """No field is missing, none is there that is not described, and each is of its type."""
    schema = operation["responses"][status]["content"]["application/json"]["schema"]
    whole = _closed({**schema, "components": described["components"]})
    Draft202012Validator(whole).validate(body)


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(part) for name, part in schema.items()}
    if closed.get("type") == "object" and "properties" in closed:
        closed["additionalProperties"] = False
    return closed


def test_the_description_and_its_page_are_served_from_here(client: Client, db: None) -> None:
    page = client.get("/api/docs")
    text = page.content.decode()
    script = client.get("/api/docs?script=")

    assert page.status_code == 200
    assert "unsafe" not in page["Content-Security-Policy"]
    assert "http" not in text.replace("http-equiv", "")
    assert "<style" not in text
    assert "SwaggerUIBundle" in script.content.decode()
    assert script["Content-Type"].startswith("application/javascript")
    assert client.get("/api/schema").status_code == 200
    for part in ("swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js"):
        assert f"swagger-ui-dist/{part}" in text
        path = f"/static/drf_spectacular_sidecar/swagger-ui-dist/{part}"
        assert client.get(path).status_code == 200
