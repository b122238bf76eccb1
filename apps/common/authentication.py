"""Who calls the API. Apart from `api`, since DRF's views load this while they are loaded."""

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class SignedInBySession(SessionAuthentication):
    """The cookie of the pages. An anonymous caller is told 401, which asks for a sign-in."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"
