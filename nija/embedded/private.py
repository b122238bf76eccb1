"""Folders and secrets that only the user who runs the platform can read."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
import tempfile
from pathlib import Path

from nija.embedded.errors import EmbeddedServerError

SOCKET_PATH_LIMIT = 107  # bytes that fit into sockaddr_un beside the closing NUL
# Other characters would need a different quoting in each of the four clients' address formats.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


def private_folder(path: Path, *, owner: int | None = None, passable: bool = False) -> Path:
    """Make a folder of ours, or make sure that an existing one really is ours.

    A folder that somebody else made (in a shared /tmp, say) is refused, never adopted.
    `passable` lets others through to a folder inside it whose name they know, and no more.
    """
    us = os.geteuid()
    owner = us if owner is None else owner
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
        if found.st_uid not in {owner, us} or not stat.S_ISDIR(found.st_mode):
            raise EmbeddedServerError(
                f"{path} belongs to user {found.st_uid}, not to you (user {us}). "
                "Run the command as that user, or delete the folder."
            )
        if found.st_uid != owner:
            os.chown(path, owner, -1)
        mode = stat.S_IMODE(found.st_mode)
        wanted = 0o711 if passable else (mode & 0o711) | 0o700
        if mode != wanted:
            path.chmod(wanted)
    except OSError as error:
        raise EmbeddedServerError(f"The private folder {path} cannot be made: {error}") from error
    return path


def var_folder(root: Path) -> Path:
    """The private folder of a checkout, which git never sees."""
    folder = private_folder(root / "var")
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    return folder


def private_secret(path: Path) -> str:
    """The secret kept in this file, made up by whoever asks first."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)  # fails where another process was faster; its secret counts
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def hand_over(folder: Path, owner: tuple[int, int]) -> None:
    """Give a folder of ours and all that is in it to a user, where it is not theirs yet."""
    if folder.lstat().st_uid == owner[0]:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, *owner, follow_symlinks=False)


def socket_folder(preferred: Path, *, longest_name: str) -> Path:
    """Where the socket goes: the preferred folder, or a short private one for a long path."""
    socket = str(preferred / longest_name)
    if len(socket.encode()) <= SOCKET_PATH_LIMIT and PLAIN_PATH.fullmatch(socket):
        return preferred
    # Two processes with a different TMPDIR have to find the same socket, so /tmp comes first.
    shared = Path("/tmp")  # noqa: S108 - the folder inside it is 0700 and its owner is checked
    parent = shared if os.access(shared, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    return parent / f"nija-{os.geteuid()}-{fingerprint(preferred)}"


def fingerprint(path: Path) -> str:
    """A short name for a path, the same in every process."""
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
