"""Signing in to the API by tokens."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.utils import timezone

from apps.accounts.models import TokenSession, User
from tests import fakes

LOGIN = "/api/v1/auth/login"
REFRESH = "/api/v1/auth/refresh"
MINE = "/api/v1/account/equity"
PASSWORD = "alice-long-password"


@pytest.fixture
def alice(db: None) -> User:
    lab = fakes.world()
    return lab.alice


def said(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert body["success"] is (status == 200)
    return body["data"] if status == 200 else body["error"]


def sign_in(client: Client, email: str = "alice@example.com", password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"email": email, "password": password}, "application/json")


def refresh(client: Client, token: str) -> Any:
    return client.post(REFRESH, {"refresh_token": token}, "application/json")


def ask(client: Client, token: str) -> Any:
    return client.get(MINE, headers={"Authorization": f"Bearer {token}"})


def crafted(token: str, claims: Mapping[str, object], key: str = "") -> str:
    """The token with other claims, None taking one out, signed by our key or another."""
    whole = jwt.decode(token, options={"verify_signature": False}) | dict(claims)
    kept = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode(kept, key or settings.SECRET_KEY, "HS256")


def test_a_password_gives_tokens_that_open_the_api(client: Client, alice: User) -> None:
    data = said(sign_in(client, "Alice@Example.com"))

    assert (data["token_type"], data["expires_in"]) == ("Bearer", 900)
    assert data["user"] == {
        "user_id": f"usr_{alice.pk}", "email": "alice@example.com", "full_name": "",
        "subscription_tier": None,
    }  # fmt: skip
    assert said(ask(client, data["access_token"]))["currency"] == "USD"


def test_a_wrong_password_and_an_unknown_email_get_the_same_answer(
    client: Client, alice: User
) -> None:
    errors = [
        said(sign_in(client, password="something-else"), 401),
        said(sign_in(client, "nobody@example.com"), 401),
    ]
    assert errors[0] == errors[1]
    assert errors[0]["code"] == "INVALID_CREDENTIALS"
    assert not TokenSession.objects.exists()


def test_a_disabled_account_is_told_to_who_knows_its_password(client: Client, alice: User) -> None:
    User.objects.update(is_active=False)

    assert said(sign_in(client), 403)["code"] == "ACCOUNT_DISABLED"
    assert said(sign_in(client, password="guess"), 401)["code"] == "INVALID_CREDENTIALS"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": PASSWORD}, "email"),
        ({"email": "alice", "password": PASSWORD}, "email"),
        ({"email": "alice@example.com"}, "password"),
        ({"email": "alice@example.com", "password": "x" * 5_000}, "password"),
        ({"email": "alice@example.com", "password": "\0"}, "password"),
        ({"email": ["alice@example.com"], "password": PASSWORD}, "email"),
    ],
)
def test_what_is_missing_is_named(
    client: Client, db: None, body: Mapping[str, object], field: str
) -> None:
    error = said(client.post(LOGIN, body, "application/json"), 400)
    assert error["code"] == "VALIDATION_ERROR"
    assert list(error["details"]) == [field]


@pytest.mark.parametrize("body", ["{", "[]", '"alice"', "", "null"])
def test_what_is_no_json_object_is_refused(client: Client, db: None, body: str) -> None:
    assert said(client.post(LOGIN, body, "application/json"), 400)["code"] == "VALIDATION_ERROR"


def test_a_refresh_gives_the_next_pair(client: Client, alice: User) -> None:
    first = said(sign_in(client))
    second = said(refresh(client, first["refresh_token"]))

    assert second["refresh_token"] != first["refresh_token"]
    assert said(ask(client, second["access_token"]))
    assert said(refresh(client, second["refresh_token"]))


def test_a_refresh_token_used_twice_ends_the_sign_in_of_both(client: Client, alice: User) -> None:
    first = said(sign_in(client))
    other_sign_in = said(sign_in(client))
    second = said(refresh(client, first["refresh_token"]))

    assert said(refresh(client, first["refresh_token"]), 401)["code"] == "TOKEN_INVALID"

    assert said(refresh(client, second["refresh_token"]), 401)["code"] == "TOKEN_INVALID"
    assert said(ask(client, second["access_token"]), 401)["code"] == "TOKEN_INVALID"
    assert said(ask(client, other_sign_in["access_token"])), "one sign-in ends, not all"


@pytest.mark.django_db(transaction=True)
def test_of_many_refreshes_at_once_one_wins() -> None:
    fakes.user("alice")
    token = said(sign_in(Client()))["refresh_token"]

    def one(_: int) -> int:
        try:
            return int(refresh(Client(), token).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(one, range(8)))

    assert sorted(statuses) == [200] + [401] * 7


def test_neither_token_stands_for_the_other(client: Client, alice: User) -> None:
    pair = said(sign_in(client))
    assert said(ask(client, pair["refresh_token"]), 401)["code"] == "TOKEN_INVALID"
    assert said(refresh(client, pair["access_token"]), 401)["code"] == "TOKEN_INVALID"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": 1}, "TOKEN_EXPIRED"),
        ({"exp": None}, "TOKEN_INVALID"),
        ({"exp": "soon"}, "TOKEN_INVALID"),
        ({"exp": 10**30}, "TOKEN_INVALID"),
        ({"nbf": 10**10}, "TOKEN_INVALID"),
        ({"iss": "another"}, "TOKEN_INVALID"),
        ({"aud": "another"}, "TOKEN_INVALID"),
        ({"session": None}, "TOKEN_INVALID"),
        ({"session": "x"}, "TOKEN_INVALID"),
        ({"session": 2**70}, "TOKEN_INVALID"),
        ({"sub": "0"}, "TOKEN_INVALID"),
    ],
)
def test_a_token_with_other_claims_is_refused(
    client: Client, alice: User, claims: dict[str, object], code: str
) -> None:
    token = said(sign_in(client))["access_token"]
    assert said(ask(client, crafted(token, claims)), 401)["code"] == code


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "ü", "a b"])
def test_what_is_no_token_is_refused(client: Client, alice: User, token: str) -> None:
    answer = ask(client, token)
    assert said(answer, 401)["code"] == "TOKEN_INVALID"
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_token_of_another_key_or_of_none_is_refused(client: Client, alice: User) -> None:
    token = said(sign_in(client))["access_token"]
    unsigned = jwt.encode(jwt.decode(token, options={"verify_signature": False}), "", "none")

    assert said(ask(client, crafted(token, {}, "k" * 64)), 401)["code"] == "TOKEN_INVALID"
    assert said(ask(client, unsigned), 401)["code"] == "TOKEN_INVALID"


def _change_password(alice: User) -> None:
    alice.set_password("another-long-password")
    alice.save()


def _deactivate(alice: User) -> None:
    User.objects.update(is_active=False)


def _end(alice: User) -> None:
    TokenSession.objects.update(revoked_at=timezone.now())


def _let_expire(alice: User) -> None:
    TokenSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize("end", [_change_password, _deactivate, _end, _let_expire])
def test_a_sign_in_that_ended_takes_its_tokens_with_it(
    client: Client, alice: User, end: Any
) -> None:
    pair = said(sign_in(client))
    end(alice)

    assert said(ask(client, pair["access_token"]), 401)["code"] == "TOKEN_INVALID"
    assert said(refresh(client, pair["refresh_token"]), 401)["code"] == "TOKEN_INVALID"


def test_a_bad_token_is_not_made_good_by_a_cookie(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert said(ask(client, "x"), 401)["code"] == "TOKEN_INVALID"


def test_a_token_costs_one_query(
    client: Client, alice: User, django_assert_num_queries: Any
) -> None:
    token = said(sign_in(client))["access_token"]
    with django_assert_num_queries(1):
        client.delete("/api/v1/auth-does-not-matter", headers={"Authorization": f"Bearer {token}"})
        assert client.delete(MINE, headers={"Authorization": f"Bearer {token}"}).status_code == 405
