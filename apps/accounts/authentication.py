"""Who calls the API by a token. Apart from `api`, since DRF's views load this while they load."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.accounts.models import User
from apps.accounts.selectors import Grant, grant
from apps.accounts.tokens import TokenRefused

SCHEME = "Bearer"


class SignedInByToken(BaseAuthentication):
    """`Authorization: Bearer …`. Where there is such a header, no cookie is looked at."""

    def authenticate(self, request: Request) -> tuple[User, Grant] | None:
        said = get_authorization_header(request).split()
        if not said or said[0].lower() != SCHEME.lower().encode():
            return None
        try:
            found = grant(b"".join(said[1:]).decode("latin1"))
        except TokenRefused as refused:
            raise AuthenticationFailed(refused.message, refused.code) from refused
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        return SCHEME
