"""Signing in and staying signed in without a cookie."""

import logging
from datetime import datetime
from typing import NamedTuple
from uuid import uuid4

from django.contrib.auth.backends import AllowAllUsersModelBackend
from django.utils import timezone

from apps.accounts import tokens
from apps.accounts.models import TokenSession, User
from apps.accounts.selectors import ENDED, standing_sessions
from apps.common import db
from apps.common.errors import Refused

log = logging.getLogger(__name__)


class CredentialsRefused(Refused):
    """INVALID_CREDENTIALS, told alike for a wrong password and an unknown email."""


class AccountDisabled(Refused):
    """ACCOUNT_DISABLED: told only to who knows the password."""


class SignedIn(NamedTuple):
    user: User
    pair: tokens.Pair


def sign_in(email: str, password: str) -> SignedIn:
    """A new session. Raises CredentialsRefused and AccountDisabled."""
    # This backend takes the same time for an email that nobody has.
    user = AllowAllUsersModelBackend().authenticate(None, username=email, password=password)
    if not isinstance(user, User):
        raise CredentialsRefused(
            "INVALID_CREDENTIALS", "That email and password do not belong together."
        )
    if not user.is_active:
        raise AccountDisabled("ACCOUNT_DISABLED", "This account is switched off.")
    return SignedIn(user, _opened(user))


@db.transaction
def _opened(user: User) -> tokens.Pair:
    now = timezone.now()
    session = TokenSession(
        user=user,
        refresh_id=uuid4().hex,
        auth_hash=user.get_session_auth_hash(),
        refreshed_at=now,
        expires_at=now,
    )
    session.save()
    pair = tokens.issued(session.pk, user.pk, session.refresh_id)
    TokenSession.objects.filter(pk=session.pk).update(expires_at=pair.refresh_expires_at)
    return pair


def refresh(refresh_token: str) -> tokens.Pair:
    """A new pair; the refresh token is spent. One that was spent before ends its session, for its
    owner and for whoever else has it. Raises TokenRefused.
    """
    claims = tokens.read_refresh(refresh_token)
    if claims.session_id not in standing_sessions([claims.session_id]):
        raise tokens.TokenRefused("TOKEN_INVALID", ENDED)
    pair = tokens.issued(claims.session_id, claims.user_id, uuid4().hex)
    next_id = tokens.read_refresh(pair.refresh).token_id
    session = TokenSession.objects.filter(pk=claims.session_id, revoked_at=None)
    swapped = session.filter(refresh_id=claims.token_id, user_id=claims.user_id).update(
        refresh_id=next_id, refreshed_at=timezone.now(), expires_at=pair.refresh_expires_at
    )
    if swapped:
        return pair
    if session.update(revoked_at=timezone.now()):
        log.warning("session %s is ended: its refresh token was used twice", claims.session_id)
    raise tokens.TokenRefused("TOKEN_INVALID", ENDED)


def sign_out(user: User, session_id: int) -> None:
    """End this session: neither of its tokens is good any more."""
    TokenSession.objects.of(user).filter(pk=session_id).update(revoked_at=timezone.now())


def sign_out_everywhere(user: User) -> None:
    """End all sessions of the user, on every device."""
    TokenSession.objects.of(user).filter(revoked_at=None).update(revoked_at=timezone.now())


def forget_expired(now: datetime) -> int:
    """Delete the sessions whose last refresh token is of no use any more; how many there were."""
    gone, _ = TokenSession.objects.filter(expires_at__lte=now).delete()
    return gone
