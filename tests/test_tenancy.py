"""Nobody reaches the rows of another, by any route. A new route or model is covered at once."""

import itertools
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from apps.accounts.documents import LIVE_TRADING
from apps.accounts.models import User
from apps.accounts.services.consents import give_consent
from apps.accounts.services.token_sessions import sign_in
from apps.brokers.services import record_verification
from apps.common.models import Mode, OwnedModel
from apps.execution.models import Approval
from apps.execution.services.regimes import record_allocations
from apps.market.services.funding_rates import record_rates
from apps.research.services import running, runs
from apps.research.services.requests import Request
from apps.risk.models import CoolDown
from apps.risk.services import record_venue_error
from apps.risk.services.limits import set_limits
from apps.subscriptions import services as plans
from apps.subscriptions.models import Plan
from tests.fakes import (
    JUMP,
    MONDAY,
    QUIET,
    World,
    account,
    regime_snapshot,
    subscribe,
    user,
    version,
    world,
)
from trading.gates.execution_mode import ExecutionMode

pytestmark = pytest.mark.django_db

# Open to everybody on purpose. A route that is not named here must ask who is there.
OPEN_ROUTES = {
    "health", "ready", "metrics", "accounts/login/", "admin/login/", "api/docs", "api/schema",
    "plans/", "favicon.ico",
}  # fmt: skip
# Django's admin asks for staff itself; what staff may see is not a tenant's view.
TENANT_MODELS: list[type[OwnedModel]] = [
    model for model in apps.get_models() if issubclass(model, OwnedModel)
]


class Route(NamedTuple):
    path: str
    arguments: tuple[str, ...]

    def filled(self, value: object) -> str:
        """The path with every argument set to the value."""
        return "/" + re.sub(r"<[^>]+>", str(value), self.path)


def _routes(resolver: URLResolver, prefix: str = "") -> Iterator[Route]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield Route(path, tuple(entry.pattern.converters))
        else:
            yield from _routes(entry, path)


ROUTES = list(_routes(get_resolver()))
PLAIN = [
    route
    for route in ROUTES
    if not route.arguments and "^" not in route.path and route.path not in OPEN_ROUTES
]
LISTS = [route for route in PLAIN if route.path.startswith("api/")]
# What the lists are called that hold rows of tenants. A new one is named here, or found below.
SOMEBODYS = {
    "orders", "fills", "decisions", "runs", "trades", "positions", "markers", "lines", "backtests",
    "approvals", "subscriptions",
}  # fmt: skip
EVERYBODYS = {"instruments", "candles", "plans", "features", "checks"}
METHOD_NOT_ALLOWED = 405
OWN_DAYS = {"points", "daily_pnl", "equity_curve"}  # of the deposit that Bob himself has made
Caller = Callable[[User], Client]
WITH_ID = [route for route in ROUTES if route.arguments and not route.path.startswith("admin/")]


@pytest.fixture
def alices(lab: World) -> World:
    """Alice has a row of every kind that a trade makes, and was charged for holding."""
    return lab


@pytest.fixture(scope="module")
def lab_of_the_file(rows_of_the_file: None) -> World:
    lab = world()
    asked = version([lab.instrument], "2.0.0")  # she is asked before it enters
    subscribe(lab.alice, asked, lab.account, execution=ExecutionMode.APPROVE.value)
    record_rates(lab.instrument.pk, [(MONDAY + timedelta(minutes=6), Decimal("0.0001"))])
    lab.play(*QUIET, JUMP, "102.5", "102", ("101", "101", "98", "98"), first=MONDAY)
    Approval.objects.update(answer="waiting", answered_at=None)  # it was withdrawn by the exit
    record_allocations(regime_snapshot(lab.instrument))
    done_at = MONDAY + timedelta(hours=1)
    backtest = runs.start(lab.alice, Request(lab.version, {}), now=done_at)
    running.run(backtest.pk, clock=lambda: done_at)
    token_of(lab.alice)
    plans.publish()
    pro = Plan.objects.get(code="pro")
    plans.give(lab.alice, pro, now=MONDAY, by="olga", reason="a test")
    give_consent(lab.alice, LIVE_TRADING, LIVE_TRADING.version, now=MONDAY)
    record_verification(lab.account, can_trade=None, can_withdraw=None, now=MONDAY)
    set_limits(lab.alice, Mode.PAPER, {"positions": 2}, now=MONDAY)
    record_venue_error(lab.account, code="unavailable", at=MONDAY)
    CoolDown.objects.create(
        user=lab.alice, account=lab.account, instrument=lab.instrument, mode=Mode.PAPER,
        until=MONDAY,
    )  # fmt: skip
    return lab


