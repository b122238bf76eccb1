"""The process that keeps one embedded server for as long as anybody uses it.

`python -m nija.embedded.keeper ROOT PROFILE NAME DESCRIPTOR`, started by `ensure`. DESCRIPTOR is
server.lock, already taken. The keeper leaves its starter (own session, adopted by init), starts
the server as its child, starts it again when it dies, and waits until it can have users.lock
alone: then nobody uses the server any more. It stops the server and goes, still holding both
locks, so that the next user waits until the data are at rest. Killed outright, the keeper takes
the server with it, and server.lock stays held until the last process of the server is gone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import IO, cast

from nija.embedded.errors import EmbeddedServerError
from nija.embedded.locks import FileLock
from nija.embedded.servers import server_of
from nija.embedded.station import START_MARK, Profile, Server, ServerName, Station
from nija.processes import stop

POLL_SECONDS = 0.1
LARGEST_LOG = 5_000_000
PATIENCE = 5
"""How often in a row a server that worked may die young before the keeper gives up."""
YOUNG_SECONDS = 10.0


class Keeper:
    """Keeps one server; `asked_to_stop` is set by SIGTERM."""

    def __init__(self, station: Station, descriptor: int, log: IO[bytes]) -> None:
        self.server: Server = server_of(station)
        self.users = station.users()
        self.lock = FileLock.inherited(station.folder / "server.lock", descriptor)
        self.log = log
        self.asked_to_stop = False
        self.has_answered = False

    def ask_to_stop(self, _signum: int, _frame: FrameType | None) -> None:
        self.asked_to_stop = True

    def run(self) -> None:
        """Serve until nobody is left; raises when the server cannot be kept alive."""
        died_young = 0
        while died_young < PATIENCE:
            self.server.prepare(self.log, [self.lock.descriptor])
            born = time.monotonic()
            child = self.server.start(self.log, [self.lock.descriptor])
            if self._stay_until_unused(child):
                stop(child, *self.server.stop_signals)
                self.say("stopped: nobody uses the server")
                return
            died_young = died_young + 1 if time.monotonic() - born < YOUNG_SECONDS else 0
            self.say(f"the server died (exit {child.returncode})")
            if child.returncode >= 0 and not self.has_answered:
                break  # it ended by itself and never worked: no better the second time
            time.sleep(0.2 * died_young)
        raise EmbeddedServerError("The server keeps dying; the lines above say why.")

    def say(self, line: str) -> None:
        self.log.write(f"{line}\n".encode())
        self.log.flush()

    def _stay_until_unused(self, child: subprocess.Popen[bytes]) -> bool:
        """True when the last user has gone, False when the server died before."""
        while child.poll() is None:
            self.has_answered = self.has_answered or self.server.answers()
            if self.asked_to_stop or self.users.try_alone():
                return True
            time.sleep(POLL_SECONDS)
        return False


def main(root: str, profile: str, name: str, descriptor: str) -> int:
    station = Station(Path(root), cast("Profile", profile), cast("ServerName", name))
    os.umask(0o077)
    with _open_log(station.log) as log:
        keeper = Keeper(station, int(descriptor), log)
        signal.signal(signal.SIGTERM, keeper.ask_to_stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        keeper.say(f"{START_MARK} (process {os.getpid()})")
        try:
            keeper.run()
        except (EmbeddedServerError, OSError, subprocess.SubprocessError) as error:
            keeper.say(str(error))
            return 1
    return 0


def _open_log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


if __name__ == "__main__":
    if os.fork():
        os._exit(0)  # our starter waits for this one; the keeper itself belongs to init
    os.setsid()
    sys.exit(main(*sys.argv[1:]))
