"""A page as its reader sees it."""

import html
import re
from typing import Any

MINUS = "\u2212"


def text(answer: Any) -> str:
    """The words of a page: no tags, single spaces, a plain hyphen for a minus."""
    words = html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))
    return re.sub(r"\s+", " ", words).replace(MINUS, "-")
