"""Signing in and out."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from tests import fakes

SIGN_IN = "/accounts/login/"
SIGN_OUT = "/accounts/logout/"
PASSWORD = "alice-long-password"
WRONG = "That email and password do not belong together."


@pytest.fixture
def alice(db: None) -> User:
    return fakes.user("alice")


def _sign_in(client: Client, email: str, password: str, **fields: str) -> Any:
    return client.post(SIGN_IN, {"username": email, "password": password, **fields})


@pytest.mark.parametrize("email", ["alice@example.com", "Alice@Example.COM", " alice@example.com "])
def test_the_case_of_an_email_does_not_matter(client: Client, alice: User, email: str) -> None:
    answer = _sign_in(client, email, PASSWORD)
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert client.get("/").status_code == 200


def test_a_wrong_password_and_an_unknown_email_are_told_alike(client: Client, alice: User) -> None:
    wrong = _sign_in(client, "alice@example.com", "not-her-password")
    unknown = _sign_in(client, "nobody@example.com", PASSWORD)
    assert WRONG in wrong.content.decode()
    assert WRONG in unknown.content.decode()
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [
        ("", PASSWORD, "Type your email."),
        ("alice", PASSWORD, "That is not an email address."),
        ("alice@example.com", "", "Type your password."),
    ],
)
def test_what_is_missing_is_said_beside_the_field(
    client: Client, alice: User, email: str, password: str, words: str
) -> None:
    page = _sign_in(client, email, password).content.decode()
    assert words in page
    assert 'aria-invalid="true"' in page
    assert WRONG not in page


def test_an_account_that_is_switched_off_does_not_open(client: Client, alice: User) -> None:
    alice.is_active = False
    alice.save()
    assert WRONG in _sign_in(client, "alice@example.com", PASSWORD).content.decode()


def test_one_comes_back_to_the_page_that_asked(client: Client, alice: User) -> None:
    answer = _sign_in(client, "alice@example.com", PASSWORD, next="/decisions/7/")
    assert answer["Location"] == "/decisions/7/"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert()"]
)
def test_nobody_is_sent_to_another_site(client: Client, alice: User, target: str) -> None:
    answer = _sign_in(client, "alice@example.com", PASSWORD, next=target)
    assert answer["Location"] == "/"


def test_who_is_signed_in_is_not_asked_again(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get(SIGN_IN)["Location"] == "/"


def test_a_session_does_not_keep_its_name_when_one_signs_in(client: Client, alice: User) -> None:
    client.get(SIGN_IN)
    client.session["planted"] = True
    before = client.session.session_key
    _sign_in(client, "alice@example.com", PASSWORD)
    assert client.session.session_key != before


def test_signing_out_is_a_post(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get(SIGN_OUT).status_code == 405
    assert client.get("/").status_code == 200

    assert client.post(SIGN_OUT)["Location"] == SIGN_IN
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("path", [SIGN_IN, SIGN_OUT])
def test_a_form_of_another_site_is_refused(alice: User, path: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(path).status_code == 403
