"""One part of the platform: what it is, and the process that is it now."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nija.processes import send, spawn

FIRST_DELAY: Final = 1.0
LONGEST_DELAY: Final = 30.0
GROWN_UP_SECONDS: Final = 30.0
"""A part that lived this long starts again after the first delay, whatever happened before."""
CHUNK: Final = 65_536
PROBE_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Part:
    """A program to run. It is ready when its port answers or when it prints `ready_line`."""

    name: str
    arguments: tuple[str, ...]
    detail: str = ""
    """Said beside "ready"; empty: the line by which it said so itself."""
    ready_line: re.Pattern[str] | None = None
    port: tuple[str, int] | None = None


@dataclass(slots=True)
class RunningPart:
    """The life of a part: its present process, and when the next one may start."""

    part: Part
    child: subprocess.Popen[bytes] | None = None
    is_ready: bool = False
    born: float = 0.0
    start_at: float = 0.0
    deaths: int = 0
    _unfinished: bytes = field(default=b"", repr=False)

    def start(self, now: float, *, environment: Mapping[str, str], folder: Path) -> int:
        """Start the program; the descriptor of its output."""
        self.child = spawn(
            self.part.arguments,
            # Not asked but killed: nobody would be left to see that it obeys, and every part
            # has to survive this at any instant anyway.
            on_parent_death=signal.SIGKILL,
            environment=environment,
            stdout=subprocess.PIPE,
            folder=folder,
        )
        self.born, self.is_ready, self._unfinished = now, False, b""
        os.set_blocking(self.output, False)
        return self.output

    @property
    def output(self) -> int:
        assert self.child is not None
        assert self.child.stdout is not None
        return self.child.stdout.fileno()

    def lines(self) -> list[str]:
        """What it has printed since the last time, in whole lines."""
        said = self._unfinished
        try:
            while chunk := os.read(self.output, CHUNK):
                said += chunk
        except BlockingIOError:
            pass
        *whole, self._unfinished = said.split(b"\n")
        return [line.decode(errors="replace").rstrip() for line in whole]

    def answers(self) -> bool:
        """Whether its port answers."""
        if self.part.port is None:
            return False
        try:
            socket.create_connection(self.part.port, timeout=PROBE_SECONDS).close()
        except OSError:
            return False
        return True

    def bury(self, now: float) -> float:
        """Put a dead process away with all that it started; the seconds until the next start."""
        assert self.child is not None
        send(self.child, signal.SIGKILL, group=True)
        self.child.wait()
        if self.child.stdout is not None:
            self.child.stdout.close()
        self.child = None
        self.deaths = 1 if now - self.born >= GROWN_UP_SECONDS else self.deaths + 1
        delay = min(FIRST_DELAY * 2.0 ** (self.deaths - 1), LONGEST_DELAY)
        self.start_at = now + delay
        return delay
