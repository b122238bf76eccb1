from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.utils.safestring import SafeString, mark_safe

SHEET = "common/nija.css"


@cache
def stylesheet() -> SafeString:
    """The sheet of every page, to be written into a file that is read without the server."""
    found = finders.find(SHEET)
    assert isinstance(found, str)  # it is part of the code
    return mark_safe(Path(found).read_text())  # noqa: S308 - our own file
