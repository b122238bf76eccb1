"""The servers that are compared, all up at once; who is not asked does nothing."""

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings

from tests.containers.files import parts
from tests.servers import free_port, serving

OURS, DAPHNE, FASTAPI, FLOOR = "ours", "daphne", "FastAPI", "floor"
PROGRAMS = Path(sys.executable).parent
OPEN_TO_ALL, WEB_PORT = "0.0.0.0", "8000"  # noqa: S104 - as docker-compose.yml says it

Ports = Mapping[str, int]


@contextmanager
def running(around: Mapping[str, str]) -> Iterator[Ports]:
    """The port of each. All with the settings of production, and two processes where a server can
    have them.
    """
    with ExitStack() as stack:
        metrics = stack.enter_context(tempfile.TemporaryDirectory(prefix="nija-metrics-"))
        environment = {
            **around,
            "DJANGO_SETTINGS_MODULE": "nija.settings.prod",
            "SECRET_KEY": settings.SECRET_KEY,
            "ALLOWED_HOSTS": "127.0.0.1",
            "PROMETHEUS_MULTIPROC_DIR": metrics,
        }
        ports = {name: free_port() for name in (OURS, DAPHNE, FASTAPI, FLOOR)}
        for name, port in ports.items():
            stack.enter_context(serving(_command(name, port), port, environment, is_quiet=True))
        yield ports


def _command(name: str, port: int) -> Sequence[str]:
    uvicorn = ("uvicorn", "--host", "127.0.0.1", "--port", str(port), "--workers", "2")
    commands = {
        OURS: _as_deployed("nija.wsgi:application", port),
        DAPHNE: ("daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port), "nija.asgi:application"),
        FASTAPI: (*uvicorn, "--no-access-log", "benchmarks.serving.fastapi_peer:application"),
        FLOOR: _as_deployed("benchmarks.serving.floor:application", port),
    }
    program, *arguments = commands[name]
    return (str(PROGRAMS / program), *arguments)


def _as_deployed(application: str, port: int) -> Sequence[str]:
    """The command of docker-compose.yml, another application on another port."""
    said = {OPEN_TO_ALL: "127.0.0.1", WEB_PORT: str(port), "nija.wsgi:application": application}
    return [said.get(word, word) for word in parts()["web"]["command"]]
