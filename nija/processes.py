"""Child processes that cannot outlive the process that started them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1  # linux/prctl.h
IS_LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True) if IS_LINUX else None  # loaded before any fork


def die_with_parent(signum: signal.Signals, *, parent: int) -> None:
    """Ask the kernel for `signum` when `parent`, this process's parent, dies. Linux only.

    The kernel means the parent *thread* that forked: start children from the main thread.
    """
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, int(signum))
    if os.getppid() != parent:  # it died between the fork and the call above
        os._exit(1)


def spawn(
    arguments: Sequence[str],
    *,
    on_parent_death: signal.Signals,
    environment: Mapping[str, str],
    stdout: int | IO[bytes],
    folder: Path,
    keep_open: Sequence[int] = (),
    user: tuple[int, int] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in its own session, so that a Ctrl-C in our terminal reaches only us.

    `user` is (uid, gid) to become first; only root may ask for that.
    """
    leash = [] if IS_LINUX else [_leash()]
    held = [word for end in leash for word in _leashed(end, on_parent_death)]
    return subprocess.Popen(
        [*held, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        cwd=folder,
        pass_fds=(*keep_open, *leash),
        start_new_session=True,
        user=user[0] if user else None,
        group=user[1] if user else None,
        extra_groups=() if user else None,
        # Runs after the change of user, which would clear the wish.
        preexec_fn=_wish(on_parent_death),  # noqa: PLW1509 - we start children from one thread
    )


def stop(
    child: subprocess.Popen[bytes], *signals: tuple[signal.Signals, float], group: bool = False
) -> int:
    """Send each signal in turn, waiting its seconds, until the child is gone; its exit code."""
    for signum, seconds in (*signals, (signal.SIGKILL, 10.0)):
        send(child, signum, group=group)
        try:
            return child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            continue
    raise TimeoutError(f"process {child.pid} survived SIGKILL")


def send(child: subprocess.Popen[bytes], signum: signal.Signals, *, group: bool = False) -> None:
    """Signal a child, or with `group` all that it started; a dead one is no error."""
    if group:
        try:
            os.killpg(child.pid, signum)
        except ProcessLookupError:
            return
    else:
        child.send_signal(signum)


def _wish(signum: signal.Signals) -> Callable[[], None] | None:
    if not IS_LINUX:
        return None
    parent = os.getpid()
    return lambda: die_with_parent(signum, parent=parent)


@cache
def _leash() -> int:
    """The reading end of a pipe whose writing end lives exactly as long as this process."""
    reading, _writing = os.pipe()
    return reading


def _leashed(leash: int, signum: signal.Signals) -> tuple[str, ...]:
    return (
        sys.executable,
        "-I",
        str(Path(__file__).with_name("leash.py")),
        str(leash),
        str(int(signum)),
    )
