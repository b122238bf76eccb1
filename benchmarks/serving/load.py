"""Many connections to one server, from a process of their own: a job (JSON) comes in, what was
found goes out.

At an offered rate a request is timed from the moment at which it was to be sent, even where no
connection was free yet: a server that falls behind is not asked less often, and not excused.
Without a rate each connection asks again as soon as it is answered.
"""

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self, cast

import uvloop

from benchmarks.stage.telling import tell

ROOT = Path(__file__).parents[2]
END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"
PATIENCE = 2.0  # a server that takes so many times as long is asked no further
OK = (b"HTTP/1.1 200 ", b'{"success":true')


@dataclass(frozen=True)
class Job:
    """`rate` is in requests a second; None = as fast as they are answered."""

    port: int
    requests: list[str]
    connections: int
    seconds: float
    rate: int | None = None


@dataclass(frozen=True)
class Found:
    """`latencies` in ms, sorted; `seconds` from the first request to the last answer. Of requests
    that were `given_up` the latency is what they had waited until then: it would be more.
    """

    latencies: list[float]
    seconds: float
    given_up: int

    @property
    def a_second(self) -> float:
        return len(self.latencies) / self.seconds

    def quantile(self, fraction: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * fraction))]


def ask(job: Job) -> Found:
    """Have a process of its own do the job. Raises where an answer is not a success."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.serving.load"], cwd=ROOT, input=json.dumps(asdict(job)),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Found(**json.loads(done.stdout))


class Connection(asyncio.Protocol):
    """Kept alive; one question at a time."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._answer: asyncio.Future[bytes] | None = None

    @classmethod
    async def to(cls, port: int) -> Self:
        _, made = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is none by name

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(END_OF_HEAD)
        if end < 0:
            return
        head = bytes(self._received[:end]).lower()
        length = int(head.partition(LENGTH)[2].partition(b"\r\n")[0])
        if len(self._received) >= end + len(END_OF_HEAD) + length and self._answer:
            whole, self._received = bytes(self._received), bytearray()
            self._answer.set_result(whole)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("the server has hung up"))

    async def ask(self, request: bytes) -> None:
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        answer = await self._answer
        started, body = OK
        assert answer.startswith(started), answer[:500]
        assert answer.partition(END_OF_HEAD)[2].startswith(body), answer[-500:]


class Load:
    """Goes through the requests in a shuffled order, over and over."""

    def __init__(self, connections: Sequence[Connection], requests: Sequence[str]) -> None:
        self._connections = connections
        self._requests = [request.encode() for request in requests]
        random.Random(1).shuffle(self._requests)
        self._asked = 0
        self._now = time.perf_counter  # the loop counts whole milliseconds
        self.latencies: list[float] = []
        self.given_up = 0

    async def closed(self, seconds: float) -> None:
        end = self._now() + seconds

        async def go_on(connection: Connection) -> None:
            while self._now() < end:
                await self._time(connection, self._now())

        await asyncio.gather(*(go_on(connection) for connection in self._connections))

    async def offered(self, rate: int, seconds: float) -> None:
        free: asyncio.Queue[Connection] = asyncio.Queue()
        for connection in self._connections:
            free.put_nowait(connection)

        async def answered(connection: Connection, due: float) -> None:
            await self._time(connection, due)
            free.put_nowait(connection)

        started = self._now()
        patience = started + PATIENCE * seconds
        async with asyncio.TaskGroup() as asking:
            for number in range(int(rate * seconds)):
                due = started + number / rate
                await asyncio.sleep(max(0.0, due - self._now()))
                connection = await free.get()
                if self._now() < patience:
                    asking.create_task(answered(connection, due))
                else:
                    free.put_nowait(connection)
                    self.given_up += 1
                    self.latencies.append(1e3 * (self._now() - due))

    async def _time(self, connection: Connection, due: float) -> None:
        request = self._requests[self._asked % len(self._requests)]
        self._asked += 1
        await connection.ask(request)
        self.latencies.append(1e3 * (self._now() - due))


async def do(job: Job) -> Found:
    connections = [await Connection.to(job.port) for _ in range(job.connections)]
    load = Load(connections, job.requests)
    started = time.perf_counter()
    if job.rate is None:
        await load.closed(job.seconds)
    else:
        await load.offered(job.rate, job.seconds)
    return Found(sorted(load.latencies), time.perf_counter() - started, load.given_up)


if __name__ == "__main__":
    job = Job(**json.load(sys.stdin))
    tell(asdict(uvloop.run(do(job))))
