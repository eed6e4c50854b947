"""A TCP proxy between Masterflow and Postgres that can be slow, silent, or cut the line after a commit.

It runs in the drill's own loop. Only plain protocol bytes are read, so the server must not ask for TLS.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

CHUNK = 65_536
COMMIT = b"COMMIT"


@dataclass(slots=True)
class Proxy:
    """One listening port in front of one server. Every attribute may be changed while connections are open."""

    target: int
    port: int = 0
    delay_seconds: float = 0.0
    silent: bool = False  # takes bytes and passes none on: a black hole
    cut_after_commit: int = 0  # so many commits from now reach the server, and their replies nobody
    cuts: int = 0
    _lines: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        line = _Line(self, writer, server_writer)
        self._lines |= {writer, server_writer}
        try:
            await asyncio.gather(line.up(reader), line.down(server_reader))
        finally:
            self._lines -= {writer, server_writer}
            for end in (writer, server_writer):
                end.close()

    def drop(self) -> None:
        """Cut every line."""
        for writer in list(self._lines):
            writer.close()


@dataclass(slots=True)
class _Line:
    proxy: Proxy
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    is_cut: bool = False

    async def up(self, reader: asyncio.StreamReader) -> None:
        """Towards the server."""
        with suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                await self._wait()
                if self.proxy.cut_after_commit and COMMIT in data.upper():
                    self.proxy.cut_after_commit -= 1
                    self.is_cut = True
                self.server.write(data)
                await self.server.drain()
        self.server.close()

    async def down(self, reader: asyncio.StreamReader) -> None:
        """Towards the client; the reply to a commit that was chosen is dropped, and the line with it."""
        with suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                if self.is_cut:
                    self.proxy.cuts += 1
                    break
                await self._wait()
                self.client.write(data)
                await self.client.drain()
        self.client.close()

    async def _wait(self) -> None:
        while self.proxy.silent:
            await asyncio.sleep(0.05)
        if self.proxy.delay_seconds:
            await asyncio.sleep(self.proxy.delay_seconds)


@asynccontextmanager
async def proxied(target: int) -> AsyncIterator[Proxy]:
    """A proxy in front of the server on port `target`, until the block ends."""
    proxy = Proxy(target)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.silent = False
        proxy.drop()
        await asyncio.sleep(0.1)
