"""Static files: the chart library out of its wheel, and serving under both WSGI and ASGI."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage, Storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

CHARTS = "lightweight-charts.js"
CHARTS_PATH = f"vendor/{CHARTS}"


class LightweightChartsFinder(BaseFinder):
    """Serves one file of the `lightweight-charts` wheel as `vendor/lightweight-charts.js`.

    The package is located, never imported: its Python code wants a desktop window.
    """

    def __init__(self, app_names: Sequence[str] | None = None, *_: Any, **__: Any) -> None:
        self.app_names = app_names
        self.folder = _charts_folder()

    def check(self, **_: Any) -> list[CheckMessage]:
        if self.folder is not None:
            return []
        hint = "pip install --no-deps --require-hashes -r requirements-static.txt"
        return [Error("The chart library is not installed.", hint=hint, id="nija.E002")]

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        if self.folder is None or path != CHARTS_PATH:
            return []
        found = str(self.folder / CHARTS)
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:
        if self.folder is not None:
            storage = FileSystemStorage(location=self.folder)
            storage.prefix = "vendor"  # type: ignore[attr-defined]  # how finders rename
            yield CHARTS, storage


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # it has no types
    """WhiteNoise, with whole bodies: a streamed file holds up an ASGI server's event loop."""

    get_response: Callable[[HttpRequest], HttpResponseBase]

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        body = b""
        if found.file is not None:
            with found.file as file:
                body = file.read()
        response = HttpResponse(body, status=int(found.status))
        del response["content-type"]
        for name, value in found.headers:
            response[name] = value
        return response


def _charts_folder() -> Path | None:
    package = importlib.util.find_spec("lightweight_charts")
    if package is None or package.origin is None:
        return None
    folder = Path(package.origin).parent / "js"
    return folder if (folder / CHARTS).is_file() else None
