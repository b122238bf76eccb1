from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.crypto import constant_time_compare

from apps.accounts import tokens
from apps.accounts.documents import Document
from apps.accounts.models import Consent, TokenSession, User

ENDED = "This sign-in has ended. Sign in again."


class Grant(NamedTuple):
    """Who a token speaks for, and until when."""

    user: User
    session_id: int
    expires_at: datetime


def grant(access_token: str) -> Grant:
    """Raises TokenRefused where the token or its session does not stand. One query."""
    claims = tokens.read_access(access_token)
    session = standing_sessions([claims.session_id]).get(claims.session_id)
    if session is None or session.user_id != claims.user_id:
        raise tokens.TokenRefused("TOKEN_INVALID", ENDED)
    return Grant(session.user, session.pk, claims.expires_at)


def standing_sessions(ids: Collection[int]) -> dict[int, TokenSession]:
    """Those not ended or expired, of an active user whose password has not been changed since."""
    rows = TokenSession.objects.filter(
        pk__in=ids, revoked_at=None, expires_at__gt=timezone.now(), user__is_active=True
    )
    return {
        row.pk: row
        for row in rows.select_related("user")
        if constant_time_compare(row.auth_hash, row.user.get_session_auth_hash())
    }


def consent_to(user: User, document: Document) -> Consent | None:
    """To the words that are in force; None = not given, or withdrawn."""
    own = Consent.objects.of(user).filter(
        document=document.code, version=document.version, withdrawn_at=None
    )
    found: Consent | None = own.first()
    return found
