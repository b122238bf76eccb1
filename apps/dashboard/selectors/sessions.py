from collections.abc import Collection
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from apps.accounts.models import User
from apps.accounts.selectors import standing_sessions

Credential = str | int
"""What a socket was opened by: the key of a browser's session, or the id of a token's."""


def signed_in(credentials: Collection[Credential]) -> dict[Credential, int]:
    """The user of each session that still stands; at most three queries."""
    keys = [credential for credential in credentials if isinstance(credential, str)]
    ids = [credential for credential in credentials if isinstance(credential, int)]
    found: dict[Credential, int] = {}
    if keys:
        found.update(_by_cookie(keys))
    if ids:
        found.update({pk: session.user_id for pk, session in standing_sessions(ids).items()})
    return found


def _by_cookie(session_keys: Collection[str]) -> dict[str, int]:
    """The user of each session that still stands: not ended or expired, its user active, signed in
    by a password that has not been changed since. Two queries; sessions are kept in the database.
    """
    store = import_module(settings.SESSION_ENGINE).SessionStore
    standing = store.get_model_class().objects.filter(
        session_key__in=session_keys, expire_date__gt=timezone.now()
    )
    sessions = {row.session_key: row.get_decoded() for row in standing}
    users = User.objects.filter(is_active=True).in_bulk(
        {int(session[SESSION_KEY]) for session in sessions.values() if SESSION_KEY in session}
    )
    return {
        key: int(session[SESSION_KEY])
        for key, session in sessions.items()
        if _is_of(session, users.get(int(session.get(SESSION_KEY, 0))))
    }


def _is_of(session: dict[str, Any], user: User | None) -> bool:
    if user is None or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return False
    return constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
