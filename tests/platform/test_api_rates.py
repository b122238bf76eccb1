"""How often one may ask, and what every answer of the API carries."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
import redis
from django.test import Client
from pytest_django import Settings

from apps.accounts.models import User
from apps.accounts.services.token_sessions import sign_in
from apps.common import rates
from apps.dashboard.api import questions
from apps.execution.models import Order
from apps.execution.services import by_hand, halting
from apps.execution.services.tickets import Ticket
from apps.risk.models import KillSwitch
from tests import fakes
from tests.fakes import MINUTE, MONDAY, QUIET, World
from trading.signals import Side

pytestmark = pytest.mark.django_db

LOGIN = "/api/v1/auth/login"
MINE = "/api/v1/account/equity"
NOW = 1_800_000_000.5  # 60 seconds before the next whole minute, whatever the wall says
RESET = 1_800_000_060


@pytest.fixture(autouse=True)
def one_minute(monkeypatch: pytest.MonkeyPatch, valkey: redis.Redis) -> None:
    monkeypatch.setattr(rates, "time", lambda: NOW)


@pytest.fixture
def three_a_minute(settings: Settings) -> None:
    settings.API_RATES = {**dict.fromkeys(settings.API_RATES, 3), "exit": 9, "ticket": 9}


@pytest.fixture
def alice() -> User:
    return fakes.world().alice


def bearer(person: User) -> dict[str, str]:
    pair = sign_in(person.email, f"{person.email.partition('@')[0]}-long-password").pair
    return {"Authorization": f"Bearer {pair.access}"}


def _left(answer: Any) -> tuple[str, str, str]:
    return (
        answer["X-RateLimit-Limit"], answer["X-RateLimit-Remaining"], answer["X-RateLimit-Reset"],
    )  # fmt: skip


@pytest.mark.usefixtures("three_a_minute")
def test_each_answer_says_what_is_left_until_the_next_is_refused(alice: User) -> None:
    client = Client(headers=bearer(alice))
    left = [_left(client.get(MINE)) for _ in range(3)]
    refused = client.get(MINE)

    assert left == [("3", remaining, str(RESET)) for remaining in "210"]
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert refused["Retry-After"] == "60"
    assert _left(refused) == ("3", "0", str(RESET))


@pytest.mark.usefixtures("three_a_minute")
def test_the_next_minute_begins_anew(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(headers=bearer(alice))
    for _ in range(4):
        client.get(MINE)
    monkeypatch.setattr(rates, "time", lambda: NOW + 60)

    assert client.get(MINE).status_code == 200


@pytest.mark.usefixtures("three_a_minute")
def test_everybody_has_a_rate_of_their_own(alice: User, client: Client) -> None:
    hers = Client(headers=bearer(alice))
    for _ in range(4):
        hers.get(MINE)
    assert hers.get(MINE).status_code == 429

    bob = fakes.user("bob")
    assert Client(headers=bearer(bob)).get(MINE).status_code == 404  # no account yet
    assert client.get(MINE).status_code == 401


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("three_a_minute")
def test_many_questions_at_once_do_not_slip_through() -> None:
    def one(_: int) -> int:
        return int(Client().get(MINE).status_code)

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(one, range(24)))

    assert sorted(statuses) == [401] * 3 + [429] * 21


STOP, SWITCH, TRADE = "/api/v1/trading/emergency-stop", "/api/v1/admin/kill-switch", "/api/v2/trade"


def _over(person: User) -> Client:
    """Of somebody whose common rate is used up."""
    client = Client(headers=bearer(person))
    for _ in range(4):
        client.get(MINE)
    assert client.get(MINE).status_code == 429
    return client


@pytest.mark.usefixtures("three_a_minute")
def test_who_asks_too_often_may_still_stop(alice: User) -> None:
    client = _over(alice)
    stopped = [client.post(STOP, {"reason": "now"}, "application/json") for _ in range(9)]

    assert {answer.status_code for answer in stopped} == {200}
    assert KillSwitch.objects.get().user == alice
    assert _left(stopped[-1])[:2] == ("3", "0"), "it was counted all the same"
    assert client.get(STOP).status_code == 429, "to look is not to stop"


@pytest.mark.usefixtures("three_a_minute")
def test_a_stop_that_stands_is_not_drained_for_whoever_repeats_it_too_often(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the locks of everybody's exits; the sweep does it every few seconds."""
    drain, drained = halting.drain, []

    def counted(switch: KillSwitch, now: datetime) -> None:
        drained.append(switch)
        drain(switch, now)

    monkeypatch.setattr(halting, "drain", counted)
    client = _over(alice)
    for _ in range(9):
        assert client.post(STOP, {"reason": "now"}, "application/json").status_code == 200

    assert len(drained) == 1


@pytest.mark.usefixtures("three_a_minute")
def test_staff_who_ask_too_often_may_still_trip(alice: User) -> None:
    operator = fakes.user("root", is_staff=True, is_superuser=True)
    answer = _over(operator).post(SWITCH, {"reason": "now"}, "application/json")

    assert answer.status_code == 200, answer.content
    assert KillSwitch.objects.get().scope == KillSwitch.Scope.PLATFORM


