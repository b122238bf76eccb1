"""Many clients of one server, in a process of their own:
`python -m benchmarks.streaming.clients URL COOKIES KIND`.

Says "ready" when all are connected, listens until a line comes in, then prints what was heard.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from benchmarks.stage.telling import tell

ROOT = Path(__file__).parents[2]
AT_ONCE = 50  # handshakes

Heard = dict[str, list[float]]
"""By the name of a message the moments at which it arrived (CLOCK_MONOTONIC: that of all
processes)."""


class Clients:
    """They, seen from the process that measures. A client for each cookie."""

    def __init__(self, url: str, cookies: Sequence[str], kind: str) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".json", delete=False) as file:
            json.dump(list(cookies), file)
        self._file = Path(file.name)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.streaming.clients", url, file.name, kind], cwd=ROOT,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        said = self._line()
        assert said == "ready", said

    def heard(self) -> Heard:
        """End them; what they have heard."""
        assert self._process.stdin is not None
        self._process.stdin.write("stop\n")
        self._process.stdin.flush()
        found: Heard = json.loads(self._line())
        self._process.wait()
        self._file.unlink()
        return found

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


async def listen(url: str, cookies: Sequence[str], kind: str) -> None:
    heard: Heard = {}
    gate = asyncio.Semaphore(AT_ONCE)
    origin = Origin(url.replace("ws://", "http://").split("/ws", maxsplit=1)[0])

    async def opened(cookie: str) -> ClientConnection:
        async with gate:
            return await connect(
                url, additional_headers={"Cookie": cookie}, origin=origin, ping_interval=None,
                compression=None,
            )  # fmt: skip

    async def hear(connection: ClientConnection) -> None:
        async for text in connection:
            arrived = time.monotonic()
            message = json.loads(text)
            if message["type"] == kind:
                heard.setdefault(_name(message), []).append(arrived)

    connections = await asyncio.gather(*(opened(cookie) for cookie in cookies))
    listeners = [asyncio.create_task(hear(connection)) for connection in connections]
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    for listener in listeners:
        listener.cancel()
    tell(heard)
    os._exit(0)  # a thousand polite farewells are no part of the measurement


def _name(message: dict[str, Any]) -> str:
    return str(message["data"]["name"] if message["type"] == "event" else message["time"])


if __name__ == "__main__":
    asyncio.run(listen(sys.argv[1], json.loads(Path(sys.argv[2]).read_text()), sys.argv[3]))
