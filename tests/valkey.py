"""A Valkey server of a test's own, to be killed, hung and started again."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nija.embedded.binaries import valkey_binary
from nija.embedded.probe import valkey_answers
from nija.processes import spawn, stop

START_SECONDS = 10.0


class PrivateValkey:
    """Keeps nothing: what was in it is gone after a restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "valkey.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}?db=0"

    def start(self) -> None:
        """Return when it answers."""
        self._process = spawn(
            [
                *(str(valkey_binary()), "--port", "0", "--unixsocket", str(self._socket)),
                *("--save", "", "--dir", str(self._folder)),
            ],
            on_parent_death=signal.SIGTERM,
            environment={"PATH": os.defpath},
            stdout=subprocess.DEVNULL,
            folder=self._folder,
        )
        deadline = time.monotonic() + START_SECONDS
        while not valkey_answers(self._socket):
            assert time.monotonic() < deadline, "Valkey did not start"
            time.sleep(0.02)

    def kill(self) -> None:
        assert self._process is not None
        stop(self._process, (signal.SIGKILL, 10.0))

    def hang(self) -> None:
        """Take connections, and answer nobody."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Answer again, those that have waited too."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def private_valkey() -> Iterator[PrivateValkey]:
    """Started, and gone afterwards. In a folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="nija-valkey-") as folder:
        server = PrivateValkey(Path(folder))
        server.start()
        yield server
        server.kill()
