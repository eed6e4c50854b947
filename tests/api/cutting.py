"""A proxy before Postgres that can lose the answer to a commit: Postgres has done it, and the caller never hears so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from masterflow.db.urls import DatabaseUrls

COMMIT = b"COMMIT"


@dataclass(slots=True)
class CuttingProxy:
    """Cuts connections at the answer to a commit that follows a statement which holds `after`, `cuts` times."""

    host: str
    port: int
    after: bytes
    cuts: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on in both directions."""
        upstream_reader, upstream_writer = await asyncio.open_connection(self.host, self.port)
        cutting = asyncio.Event()
        pumps = [
            asyncio.create_task(self._ask(reader, upstream_writer, cutting)),
            asyncio.create_task(_answer(upstream_reader, writer, cutting)),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for end in (writer, upstream_writer):
            end.close()
            with suppress(OSError):
                await end.wait_closed()

    async def _ask(self, reader: asyncio.StreamReader, upstream: asyncio.StreamWriter, cutting: asyncio.Event) -> None:
        seen = False
        while chunk := await reader.read(65536):
            seen = seen or self.after in chunk
            if seen and COMMIT in chunk and self.cuts > 0:
                self.cuts -= 1
                cutting.set()
            upstream.write(chunk)
            await upstream.drain()


async def _answer(upstream: asyncio.StreamReader, writer: asyncio.StreamWriter, cutting: asyncio.Event) -> None:
    while chunk := await upstream.read(65536):
        if cutting.is_set():  # it says that the commit is done
            return
        writer.write(chunk)
        await writer.drain()


@asynccontextmanager
async def cutting_proxy(urls: DatabaseUrls, *, after: bytes) -> AsyncIterator[tuple[CuttingProxy, DatabaseUrls]]:
    """A proxy before the database of `urls`, and the URLs that lead through it."""
    proxy = CuttingProxy(str(urls.app.host), int(urls.app.port or 5432), after)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        through = {role: getattr(urls, role).set(host="127.0.0.1", port=port) for role in ("app", "engine")}
        yield proxy, replace(urls, **through)
    finally:
        server.close()
