"""How PostgreSQL, which refuses to run as root, can be run by the user we are.

An ordinary user runs it plainly. Root tries, in this order: a user namespace, in which root is
user 1 while every file stays root's; the user `nobody`, with the binaries copied to a folder that
`nobody` can reach where the checkout is closed to it; the same two with the system's binaries.
No account is made and no permission outside our own folders is changed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nija.embedded.binaries import postgres_binaries
from nija.embedded.errors import EmbeddedServerError
from nija.embedded.private import fingerprint, hand_over, private_folder, var_folder

USER_NAMESPACE = ("--user", "--map-user=1", "--map-group=1")
PROBE_SECONDS = 20
# Survives a restart of the machine, unlike /tmp.
LASTING_FOLDER = Path("/var/tmp")  # noqa: S108 - the folder inside it is 0700, its owner checked


@dataclass(frozen=True, slots=True)
class Launch:
    """One way to run PostgreSQL that was tried and works."""

    name: str
    binaries: Path
    home: Path
    """The folder for data and socket, owned by the user that PostgreSQL runs as."""
    prefix: tuple[str, ...] = ()
    user: tuple[int, int] | None = None

    def command(self, program: str, *arguments: str) -> list[str]:
        """The argument list that runs one of PostgreSQL's programs this way."""
        return [*self.prefix, str(self.binaries / program), *arguments]


def choose(root: Path, station: Path, *, allowed: tuple[str, ...] = ()) -> Launch:
    """The first way that works here; `allowed` narrows the ways (tests try each one)."""
    tried: list[str] = []
    for launch in _ways(root, station):
        if allowed and launch.name not in allowed:
            continue
        problem = _problem(launch)
        if problem is None:
            return launch
        tried.append(f"{launch.name} with {launch.binaries}: {problem}")
    raise EmbeddedServerError(
        "No PostgreSQL can be started here.\n"
        + "".join(f"  tried {attempt}\n" for attempt in tried)
        + "Do one of these:\n"
        "  install PostgreSQL 14 or newer (Debian, Ubuntu: apt install postgresql),\n"
        "  run the command as an ordinary user instead of root,\n"
        "  or set DATABASE_URL to a PostgreSQL server that you have."
    )


def _ways(root: Path, station: Path) -> Iterator[Launch]:
    home = station / "home"
    for binaries in postgres_binaries():
        if os.geteuid() != 0:
            yield Launch("plain", binaries, home)
            continue
        unshare = shutil.which("unshare")
        if unshare:
            yield Launch("namespace", binaries, home, prefix=(unshare, *USER_NAMESPACE))
        yield from _as_nobody(binaries, root, station)


def _as_nobody(binaries: Path, root: Path, station: Path) -> Iterator[Launch]:
    """Made lazily, since it makes folders: only tried where the namespace did not work."""
    user = _nobody()
    home = _home_for(user, root, station)
    plain = Launch("nobody", binaries, home, user=user)
    wheel = binaries.parent.name == "pginstall"  # the system's programs are open to everybody
    if wheel and _problem(plain) is not None:
        yield Launch("nobody", _copied(binaries, home, user), home, user=user)
    else:
        yield plain


def _home_for(user: tuple[int, int], root: Path, station: Path) -> Path:
    """The data stay in the checkout where the user can pass through the folders above it."""
    var = var_folder(root)
    if all(_passable(folder.stat(), user) for folder in var.resolve().parents):
        inner = [station, *station.parents]
        for folder in inner[: inner.index(var) + 1]:
            private_folder(folder, passable=True)
        home = station / "home"
        home.mkdir(mode=0o700, exist_ok=True)
        hand_over(home, user)
        return home
    return private_folder(LASTING_FOLDER / f"nija-{fingerprint(station)}", owner=user[0])


def _copied(binaries: Path, home: Path, user: tuple[int, int]) -> Path:
    """The wheel's programs with their libraries, in a folder that the user can reach."""
    copy = home / "programs" / "pginstall"
    stamp = home / "programs" / "from"
    if not (stamp.exists() and stamp.read_text() == str(binaries)):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(binaries.parent, copy, symlinks=True)
        libraries = binaries.parents[1].with_suffix(".libs")  # found as ../../../<name> from bin
        shutil.copytree(libraries, home / libraries.name, symlinks=True, dirs_exist_ok=True)
        stamp.write_text(str(binaries))
        for path in (home, *home.rglob("*")):
            os.chown(path, *user, follow_symlinks=False)
    return copy / "bin"


def _problem(launch: Launch) -> str | None:
    """Why the way does not work; None when it does."""
    try:
        subprocess.run(
            launch.command("postgres", "--version"),
            check=True,
            capture_output=True,
            timeout=PROBE_SECONDS,
            cwd="/",
            user=launch.user[0] if launch.user else None,
            group=launch.user[1] if launch.user else None,
            extra_groups=() if launch.user else None,
        )
    except subprocess.CalledProcessError as error:
        return error.stderr.decode(errors="replace").strip() or f"exit {error.returncode}"
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return None


def _nobody() -> tuple[int, int]:
    try:
        found = pwd.getpwnam("nobody")
    except KeyError:
        return (65534, 65534)
    return (found.pw_uid, found.pw_gid)


def _passable(found: os.stat_result, user: tuple[int, int]) -> bool:
    if found.st_uid == user[0]:
        return bool(found.st_mode & 0o100)
    if found.st_gid == user[1]:
        return bool(found.st_mode & 0o010)
    return bool(found.st_mode & 0o001)
