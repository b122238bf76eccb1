"""Where one embedded server keeps its things, and who is using it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, Protocol

from nija.embedded.locks import FileLock, is_held
from nija.embedded.private import private_folder, var_folder

Profile = Literal["default", "test"]
"""`test` keeps nothing safe on disk: faster, in a folder of its own."""

ServerName = Literal["postgres", "valkey"]

START_MARK = "--- the keeper starts"  # in the log, before what a new keeper has to say


@dataclass(frozen=True, slots=True)
class Station:
    """The folder of one server: `var/postgres`, or `var/test/postgres`.

    Two locks tell everything. `users.lock` is shared by every process that uses the server; the
    keeper waits to have it alone, which means that nobody is left. `server.lock` is held by the
    keeper and inherited by the server and its children; when it is free none of them lives.
    """

    root: Path
    profile: Profile
    name: ServerName

    @property
    def folder(self) -> Path:
        var = self.root / "var"
        return (var / "test" if self.profile == "test" else var) / self.name

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def users(self) -> FileLock:
        return FileLock(self.folder / "users.lock")

    def server(self) -> FileLock:
        return FileLock(self.folder / "server.lock")

    def is_alive(self) -> bool:
        """Whether a keeper or any process of the server lives."""
        return is_held(self.folder / "server.lock")

    def make(self) -> None:
        """Make the folders; those that exist keep the bits that `launch` gave them."""
        var_folder(self.root)
        if self.profile == "test":
            private_folder(self.folder.parent)
        private_folder(self.folder)


class Server(Protocol):
    """What callers and the keeper have to know about one kind of server."""

    @property
    def stop_signals(self) -> tuple[tuple[signal.Signals, float], ...]:
        """The signals that end it cleanly, each with the seconds to wait for it."""

    def address(self) -> str:
        """The URL under which clients find it, whether it runs or not."""

    def answers(self) -> bool:
        """Whether it serves a client now."""

    def homes(self) -> list[Path]:
        """The folders that hold its data, to be deleted by a reset."""

    def prepare(self, log: IO[bytes], keep_open: Sequence[int]) -> None:
        """Make its data ready to be served; nobody else touches them meanwhile."""

    def start(self, log: IO[bytes], keep_open: Sequence[int]) -> subprocess.Popen[bytes]:
        """Start serving."""
