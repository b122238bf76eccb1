"""What is asked, and that everybody answers it alike."""

import json
import math
import urllib.request
from collections.abc import Sequence
from typing import Any

QUESTIONS = ("balance", "positions", "history")


def requests(question: str, tokens: Sequence[str]) -> list[str]:
    """One of each person, as bytes on the wire; the proxy in front says that they came by HTTPS."""
    return [
        f"GET {_path(question)} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        "X-Forwarded-Proto: https\r\nAccept: application/json\r\n\r\n"
        for token in tokens
    ]


def compare(ports: Sequence[int], tokens: Sequence[str]) -> None:
    """Stop where one of the servers says something else than the first."""
    for question in QUESTIONS:
        for token in tokens:
            first, *others = (_answer(port, question, token) for port in ports)
            for other in others:
                assert _same(first, other), f"{question}:\n{first}\n{other}"


def _path(question: str) -> str:
    return f"/api/v1/account/{question}"


def _answer(port: int, question: str, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-Proto": "https"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{_path(question)}", headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own
        return json.load(answer)["data"]


def _same(one: Any, other: Any) -> bool:
    """Numbers as equal as two ways of dividing them leave them; all else exactly."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return None not in (one, other) and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)
