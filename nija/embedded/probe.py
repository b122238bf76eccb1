"""Ask a server whether it answers, in its own protocol and without a password."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

PROTOCOL_3 = 196608
PATIENCE_SECONDS = 5.0


def postgres_answers(path: Path) -> bool:
    """Whether a PostgreSQL takes connections: it asks for a password ("R"), not "starting up"."""
    words = b"user\0nija\0database\0nija\0\0"
    return _says(path, struct.pack("!ii", len(words) + 8, PROTOCOL_3) + words).startswith(b"R")


def valkey_answers(path: Path) -> bool:
    """Whether a Valkey serves: "-LOADING" while it reads its file, "+PONG" afterwards."""
    return _says(path, b"PING\r\n").startswith(b"+PONG")


def _says(path: Path, question: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE_SECONDS)
        try:
            client.connect(str(path))
            client.sendall(question)
            return client.recv(64)
        except OSError:
            return b""  # no socket yet, or nobody behind it
