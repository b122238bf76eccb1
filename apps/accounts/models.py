from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from apps.common.models import OwnedModel


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new person. The email is kept in lower case: sign-in does not depend on its case."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an email address. Every tenant row points at one."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_demo = models.BooleanField(
        default=False, help_text="Made by the demo; production refuses to start with such users."
    )
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once_in_any_case"),
        ]

    def __str__(self) -> str:
        return self.email


class TokenSession(OwnedModel):
    """A sign-in of an API client. It is this row that makes the tokens of a session good: ended, or
    with another password, none of them is (selectors.py).
    """

    refresh_id = models.CharField(max_length=32, help_text="Of the one refresh token not yet used.")
    auth_hash = models.CharField(max_length=128, help_text="Changes with the password.")
    created_at = models.DateTimeField(auto_now_add=True)
    refreshed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user"], name="token_session_of_user")]

    def __str__(self) -> str:
        return f"token session {self.pk}"


class Consent(OwnedModel):
    """That a person has agreed to a document, in the version that they were shown. Withdrawing it
    is a second act on the same row.
    """

    document = models.CharField(max_length=30)
    version = models.CharField(max_length=10)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "document", "version"], condition=models.Q(withdrawn_at=None),
                name="consent_once_while_it_stands",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"consent to {self.document} {self.version}"
