class Refused(Exception):
    """We will not do it, and the reader is told why: a stable code and a sentence in their
    words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Conflict(Refused):
    """It could have been done before: what it is about has changed since (409)."""
