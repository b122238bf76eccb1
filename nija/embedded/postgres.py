"""The embedded PostgreSQL: its first start, its command line and its address."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import IO
from urllib.parse import quote

from nija.embedded import launch
from nija.embedded.private import hand_over, private_folder, private_secret, socket_folder
from nija.embedded.probe import postgres_answers
from nija.embedded.station import Station
from nija.processes import spawn

NAME = "nija"  # of the role and of the database
SOCKET = ".s.PGSQL.5432"
BUILTIN_LOCALES_SINCE = 17
# Nothing inherited: PGDATA, PGPORT and the like in our environment must not reach the server.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
SAFE = {"max_connections": "100"}
FAST_AND_LOSSY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """One PostgreSQL server on a Unix socket.

    Passwords (scram) even so: the folder of the socket is 0700, but where root runs the server as
    `nobody` that folder is open to every other process of `nobody`, and `trust` would let it in.
    """

    stop_signals = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0))  # fast, then immediate

    def __init__(self, station: Station) -> None:
        self.station = station

    @cached_property
    def launch(self) -> launch.Launch:
        return launch.choose(self.station.root, self.station.folder)

    def address(self) -> str:
        password = quote(self._password, safe="")
        folder = quote(str(self._sockets), safe="")
        return f"postgresql://{NAME}:{password}@/{NAME}?host={folder}"

    def answers(self) -> bool:
        return postgres_answers(self._sockets / SOCKET)

    def homes(self) -> list[Path]:
        return list({self.station.folder / "home", self.launch.home})

    def prepare(self, log: IO[bytes], keep_open: Sequence[int]) -> None:
        home = self.launch.home
        home.mkdir(mode=0o700, exist_ok=True)
        hand_over(home, self._owner)
        for lock in (self._data / "postmaster.pid", self._sockets / f"{SOCKET}.lock"):
            # We hold server.lock, which every process of an earlier server held until its end:
            # whatever a crash left behind names a process that is gone, or somebody else's.
            lock.unlink(missing_ok=True)
        if not self._data.exists():
            self._initialise(log, keep_open)

    def start(self, log: IO[bytes], keep_open: Sequence[int]) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **SAFE,
            **(FAST_AND_LOSSY if self.station.profile == "test" else {}),
        }
        return spawn(
            self.launch.command(
                "postgres",
                *("-D", str(self._data)),
                *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
            ),
            on_parent_death=signal.SIGINT,
            environment=ENVIRONMENT,
            stdout=log,
            folder=self.launch.home,
            keep_open=keep_open,
            user=self.launch.user,
        )

    @property
    def _data(self) -> Path:
        return self.launch.home / "data"

    @cached_property
    def _password(self) -> str:
        return private_secret(self.station.folder / "password")

    @property
    def _owner(self) -> tuple[int, int]:
        return self.launch.user or (os.geteuid(), os.getegid())

    @cached_property
    def _sockets(self) -> Path:
        home = self.launch.home
        folder = socket_folder(home, longest_name=SOCKET)
        return folder if folder == home else private_folder(folder, owner=self._owner[0])

    def _initialise(self, log: IO[bytes], keep_open: Sequence[int]) -> None:
        """Make cluster and database beside their place, so that half a one is never used."""
        draft = self.launch.home / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)
        secret = self.launch.home / "password.draft"
        secret.unlink(missing_ok=True)
        descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(descriptor, self._password.encode())
        os.fchown(descriptor, *self._owner)
        os.close(descriptor)
        try:
            self._run(
                "initdb",
                *("-D", str(draft), "-U", NAME, "-A", "scram-sha-256", f"--pwfile={secret}"),
                *("--encoding=UTF8", *self._locale()),
                *(("--no-sync",) if self.station.profile == "test" else ()),
                log=log,
                keep_open=keep_open,
            )
        finally:
            secret.unlink()
        creation = f"CREATE DATABASE {NAME};\n".encode()
        single = ("--single", "-D", str(draft), "postgres")
        self._run("postgres", *single, log=log, keep_open=keep_open, typed=creation)
        draft.rename(self._data)

    def _run(
        self,
        program: str,
        *arguments: str,
        log: IO[bytes],
        keep_open: Sequence[int],
        typed: bytes = b"",
    ) -> None:
        user = self.launch.user
        subprocess.run(
            self.launch.command(program, *arguments),
            check=True,
            input=typed,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=ENVIRONMENT,
            cwd=self.launch.home,
            pass_fds=tuple(keep_open),
            user=user[0] if user else None,
            group=user[1] if user else None,
            extra_groups=() if user else None,
        )

    def _locale(self) -> tuple[str, ...]:
        """Sort by code point, know letters beyond ASCII, and need nothing of the machine."""
        said = subprocess.run(
            self.launch.command("postgres", "--version"),
            check=True,
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
            cwd="/",
        ).stdout
        version = re.search(r"(\d+)", said)
        if version and int(version[1]) >= BUILTIN_LOCALES_SINCE:
            return ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        return ("--locale=C",)
