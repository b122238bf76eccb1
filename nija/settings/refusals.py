"""Why production settings refuse to start. A pure function, so that each reason can be tested."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

SHORTEST_KEY = 50
EXAMPLE_KEY = "change-me"  # in .env.example


def refusals(values: Mapping[str, str], *, development_key: Path) -> list[str]:
    """One line for each variable that is missing or only suits a demo, in the reader's words."""
    reasons = [
        f"{name} is not set: {why}"
        for name, why in (
            ("DATABASE_URL", "production needs a PostgreSQL server of its own."),
            ("REDIS_URL", "production needs a Valkey or Redis server of its own."),
            ("ALLOWED_HOSTS", "name the hosts that this server answers to, separated by commas."),
        )
        if not values[name].strip()
    ]
    if values["DEBUG"].strip().lower() not in {"", "0", "false", "no", "off"}:
        reasons.append("DEBUG is set: it shows secrets to visitors. Unset it.")
    if "*" in [host.strip() for host in values["ALLOWED_HOSTS"].split(",")]:
        reasons.append("ALLOWED_HOSTS is *: name the hosts that this server answers to.")
    problem = _problem_with_key(values["SECRET_KEY"], development_key)
    if problem:
        reasons.append(f"SECRET_KEY {problem}")
    return reasons


def _problem_with_key(key: str, development_key: Path) -> str | None:
    if not key:
        return "is not set: make one with `openssl rand -base64 48`."
    if key.startswith((EXAMPLE_KEY, "django-insecure")):
        return "is the default of an example: everybody knows it."
    if development_key.is_file() and key == development_key.read_text().strip():
        return "is the key of the development servers: make another one."
    if len(key) < SHORTEST_KEY:
        return f"is shorter than {SHORTEST_KEY} characters."
    return None
