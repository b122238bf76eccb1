"""People in the admin."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from apps.accounts.models import User
from tests import fakes

PEOPLE = "/admin/accounts/user/"


@pytest.fixture
def olga(client: Client, db: None) -> User:
    """Staff that may change people, and no more."""
    staff = fakes.user("olga", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    client.force_login(staff)
    return staff


def _fields(person: User, **changed: object) -> dict[str, Any]:
    fields = {"email": person.email, "name": person.name, "is_active": "on"}
    return {**fields, **changed}


def test_an_email_is_kept_in_lower_case(client: Client, olga: User) -> None:
    bob = fakes.user("bob")
    answer = client.post(f"{PEOPLE}{bob.pk}/change/", _fields(bob, email="Bob@Example.com"))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    bob.refresh_from_db()
    assert bob.email == "bob@example.com"


def test_a_new_person_can_sign_in(client: Client, olga: User) -> None:
    password = "a-rather-long-secret"
    answer = client.post(
        f"{PEOPLE}add/",
        {
            "email": "New@Example.com", "name": "New", "usable_password": "true",
            "password1": password, "password2": password,
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert Client().login(username="new@example.com", password=password)


def test_staff_cannot_give_themselves_more_rights(client: Client, olga: User) -> None:
    client.post(f"{PEOPLE}{olga.pk}/change/", _fields(olga, is_staff="on", is_superuser="on"))
    olga.refresh_from_db()
    assert not olga.is_superuser
    assert olga.is_staff


def test_a_superuser_gives_rights(client: Client, db: None) -> None:
    client.force_login(fakes.user("root", is_staff=True, is_superuser=True))
    bob = fakes.user("bob")
    client.post(f"{PEOPLE}{bob.pk}/change/", _fields(bob, is_staff="on"))
    bob.refresh_from_db()
    assert bob.is_staff


def test_a_password_is_never_shown(client: Client, olga: User) -> None:
    bob = fakes.user("bob")
    page = client.get(f"{PEOPLE}{bob.pk}/change/").content.decode()
    assert bob.password not in page
