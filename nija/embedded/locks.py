"""A file lock that the kernel drops when its last holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class FileLock:
    """flock(2) on one file. A process that inherits the descriptor holds the same lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @classmethod
    def inherited(cls, path: Path, descriptor: int) -> FileLock:
        """The lock that our parent took and handed to us."""
        lock = cls.__new__(cls)
        lock.path, lock.descriptor = path, descriptor
        return lock

    def share(self) -> None:
        """Take the lock together with others; wait while somebody has it alone."""
        fcntl.flock(self.descriptor, fcntl.LOCK_SH)

    def try_alone(self) -> bool:
        """Take the lock alone, or say at once that somebody else holds it."""
        return self._try(fcntl.LOCK_EX)

    def try_share(self) -> bool:
        """Take the lock together with others, or say at once that somebody has it alone."""
        return self._try(fcntl.LOCK_SH)

    def drop(self) -> None:
        """Let go, also for those who inherited it."""
        fcntl.flock(self.descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Forget it here; whoever inherited the descriptor keeps the lock."""
        os.close(self.descriptor)

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self.descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def is_held(path: Path) -> bool:
    """Whether any living process holds this lock."""
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        return not lock.try_alone()
    finally:
        lock.close()
