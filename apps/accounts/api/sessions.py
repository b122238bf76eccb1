"""Signing in and out by tokens. Signing in is open to all, so how often an address tries counts."""

import hashlib
from typing import Any, cast

from django.conf import settings
from rest_framework import serializers
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    PermissionDenied,
    ValidationError,
)
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.authentication import SCHEME
from apps.accounts.models import User
from apps.accounts.selectors import Grant
from apps.accounts.services import token_sessions
from apps.accounts.tokens import Pair
from apps.common import rates
from apps.common.addresses import address_of
from apps.common.api import OverRate, Unavailable, asked, success
from apps.common.errors import Refused
from apps.common.schema import answers

LONGEST_SECRET = 4_096


class Credentials(serializers.Serializer[Any]):
    email = serializers.EmailField()
    password = serializers.CharField(max_length=LONGEST_SECRET, trim_whitespace=False)


class RefreshToken(serializers.Serializer[Any]):
    refresh_token = serializers.CharField(max_length=LONGEST_SECRET)


class Tokens(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField(help_text="Good for one use: the answer has the next.")
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds, of the access token.")


class SignOut(serializers.Serializer[Any]):
    revoke_all = serializers.BooleanField(
        default=False, help_text="End every sign-in by tokens, on other devices too."
    )


class SignedOut(serializers.Serializer[Any]):
    message = serializers.CharField()


class Person(serializers.Serializer[Any]):
    user_id = serializers.CharField()
    email = serializers.EmailField()
    full_name = serializers.CharField()
    subscription_tier = serializers.CharField(allow_null=True, help_text="Null without a plan.")


class SignedIn(Tokens):
    user = Person()


class Open(APIView):
    """No token and no cookie is looked at: a spent one does not stand in the way."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get_authenticate_header(self, request: Request) -> str:
        return SCHEME  # so that a refusal is a 401 without an authentication class, too


class Login(Open):
    @answers("login", SignedIn, sends=Credentials, also=[403, 503])
    def post(self, request: Request) -> Response:
        """Email and password for an access and a refresh token."""
        said = asked(Credentials(data=request.data))
        email, address = str(said["email"]).lower(), address_of(request)
        who = hashlib.sha256(f"{address} {email}".encode()).hexdigest()
        _count(f"sign-in:{address}", "sign_in_address")
        _count(f"sign-in:{who}", "sign_in_email")
        try:
            user, pair = token_sessions.sign_in(email, said["password"])
        except token_sessions.AccountDisabled as refused:
            raise PermissionDenied(refused.message, refused.code) from refused
        except Refused as refused:
            raise _unauthorized(refused) from refused
        person = {
            "user_id": f"usr_{user.pk}",
            "email": user.email,
            "full_name": user.name,
            "subscription_tier": None,
        }
        return success({**_tokens(pair), "user": person})


class Refresh(Open):
    @answers("refresh", Tokens, sends=RefreshToken)
    def post(self, request: Request) -> Response:
        """The next pair for a refresh token, which is spent by it. One that comes a second time
        ends the whole sign-in: either copy may have been stolen.
        """
        said = asked(RefreshToken(data=request.data))
        try:
            pair = token_sessions.refresh(said["refresh_token"])
        except Refused as refused:
            raise _unauthorized(refused) from refused
        return success(_tokens(pair))


class Logout(APIView):
    @answers("logout", SignedOut, sends=SignOut)
    def post(self, request: Request) -> Response:
        """Ends the sign-in of the access token: neither it nor its refresh token is good any more.
        A cookie is not ended here.
        """
        user, grant = cast("User", request.user), request.auth
        if asked(SignOut(data=request.data))["revoke_all"]:
            token_sessions.sign_out_everywhere(user)
        elif isinstance(grant, Grant):
            token_sessions.sign_out(user, grant.session_id)
        else:
            raise ValidationError({"revoke_all": ["You sent no token, so there is none to end."]})
        return success({"message": "You are signed out."})


def _tokens(pair: Pair) -> dict[str, object]:
    return {
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "token_type": SCHEME,
        "expires_in": pair.expires_in,
    }


def _count(who: str, kind: str) -> None:
    """Unlike other rates this one holds without Valkey too: then nobody signs in."""
    rate = rates.count(who, settings.API_RATES[kind])
    if rate is None:
        raise Unavailable
    if rate.is_over:
        raise OverRate(rate)


def _unauthorized(refused: Refused) -> APIException:
    return AuthenticationFailed(refused.message, refused.code)
