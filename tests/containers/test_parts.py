"""Each command of docker-compose.yml, run as it stands there in a folder that holds what the image
holds, with the settings of production, on real servers.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.error import HTTPError

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.containers.files import ROOT, dockerfile, filled_in, parts, seconds, stages
from tests.servers import free_port

HOST = "trade.example.com"
PATIENCE_SECONDS = 60.0
Start = Callable[[str], "Running"]


class Running:
    """One part, and what it has printed."""

    def __init__(
        self, name: str, environment: Mapping[str, str], folder: Path, printed: Path
    ) -> None:
        self.part = parts()[name]
        port = free_port()
        self.port = port
        wanted = self.part["environment"].get("PORT", "8000")
        command = [str(port) if word == wanted else word for word in self.part["command"]]
        self.environment = {**environment, "PORT": str(port)}
        self.grace_seconds = seconds(self.part["stop_grace_period"])
        self.folder = folder
        self.printed = printed
        with printed.open("w") as stream:
            self.process = subprocess.Popen(
                command, env=self.environment, cwd=folder, stdout=stream,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def text(self) -> str:
        return self.printed.read_text()

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.2)

    def is_healthy(self) -> bool:
        """What Docker would find out with the part's health check, or the image's."""
        check = self.part.get("healthcheck", {}).get("test") or _image_check()
        shell, words = check[0] == "CMD-SHELL", check[1:]
        command = ["sh", "-c", filled_in(words[0], {})] if shell else words
        return not subprocess.run(
            command, env=self.environment, cwd=self.folder, capture_output=True, check=False
        ).returncode

    def end(self) -> int:
        """As `docker stop` does it, with the time that the part has for it. One that takes longer
        tells where each of its processes stands.
        """
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=self.grace_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGABRT)
            self.process.wait()
            raise AssertionError(f"It had not ended in time:\n{self.text()}") from None


def _image_check() -> list[str]:
    (check,) = [step.text for step in dockerfile() if step.word == "HEALTHCHECK"]
    words = check.partition("CMD ")[2]
    return ["CMD", *[word.strip(' "') for word in words.strip("[]").split(",")]]


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """The folder /app of the image: what the Dockerfile copies, after what it runs there."""
    folder = Path(tempfile.mkdtemp(prefix="nija-image-"))
    first = stages()[0]
    for step in first:
        if step.word == "COPY":
            *sources, target = step.arguments
            for source in sources:
                _copy(ROOT / source, folder / (source if target == "./" else target))
    last_run = [step.text for step in first if step.word == "RUN"][-1]
    subprocess.run(["sh", "-ec", last_run], cwd=folder, env={"PATH": _path()}, check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    yield folder
    shutil.rmtree(folder)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _path() -> str:
    return f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"


@pytest.fixture
def start(image: Path, child_environment: Mapping[str, str], tmp_path: Path) -> Iterator[Start]:
    """Starts a part; afterwards all are ended and have written nothing beside the code."""
    before = _files(image)
    metrics = tmp_path / "metrics"
    metrics.mkdir()
    running: list[Running] = []
    environment = {
        "PATH": _path(),
        "HOSTNAME": socket.gethostname(),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONFAULTHANDLER": "1",
        "DJANGO_SETTINGS_MODULE": "nija.settings.prod",
        "SECRET_KEY": "of-a-test-" + "k" * 60,
        "ALLOWED_HOSTS": HOST,
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        **{name: child_environment[name] for name in ("DATABASE_URL", "REDIS_URL")},
    }

    def begin(name: str) -> Running:
        printed = tmp_path / f"{name}-{len(running)}.log"
        running.append(Running(name, environment, image, printed))
        return running[-1]

    yield begin
    for part in running:
        part.end()
    assert _files(image) == before


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def _get(port: int, path: str, host: str = HOST) -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", headers={"Host": host, "X-Forwarded-Proto": "https"}
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_the_static_files_of_the_image_are_made_with_it(image: Path) -> None:
    made = {path.name for path in (image / "build" / "static").rglob("*.js")}
    assert "lightweight-charts.js" in made


@pytest.mark.parametrize("name", ["web", "websockets"])
def test_a_web_part_serves_and_is_found_healthy(start: Start, name: str) -> None:
    part = start(name)
    part.wait_for(part.is_healthy)

    assert _get(part.port, "/ready") == 200
    assert _get(part.port, "/accounts/login/") == 200
    assert _get(part.port, "/ready", host="evil.example.com") == 400
    assert part.end() in {0, -signal.SIGTERM}
    assert not part.is_healthy()


def test_streams_are_opened_at_websockets_and_nowhere_else(start: Start) -> None:
    """Which is all that the rule of the proxy in docs/deploy.md has to know."""
    streams, web = start("websockets"), start("web")
    for part in (streams, web):
        part.wait_for(part.is_healthy)

    def opened(port: int, origin: str) -> bool:
        try:
            with connect(f"ws://127.0.0.1:{port}/ws/positions", origin=Origin(origin)) as socket:
                socket.recv(timeout=5)
        except InvalidHandshake:
            return False
        except (ConnectionClosed, TimeoutError):
            return True  # and closed again: nobody is signed in
        return True

    assert opened(streams.port, f"https://{HOST}")
    assert not opened(streams.port, "https://evil.example.com")
    assert not opened(web.port, f"https://{HOST}")
    assert _get(web.port, "/ws/positions") == 404


def test_the_lines_of_the_web_part_are_json_and_name_no_secret(start: Start) -> None:
    part = start("web")
    part.wait_for(part.is_healthy)
    _get(part.port, "/accounts/login/?token=hunter2-and-more")

    part.wait_for(lambda: "/accounts/login/" in part.text())
    part.end()

    lines = [line for line in part.text().splitlines() if line.strip()]
    assert [line for line in lines if not line.startswith("{")] == []
    assert "hunter2" not in part.text()


def test_the_web_part_ends_in_time_while_it_still_starts(start: Start) -> None:
    """They load the code for seconds, and do not hear meanwhile that they shall end."""
    part = start("web")
    part.wait_for(lambda: "Spawning worker-2" in part.text())

    assert part.end() == 0


@pytest.mark.parametrize("name", ["worker", "exits"])
def test_a_worker_answers_when_it_is_asked_whether_it_is_well(start: Start, name: str) -> None:
    part = start(name)
    part.wait_for(lambda: "the worker is ready" in part.text())
    part.wait_for(part.is_healthy)
    assert part.end() == 0
    assert not part.is_healthy()


@pytest.mark.parametrize(("name", "says"), [("beat", "the beat is ready"), ("feed", "")])
def test_a_part_without_a_port_starts_and_ends(start: Start, name: str, says: str) -> None:
    part = start(name)
    part.wait_for(lambda: bool(part.text()) and says in part.text())
    assert part.end() == 0


def test_migrating_twice_changes_nothing(start: Start) -> None:
    assert [start("migrate").process.wait(PATIENCE_SECONDS) for _ in range(2)] == [0, 0]
