"""Signing out of the API, and what is left of sign-ins that nobody ends."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import TokenSession, User
from apps.accounts.tasks import forget_expired_sessions
from tests import fakes
from tests.accounts.test_tokens_api import ask, refresh, said, sign_in

LOGOUT = "/api/v1/auth/logout"


@pytest.fixture
def alice(db: None) -> User:
    return fakes.world().alice


def sign_out(client: Client, token: str, **sent: object) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    return client.post(LOGOUT, sent, "application/json", headers=headers)


def test_who_signs_out_has_no_token_left_and_stays_signed_in_elsewhere(
    client: Client, alice: User
) -> None:
    pair, other = said(sign_in(client)), said(sign_in(client))

    assert said(sign_out(client, pair["access_token"]))["message"]

    assert said(ask(client, pair["access_token"]), 401)["code"] == "TOKEN_INVALID"
    assert said(refresh(client, pair["refresh_token"]), 401)["code"] == "TOKEN_INVALID"
    assert said(sign_out(client, pair["access_token"]), 401)["code"] == "TOKEN_INVALID"
    assert said(ask(client, other["access_token"]))


def test_one_may_sign_out_everywhere_and_nobody_else_with_one(client: Client, alice: User) -> None:
    fakes.user("bob")
    pairs = [said(sign_in(client)) for _ in range(2)]
    bobs = said(sign_in(client, "bob@example.com", "bob-long-password"))

    said(sign_out(client, pairs[0]["access_token"], revoke_all=True))

    for pair in pairs:
        assert said(refresh(client, pair["refresh_token"]), 401)["code"] == "TOKEN_INVALID"
    assert said(refresh(client, bobs["refresh_token"]))


def test_who_came_by_a_cookie_can_end_all_sign_ins_and_names_none(
    client: Client, alice: User
) -> None:
    pair = said(sign_in(client))
    client.force_login(alice)

    refused = said(client.post(LOGOUT, {}, "application/json"), 400)
    assert list(refused["details"]) == ["revoke_all"]
    assert said(client.post(LOGOUT, {"revoke_all": True}, "application/json"))
    assert said(refresh(client, pair["refresh_token"]), 401)["code"] == "TOKEN_INVALID"


def test_nobody_signs_out_a_stranger(client: Client, db: None) -> None:
    assert client.post(LOGOUT, {}, "application/json").status_code == 401


def test_only_sign_ins_that_have_expired_are_forgotten(client: Client, alice: User) -> None:
    pair = said(sign_in(client))
    said(sign_in(client))
    expired = TokenSession.objects.latest("id")
    TokenSession.objects.filter(pk=expired.pk).update(expires_at=timezone.now())

    assert forget_expired_sessions.apply().get() == 1

    assert not TokenSession.objects.filter(pk=expired.pk).exists()
    assert said(refresh(client, pair["refresh_token"]))
