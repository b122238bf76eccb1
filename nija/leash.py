"""Run a program and end it when the pipe that we were given breaks.

The way for a child to die with its parent where the kernel has no PR_SET_PDEATHSIG (macOS):
`python leash.py FD SIGNAL program arguments…`. FD is the reading end of a pipe whose writing end
only the parent holds; when the parent dies, by whatever means, reading it ends.
"""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType


def main() -> int:
    leash, ending = int(sys.argv[1]), signal.Signals(int(sys.argv[2]))
    others = [fd for fd in _open_descriptors() if fd > 2 and fd != leash]  # noqa: PLR2004 - stdio
    child = subprocess.Popen(sys.argv[3:], pass_fds=others)

    def forward(signum: int, _frame: FrameType | None) -> None:
        child.send_signal(signum)

    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(signum, forward)
    while child.poll() is None:
        broken, _, _ = select.select([leash], [], [], 0.2)
        if broken:
            child.send_signal(ending)
            child.wait()
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _open_descriptors() -> list[int]:
    """What our parent passed on and the program should have too."""
    listed = [int(entry.name) for entry in Path("/dev/fd").iterdir()]
    return [descriptor for descriptor in listed if _is_open(descriptor)]  # not iterdir's own


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
