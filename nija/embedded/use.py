"""Use the embedded servers of a checkout: start them, let go of them, wipe them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nija.embedded.errors import EmbeddedServerError
from nija.embedded.locks import FileLock
from nija.embedded.servers import server_of
from nija.embedded.station import START_MARK, Profile, ServerName, Station

BOTH: tuple[ServerName, ...] = ("postgres", "valkey")
START_SECONDS = 90.0  # the first start on a slow disk; usually half a second
REST_SECONDS = 30.0
POLL_SECONDS = 0.02
LINES_OF_LOG = 15

_held: dict[Path, FileLock] = {}


def address(root: Path, name: ServerName, *, profile: Profile = "default") -> str:
    """The URL that a server has, or will have; starts nothing."""
    (station,) = _stations(root, profile, [name])
    return server_of(station).address()


def ensure(root: Path, *, profile: Profile = "default", only: Sequence[ServerName] = BOTH) -> None:
    """Return when the servers answer; they will until this process ends or lets go.

    Called again it repairs what has died. Raises EmbeddedServerError when a server cannot start.
    """
    stations = _stations(root, profile, only)
    ours = [_start_if_down(station) for station in map(_enter, stations)]
    for station, started in zip(stations, ours, strict=True):
        _wait_until_it_answers(station, started=started)


def are_alive(
    root: Path, *, profile: Profile = "default", only: Sequence[ServerName] = BOTH
) -> bool:
    """Whether each server has its keeper. Cheap: a few system calls for each."""
    return all(station.is_alive() for station in _stations(root, profile, only))


def release(root: Path, *, profile: Profile = "default", only: Sequence[ServerName] = BOTH) -> None:
    """Let go of the servers, and return when they are at rest or somebody else uses them."""
    stations = _stations(root, profile, only)
    for station in stations:
        _leave(station)
    for station in stations:
        _wait_until_at_rest(station)


def reset(root: Path, *, profile: Profile = "default", only: Sequence[ServerName] = BOTH) -> None:
    """Delete the data. Raises EmbeddedServerError while another process uses the servers."""
    stations = _stations(root, profile, only)
    for station in stations:
        _leave(station)
    for station in stations:
        with _alone(station):
            for home in server_of(station).homes():
                shutil.rmtree(home, ignore_errors=True)


def _stations(root: Path, profile: Profile, only: Sequence[ServerName]) -> list[Station]:
    stations = [Station(root.resolve(), profile, name) for name in only]
    for station in stations:
        station.make()
    return stations


def _enter(station: Station) -> Station:
    """Become a user; waits while a keeper that was about to go is stopping the server."""
    if station.folder not in _held:
        lock = station.users()
        lock.share()
        _held[station.folder] = lock
    return station


def _leave(station: Station) -> None:
    lock = _held.pop(station.folder, None)
    if lock is not None:
        lock.close()


def _start_if_down(station: Station) -> bool:
    """Start a keeper unless one lives, or what it left is still dying; whether we started one."""
    lock = station.server()
    try:
        if not lock.try_alone():
            return False
        project = Path(__file__).parents[2]
        subprocess.run(
            [
                *(sys.executable, "-m", "nija.embedded.keeper"),
                *(str(station.root), station.profile, station.name, str(lock.descriptor)),
            ],
            check=True,
            pass_fds=(lock.descriptor,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=project,
            env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(project)},
        )
        return True
    finally:
        lock.close()  # the keeper has it now


def _wait_until_it_answers(station: Station, *, started: bool) -> None:
    server = server_of(station)
    deadline = time.monotonic() + START_SECONDS
    while not (station.is_alive() and server.answers()):
        if not station.is_alive():
            if started:
                raise EmbeddedServerError(_failure(station, "did not start"))
            started = _start_if_down(station)
        if time.monotonic() > deadline:
            raise EmbeddedServerError(_failure(station, f"gave no answer in {START_SECONDS:.0f} s"))
        time.sleep(POLL_SECONDS)


def _failure(station: Station, what: str) -> str:
    said = station.log.read_text(errors="replace") if station.log.exists() else ""
    lines = said.rpartition(START_MARK)[2].splitlines()[1:]
    shown = "".join(f"\n  {line}" for line in lines[-LINES_OF_LOG:])
    return f"The embedded {station.name} {what}. The end of {station.log}:{shown}"


def _wait_until_at_rest(station: Station) -> None:
    deadline = time.monotonic() + REST_SECONDS
    others = station.users()
    try:
        while station.is_alive() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            if station.is_alive() and _has_users(others):
                return
    finally:
        others.close()


def _has_users(users: FileLock) -> bool:
    """Whether anybody shares the lock now. (A keeper at work has it alone: that is nobody.)"""
    if users.try_alone():
        users.drop()
        return False
    shared = users.try_share()
    if shared:
        users.drop()
    return shared


@contextmanager
def _alone(station: Station) -> Iterator[None]:
    """Hold both locks of a station whose server is at rest."""
    deadline = time.monotonic() + REST_SECONDS
    server, users = station.server(), station.users()
    try:
        while not (server.try_alone() and users.try_alone()):
            server.drop()
            if _has_users(users) or time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"The {station.name} of {station.root} is in use by another process. "
                    "Stop the platform and every command that uses it, then try again."
                )
            time.sleep(POLL_SECONDS)
        yield
    finally:
        server.close()
        users.close()