@pytest.fixture(params=["cookie", "token"])
def caller(request: pytest.FixtureRequest) -> Caller:
    """A client in which a person is signed in, by either of the two ways there are."""

    def signed_in(person: User) -> Client:
        if request.param == "token":
            return Client(headers={"Authorization": f"Bearer {token_of(person)}"})
        client = Client()
        client.force_login(person)
        return client

    return signed_in


def token_of(person: User) -> str:
    return sign_in(person.email, f"{person.email.partition('@')[0]}-long-password").pair.access


def ask(client: Client, path: str) -> Any:
    """What can only be posted is."""
    answer = client.get(path)
    return client.post(path) if answer.status_code == METHOD_NOT_ALLOWED else answer


@pytest.mark.parametrize("route", PLAIN, ids=lambda route: route.path or "/")
def test_an_anonymous_caller_is_turned_away(client: Client, route: Route) -> None:
    answer = client.get(route.filled(""))
    if answer.status_code in {301, 302}:
        followed = client.get(route.filled(""), follow=True)
        assert "login" in followed.redirect_chain[-1][0], route.path
    else:
        assert answer.status_code in {401, 405}, route.path


@pytest.mark.parametrize("route", WITH_ID, ids=lambda route: route.path)
def test_an_anonymous_caller_learns_nothing_of_an_id(client: Client, route: Route) -> None:
    answer = client.get(route.filled(1))
    assert answer.status_code in {302, 401}, route.path


@pytest.mark.parametrize("route", WITH_ID, ids=lambda route: route.path)
def test_bob_gets_404_for_every_id_of_alice(alices: World, caller: Caller, route: Route) -> None:
    bob = caller(user("bob"))
    for identity in _identities(alices):
        answer = ask(bob, route.filled(identity))
        # A page knows no tokens: it shows the sign-in.
        assert answer.status_code in {404, 302}, f"{route.path} with {identity}"
        assert answer.status_code == 404 or "login" in answer["Location"]


@pytest.mark.parametrize("route", WITH_ID, ids=lambda route: route.path)
def test_alice_reaches_her_own_by_some_id(alices: World, client: Client, route: Route) -> None:
    client.force_login(alices.alice)
    answers = {ask(client, route.filled(pk)).status_code for pk in _identities(alices)}
    assert 200 in answers, f"{route.path} answers nobody: the test above would prove nothing"


@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.path)
def test_bob_is_listed_nothing_of_alices(alices: World, caller: Caller, route: Route) -> None:
    bob = user("bob")
    account(bob, alices.venue, name="Bob's")
    answer = caller(bob).get(route.filled(""), {"instrument": "BTC-USD"})
    assert answer.status_code in {200, 405}, answer.content
    assert list(_rows_of_somebody(answer.json())) == []


@pytest.mark.parametrize("question", [{}, {"status": "open"}], ids=str)
def test_alice_is_listed_hers(alices: World, caller: Caller, question: dict[str, str]) -> None:
    """Or the test above would prove nothing."""
    alices.play(*QUIET, JUMP, "102.5", first=MONDAY + timedelta(hours=1))
    hers = caller(alices.alice)
    found: set[str] = set()
    for route in LISTS:
        answer = hers.get(route.filled(""), {"instrument": "BTC-USD", **question})
        found |= {key for key, _ in _rows_of_somebody(answer.json())}
    assert found >= (SOMEBODYS if not question else {"orders", "trades"})


def _rows_of_somebody(body: Any) -> Iterator[tuple[str, object]]:
    for key, value in (body.get("data") or {}).items():
        if key in SOMEBODYS:
            yield from ((key, row) for row in value)
        else:
            assert not isinstance(value, list) or key in EVERYBODYS | OWN_DAYS, (
                f"whose rows are {key}?"
            )


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model.__name__)
def test_of_gives_a_person_their_own_rows_only(alices: World, model: type[OwnedModel]) -> None:
    bob = user("bob")
    account(bob, alices.venue, name="Bob's")
    rows: Any = model.objects
    assert set(rows.of(bob).values_list("user_id", flat=True)) <= {bob.pk}
    assert set(rows.of(alices.alice).values_list("user_id", flat=True)) <= {alices.alice.pk}


def test_the_world_of_these_tests_has_a_row_of_nearly_every_tenant_model(alices: World) -> None:
    empty = {model.__name__ for model in TENANT_MODELS if not model.objects.exists()}
    # Written by a liquidation, and where a stop is lost, only.
    assert empty <= {"Exit", "NakedSpell"}


def _identities(alices: World) -> Iterator[object]:
    """Every id and public name of every row that Alice has."""
    keys = (model.objects.of(alices.alice).values_list("pk", flat=True) for model in TENANT_MODELS)
    return iter(sorted(set(itertools.chain.from_iterable(keys))))
