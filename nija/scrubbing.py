"""Takes secrets out of what is about to be logged: by the names they go by, by how they look, and
by the values of our own. What it does not know it turns into text first, so that nothing is
rendered that was not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

HIDDEN: Final = "[hidden]"
SHORTEST_SECRET = 6  # a shorter one would hide half of the language
DEEPEST = 6

# Parts of names, in any case, with or without - and _ between their words.
NAMES: Final = (
    r"pass(?:word|wd|phrase|code)?\d*|pwd|secret\w*|\w*secret|\w*token|jwt|api[-_ ]?key|"
    r"(?:access|secret|private|encryption|signing|master|data)[-_ ]?key|authori[sz]ation|"
    r"\w*cookies?|session(?:[-_ ]?(?:id|key))?|csrf\w*|credentials?|dsn|signature|otp|pin|"
    r"\w+_pass(?:word|wd)?|\w*(?:database|redis|broker)_url"
)
SECRET_NAME = re.compile(rf"(?:[\w.-]*[-_.])?(?:{NAMES})", re.IGNORECASE)
PAIR = re.compile(
    rf"(?P<name>(?<![A-Za-z0-9])(?:[\w.]*[-_.])?(?:{NAMES}))(?P<between>[\"']?\s*(?:=>|[:=,])\s*)"
    r"(?P<value>(?:b?\"(?:[^\"\\]|\\.)*\")|(?:b?'(?:[^'\\]|\\.)*')|[^\s,;&)\]}\"']+)",
    re.IGNORECASE,
)
# A header goes to the end of its line: what follows the name is all secret.
HEADER = re.compile(
    r"(?P<name>\b(?:proxy-)?authorization|\b(?:set-)?cookie)(?P<between>\s*[:=]\s*)[^\r\n]+",
    re.IGNORECASE,
)
LOOKS: Final = (
    (re.compile(r"([a-z][a-z0-9+.-]*://)[^\s/@\"'<>]*@(?=[^\s@])", re.I), rf"\1{HIDDEN}@"),
    (re.compile(r"\b(Bearer|Basic|Token|Digest)\s+[A-Za-z0-9._~+/=-]{6,}", re.I), rf"\1 {HIDDEN}"),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?"), HIDDEN),  # a JWT
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END[^-]*-----|\Z)", re.S), HIDDEN),
    (re.compile(r"\b(?:sk|rk|pk|whsec|ghp|xox[bp])[-_][\w-]{8,}"), HIDDEN),
    (re.compile(r"\$argon2\w*\$\S+|\bpbkdf2_sha256\$\S+"), HIDDEN),
)


class Scrubber:
    """Knows the secrets of this process by value, and everybody's by name and by look."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {form for secret in secrets for form in (secret, quote(secret, safe=""))}
        longest_first = sorted((s for s in known if len(s) >= SHORTEST_SECRET), key=len)[::-1]
        self._known = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def mapping(self, values: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
        """The same names; a name that says it is a secret keeps no value."""
        return {
            self.text(str(name)): HIDDEN
            if SECRET_NAME.fullmatch(str(name)) and value is not None
            else self.value(value, depth)
            for name, value in values.items()
        }

    def value(self, value: Any, depth: int = 0) -> Any:
        """The value without secrets, made of what JSON knows."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, datetime | date):
            return value.isoformat()
        if isinstance(value, Decimal | UUID):
            return str(value)
        if depth < DEEPEST and isinstance(value, Mapping):
            return self.mapping(value, depth + 1)
        if depth < DEEPEST and isinstance(value, list | tuple | set | frozenset):
            return [self.value(part, depth + 1) for part in value]
        return self.text(value if isinstance(value, str) else repr(value))

    def text(self, text: str) -> str:
        """The sentence without secrets."""
        text = self._known.sub(HIDDEN, text)
        for look, instead in LOOKS:
            text = look.sub(instead, text)
        text = HEADER.sub(rf"\g<name>\g<between>{HIDDEN}", text)
        return PAIR.sub(rf"\g<name>\g<between>{HIDDEN}", text)
