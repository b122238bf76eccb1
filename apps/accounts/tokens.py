"""The two tokens of an API client, signed and read. Whether a session still stands is not in them:
that is its row's to say (selectors.py).
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from apps.common.errors import Refused

SESSION_CLAIM = "session"
# What a crafted token of ours could hold: a claim that is missing or of another type.
ODD = (TokenError, KeyError, TypeError, ValueError, OverflowError)


class Pair(NamedTuple):
    access: str
    refresh: str
    expires_in: int  # seconds, of the access token
    refresh_expires_at: datetime


class Claims(NamedTuple):
    session_id: int
    user_id: int
    token_id: str
    expires_at: datetime


class TokenRefused(Refused):
    """TOKEN_EXPIRED or TOKEN_INVALID."""


def issued(session_id: int, user_id: int, refresh_id: str) -> Pair:
    """A pair for a session; `refresh_id` makes its refresh token the only good one."""
    refresh: Any = RefreshToken()
    refresh[SESSION_CLAIM] = session_id
    refresh[api_settings.USER_ID_CLAIM] = str(user_id)
    refresh[api_settings.JTI_CLAIM] = refresh_id
    access = refresh.access_token
    return Pair(
        access=str(access),
        refresh=str(refresh),
        expires_in=int(access.lifetime.total_seconds()),
        refresh_expires_at=datetime.fromtimestamp(refresh["exp"], tz=UTC),
    )


def read_access(raw: str) -> Claims:
    """Raises TokenRefused."""
    return _read(AccessToken, raw)


def read_refresh(raw: str) -> Claims:
    """Raises TokenRefused."""
    return _read(RefreshToken, raw)


def _read(kind: type[AccessToken] | type[RefreshToken], raw: str) -> Claims:
    try:
        token: Any = kind(raw)  # type: ignore[arg-type]  # an encoded one, which is a str
        return Claims(
            session_id=int(token[SESSION_CLAIM]),
            user_id=int(token[api_settings.USER_ID_CLAIM]),
            token_id=str(token[api_settings.JTI_CLAIM]),
            expires_at=datetime.fromtimestamp(token["exp"], tz=UTC),
        )
    except ExpiredTokenError as error:
        raise TokenRefused("TOKEN_EXPIRED", "This token has expired. Ask for a new one.") from error
    except ODD as error:
        raise TokenRefused("TOKEN_INVALID", "This token is not one of ours.") from error