@pytest.mark.usefixtures("three_a_minute")
def test_a_stranger_stops_nothing_and_is_refused(client: Client) -> None:
    statuses = [client.post(STOP, {"reason": "now"}).status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]


@pytest.fixture
def lab() -> World:
    lab = fakes.world()
    lab.play(*QUIET, first=MONDAY)
    return lab


def _order(client: Client, lab: World, side: str, **fields: Any) -> Any:
    body = {"account": lab.account.pk, "symbol": "BTC-USD", "side": side, "quantity": 20}
    return client.post(TRADE, {**body, **fields}, "application/json")


@pytest.mark.usefixtures("three_a_minute")
@pytest.mark.parametrize("says", [{"reduce": True}, {}], ids=["reduce", "a plain sale"])
def test_who_asks_too_often_may_still_close(lab: World, says: dict[str, Any]) -> None:
    by_hand.place(Ticket(lab.account, lab.instrument, Side.BUY, Decimal(20)), key="bought")
    lab.play("100", first=MONDAY + 4 * MINUTE)
    client = _over(lab.alice)

    entry, asked = _order(client, lab, "buy"), _order(client, lab, "sell", simulate=True)
    left = _order(client, lab, "sell", **says)

    assert (entry.status_code, asked.status_code) == (429, 429)
    assert entry.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert (left.status_code, left.json()["data"]["outcome"]) == (201, "ordered")
    assert Order.objects.filter(side="sell", reduce_only=True).exists()


@pytest.mark.usefixtures("three_a_minute")
def test_closing_has_an_allowance_of_its_own_and_no_more(lab: World, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "exit": 2}
    client = _over(lab.alice)
    for _ in range(3):
        assert _order(client, lab, "buy").status_code == 429
    statuses = [_order(client, lab, "sell", reduce=True).status_code for _ in range(3)]

    assert statuses == [400, 400, 429], "there is nothing to close, and somebody asks for ever"


def _break(*_: object) -> None:
    raise RuntimeError("a bug of ours")


@pytest.mark.logs_errors
@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/v1/candles", 400, "VALIDATION_ERROR"),
        ("get", "/api/v1/nothing", 404, "NOT_FOUND"),
        ("get", "/api/nothing", 404, "NOT_FOUND"),
        ("post", MINE, 405, "METHOD_NOT_ALLOWED"),
        ("get", MINE, 500, "INTERNAL_ERROR"),
    ],
)
def test_whatever_goes_wrong_is_told_in_the_envelope_with_the_rate(
    alice: User, monkeypatch: pytest.MonkeyPatch, method: str, path: str, status: int, code: str
) -> None:
    monkeypatch.setattr(questions, "books", _break)
    client = Client(headers=bearer(alice), raise_request_exception=False)

    answer = getattr(client, method)(path)

    body = answer.json()
    assert (answer.status_code, body["success"], body["error"]["code"]) == (status, False, code)
    assert set(body) == {"success", "error", "timestamp"}
    assert "a bug of ours" not in answer.content.decode()
    assert answer["X-RateLimit-Limit"]
    assert answer["Cache-Control"] == "no-store, private"


def test_a_stranger_is_told_the_rate_of_the_address(client: Client, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "address": 60}
    answer = client.get(MINE)
    assert answer.status_code == 401
    assert _left(answer)[:2] == ("60", "59")


def _try(email: str, address: str = "10.0.0.1", **headers: str) -> Any:
    return Client(REMOTE_ADDR=address, headers=headers).post(
        LOGIN, {"email": email, "password": "a-wrong-guess"}, "application/json"
    )


def test_guessing_passwords_is_slow(alice: User, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "sign_in_email": 2, "sign_in_address": 4}

    statuses = [_try("alice@example.com").status_code for _ in range(2)]
    refused = _try("ALICE@example.com")
    others = [_try(f"{name}@example.com").status_code for name in ("bob", "carol")]

    assert statuses == [401, 401]
    assert (refused.status_code, _left(refused)[:2]) == (429, ("2", "0"))
    assert refused.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert others == [401, 429], "the address has its limit too"
    assert _try("alice@example.com", "10.0.0.2").status_code == 401, "nobody locks her out"


def test_only_our_own_proxies_are_believed(settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "sign_in_address": 1}
    invented = [
        _try("a@example.com", **{"X-Forwarded-For": f"1.1.1.{number}"}).status_code
        for number in range(2)
    ]
    assert invented == [401, 429]

    settings.TRUSTED_PROXIES = 1
    told = [
        _try("a@example.com", **{"X-Forwarded-For": f"6.6.6.6, 1.1.1.{number}"}).status_code
        for number in (1, 2, 1)
    ]
    assert told == [401, 401, 429]


@pytest.mark.logs_errors
def test_without_valkey_the_api_answers_and_nobody_signs_in(
    alice: User, settings: Settings
) -> None:
    hers = Client(headers=bearer(alice))
    away = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": away}

    answer, refused = hers.get(MINE), _try("alice@example.com")

    assert answer.status_code == 200
    assert "X-RateLimit-Limit" not in answer
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
