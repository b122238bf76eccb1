"""The embedded servers: one for all who use them, gone with the last, safe through every death."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from nija import embedded
from nija.embedded.private import SOCKET_PATH_LIMIT
from tests.platform.server_processes import (
    ServerUser,
    keeper_of,
    processes_of,
    server_of,
    wait_until,
)

StartUser = Callable[..., ServerUser]


def ask(root: Path, query: str, profile: embedded.Profile = "test") -> object:
    url = embedded.address(root, "postgres", profile=profile)
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchone()[0] if cursor.description else None  # type: ignore[index]


@pytest.fixture
def new_root(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    embedded.release(tmp_path)
    wait_until(lambda: not processes_of(tmp_path))


def test_two_processes_use_the_same_server(checkout: Path, start_user: StartUser) -> None:
    first, second = start_user(checkout), start_user(checkout)
    first.wait_until_ready()
    started = ask(checkout, "SELECT pg_postmaster_start_time()::text")
    second.wait_until_ready()
    first.end()

    assert ask(checkout, "SELECT pg_postmaster_start_time()::text") == started


def test_starters_that_race_start_one_server(checkout: Path, start_user: StartUser) -> None:
    users = [start_user(checkout) for _ in range(4)]
    for user in users:
        user.wait_until_ready()

    assert keeper_of(checkout, "postgres").is_running()
    assert keeper_of(checkout, "valkey").is_running()


def test_the_servers_go_with_their_last_user(checkout: Path, start_user: StartUser) -> None:
    first, second = start_user(checkout), start_user(checkout)
    first.wait_until_ready()
    second.wait_until_ready()
    first.kill()
    assert ask(checkout, "SELECT 1") == 1
    second.kill()

    wait_until(lambda: not processes_of(checkout), seconds=5)


def test_data_are_kept_between_starts(new_root: Path) -> None:
    embedded.ensure(new_root)
    ask(new_root, "CREATE TABLE kept AS SELECT 42 AS answer", "default")
    with redis.from_url(embedded.address(new_root, "valkey")) as client:
        client.set("kept", "yes")
    embedded.release(new_root)
    assert not processes_of(new_root)

    embedded.ensure(new_root)

    assert ask(new_root, "SELECT answer FROM kept", "default") == 42
    with redis.from_url(embedded.address(new_root, "valkey")) as client:
        assert client.get("kept") == b"yes"


def test_a_reset_deletes_the_data_and_waits_for_nobody(
    checkout: Path, start_user: StartUser
) -> None:
    user = start_user(checkout)
    user.wait_until_ready()
    ask(checkout, "CREATE TABLE IF NOT EXISTS doomed ()")
    with pytest.raises(embedded.EmbeddedServerError, match="in use by another process"):
        embedded.reset(checkout, profile="test")
    user.end()

    embedded.reset(checkout, profile="test")
    embedded.ensure(checkout, profile="test")

    assert ask(checkout, "SELECT count(*) FROM pg_class WHERE relname = 'doomed'") == 0


def test_a_killed_keeper_takes_its_server_along_and_is_replaced(checkout: Path) -> None:
    embedded.ensure(checkout, profile="test")
    keeper = keeper_of(checkout, "postgres")
    server = server_of(keeper)
    keeper.kill()
    wait_until(lambda: not server.is_running())
    assert not embedded.are_alive(checkout, profile="test")

    embedded.ensure(checkout, profile="test")

    assert ask(checkout, "SELECT 1") == 1
    assert keeper_of(checkout, "postgres").pid != keeper.pid


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_a_killed_server_is_started_again_by_its_keeper(
    checkout: Path, name: embedded.ServerName
) -> None:
    embedded.ensure(checkout, profile="test")
    keeper = keeper_of(checkout, name)
    server = server_of(keeper)
    server.kill()
    wait_until(lambda: server_of(keeper) != server)

    embedded.ensure(checkout, profile="test")

    assert keeper_of(checkout, name) == keeper
    assert ask(checkout, "SELECT 1") == 1


def test_a_stale_pid_file_that_names_a_living_process_is_no_obstacle(checkout: Path) -> None:
    data = checkout / "var/test/postgres/home/data"
    (data / "postmaster.pid").write_text(f"{os.getppid()}\n{data}\n1\n5432\n\n\n  1 1\nready\n")

    embedded.ensure(checkout, profile="test")

    assert ask(checkout, "SELECT 1") == 1


def test_a_path_too_long_for_a_socket_gets_a_short_private_folder(tmp_path: Path) -> None:
    root = tmp_path / ("long" * 25)
    root.mkdir()
    try:
        embedded.ensure(root, profile="test", only=["valkey"])
        url = embedded.address(root, "valkey", profile="test")
        socket = Path(url.removeprefix("unix://").partition("?")[0])

        assert len(str(socket)) <= SOCKET_PATH_LIMIT
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
        with redis.from_url(url) as client:
            assert client.ping()
    finally:
        embedded.release(root, profile="test", only=["valkey"])
        shutil.rmtree(socket.parent)


def test_a_short_folder_that_somebody_else_made_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: real + 1)

    with pytest.raises(embedded.EmbeddedServerError, match=f"belongs to user {real}"):
        embedded.address(tmp_path, "valkey")


def test_only_their_user_can_reach_the_servers(checkout: Path) -> None:
    embedded.ensure(checkout, profile="test")

    folders = [checkout / "var", *(checkout / "var/test").glob("*/home")]
    assert len(folders) == 3
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    url = embedded.address(checkout, "postgres", profile="test")
    password = url.partition("nija:")[2].partition("@")[0]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.replace(password, "guess"))


def test_a_server_that_cannot_start_says_why(checkout: Path) -> None:
    version = checkout / "var/test/postgres/home/data/PG_VERSION"
    right = version.read_text()
    version.write_text("9.6\n")
    try:
        with pytest.raises(embedded.EmbeddedServerError, match=r"did not start(.|\n)*9\.6"):
            embedded.ensure(checkout, profile="test", only=["postgres"])
    finally:
        version.write_text(right)
