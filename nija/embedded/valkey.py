"""The embedded Valkey: its command line and its address."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from nija.embedded.binaries import valkey_binary
from nija.embedded.private import private_folder, socket_folder
from nija.embedded.probe import valkey_answers
from nija.embedded.station import Station
from nija.processes import spawn

SOCKET = "valkey.sock"
DATABASES = 64  # a parallel test run takes one for each of its workers
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


class Valkey:
    """One Valkey server on a Unix socket; the 0700 folder of the socket is its access control."""

    stop_signals = ((signal.SIGTERM, 15.0),)

    def __init__(self, station: Station) -> None:
        self.station = station

    def address(self) -> str:
        return f"unix://{self._sockets / SOCKET}?db=0"

    def answers(self) -> bool:
        return valkey_answers(self._sockets / SOCKET)

    def homes(self) -> list[Path]:
        return [self._home]

    def prepare(self, log: IO[bytes], keep_open: Sequence[int]) -> None:
        private_folder(self._home)

    def start(self, log: IO[bytes], keep_open: Sequence[int]) -> subprocess.Popen[bytes]:
        settings = {
            "port": "0",
            "unixsocket": str(self._sockets / SOCKET),
            "unixsocketperm": "700",
            "dir": str(self._home),
            "databases": str(DATABASES),
            "maxmemory-policy": "noeviction",  # a queue must not forget
            "save": "",
            "appendonly": "no" if self.station.profile == "test" else "yes",
        }
        return spawn(
            [
                str(valkey_binary()),
                *(word for name, value in settings.items() for word in (f"--{name}", value)),
            ],
            on_parent_death=signal.SIGTERM,
            environment=ENVIRONMENT,
            stdout=log,
            folder=self._home,
            keep_open=keep_open,
        )

    @property
    def _home(self) -> Path:
        return self.station.folder / "home"

    @property
    def _sockets(self) -> Path:
        folder = socket_folder(self._home, longest_name=SOCKET)
        return folder if folder == self._home else private_folder(folder)
