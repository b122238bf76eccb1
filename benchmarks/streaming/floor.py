"""The floor, `python floor.py PORT`: every line that comes in is framed once and written to every
socket. No Django, no Valkey, nobody signed in."""

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Frame, Opcode


async def write_to_everybody(port: int) -> None:
    everybody: set[ServerConnection] = set()

    async def hold(connection: ServerConnection) -> None:
        everybody.add(connection)
        await connection.wait_closed()

    async with serve(hold, "127.0.0.1", port, ping_interval=None, compression=None):
        while line := await asyncio.to_thread(sys.stdin.readline):
            frame = Frame(Opcode.TEXT, line.strip().encode()).serialize(mask=False)
            for connection in everybody:
                connection.transport.write(frame)


if __name__ == "__main__":
    asyncio.run(write_to_everybody(int(sys.argv[1])))
