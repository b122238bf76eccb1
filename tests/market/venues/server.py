"""A local HTTP server that stands for a venue. What it says is decided by one protocol (`kraken`,
`binance`, …) over one made-up market, so that every client is asked to read the same candles.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Bar:
    """As a venue tells it: text, so that every digit counts."""

    opened: int  # seconds since the epoch
    open: str
    high: str
    low: str
    close: str
    volume: str


@dataclass
class Market:
    """Minutes of one made-up price. `silent` are minutes (open times) without a trade."""

    now: Callable[[], datetime]
    first: datetime
    symbols: Sequence[str] = ("BTC-USD", "ETH-USD")
    silent: set[datetime] = field(default_factory=set)
    changed: dict[datetime, str] = field(default_factory=dict)  # another close
    late: timedelta = timedelta(0)  # how long after its close a candle is shown
    halted: set[str] = field(default_factory=set)

    def bars(self, seconds: int) -> list[Bar]:
        """Oldest first, the forming one included, none for a stretch without a trade."""
        length = timedelta(seconds=seconds)
        opened = self.first - (self.first - datetime(2020, 1, 1, tzinfo=UTC)) % length
        found = []
        while opened <= self.now() - (self.late and length + self.late):
            if opened not in self.silent:
                found.append(self._bar(opened, opened + length))
            opened += length
        return found

    def _bar(self, opened: datetime, closes: datetime) -> Bar:
        minute = int(opened.timestamp()) // 60
        base = Decimal(100) + Decimal(minute % 50) / 4 + Decimal("0.000000000000000001")
        close = self.changed.get(opened, str(base + Decimal("0.05")))
        forming = closes > self.now()
        high = max(base, Decimal(close)) + (Decimal(0) if forming else Decimal("0.1"))
        low = min(base, Decimal(close)) - Decimal("0.1")
        return Bar(
            int(opened.timestamp()), str(base), str(high), str(low), close, f"{minute % 7 + 1}.5"
        )


@dataclass(frozen=True)
class Reply:
    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    at: float  # monotonic


Protocol = Callable[[Market, str, dict[str, str]], Reply]


class VenueServer:
    """Answers as `protocol` says; `instead` is consumed first, answer by answer, where its test of
    the path holds."""

    def __init__(self, protocol: Protocol, market: Market) -> None:
        self.market, self.asked = market, list[Asked]()
        self.instead: list[tuple[str, Reply]] = []
        self.protocol = protocol
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
                server.asked.append(Asked(parts.path, query, dict(self.headers), time.monotonic()))
                reply = server._reply(parts.path, query)
                self.send_response(reply.status)
                for name, value in {
                    "Content-Type": "application/json", "Content-Length": str(len(reply.raw)),
                    **reply.headers,
                }.items():  # fmt: skip
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.raw)

            def log_message(self, format: str, *arguments: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def pages(self) -> list[Asked]:
        """The questions for candles."""
        words = ("ohlc", "candle", "klines", "bars")
        return [item for item in self.asked if any(word in item.path.lower() for word in words)]

    def close(self) -> None:
        """Nobody answers here any more. (Harmless to repeat.)"""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _reply(self, path: str, query: dict[str, str]) -> Reply:
        for number, (part, reply) in enumerate(self.instead):
            if part in path:
                del self.instead[number]
                return reply
        return self.protocol(self.market, path, query)
