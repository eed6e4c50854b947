"""The published estate on its way out: read page by page and handed to an exporter, so that memory stays bounded."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import IO

from masterflow.inventory.exporting import Exported, Exporter, LeftOut, Need, Part, Summary, Writer
from masterflow.inventory.queries import AssetFilter
from masterflow.inventory.store import PAGE, InventoryStore
from masterflow.inventory.types import RETIRED, SERVER_TYPES, Application

RETIRED_REASON = "a source calls it retired"

Write = Callable[[Exported], str | None]


@dataclass(slots=True)
class _Count:
    """What was written so far, and what was left out."""

    written: int = 0
    left_out: list[LeftOut] = field(default_factory=list)

    def add(self, name: str, reason: str | None) -> None:
        if reason is None:
            self.written += 1
        else:
            self.left_out.append(LeftOut(name, reason))


async def write_export(
    store: InventoryStore, exporter: Exporter, target: IO[bytes], *, asked: AssetFilter, lineage: bool = False
) -> Summary:
    """Write what is asked for of the estate, and answer what was left out."""
    writer = exporter.opens(target)
    count = _Count()
    try:
        for part in exporter.carries:
            if part in {Part.SERVERS, Part.EVERY_ASSET}:
                await _write_assets(store, writer, asked, count, servers_only=part is Part.SERVERS, lineage=lineage)
            elif part is Part.APPLICATIONS:
                await _write_applications(store, writer, count)
            else:
                await _write_needs(store, writer, count)
    finally:
        await asyncio.to_thread(writer.close)
    return Summary(count.written, (*count.left_out, *writer.shortened()))


async def _write_assets(
    store: InventoryStore, writer: Writer, asked: AssetFilter, count: _Count, *, servers_only: bool, lineage: bool
) -> None:
    async for page in _pages(store, asked, lineage=lineage):
        wanted = [one for one in page if not servers_only or one.asset.asset_type in SERVER_TYPES]
        write = _living(writer) if servers_only else writer.asset
        reasons = await asyncio.to_thread(_each, write, wanted)
        for one, reason in zip(wanted, reasons, strict=True):
            count.add(one.asset.name, reason)


def _each(write: Write, page: Iterable[Exported]) -> list[str | None]:
    return [write(one) for one in page]


def _living(writer: Writer) -> Write:
    """Servers that are moved: nobody moves a retired one."""
    return lambda one: RETIRED_REASON if RETIRED in one.asset.concerns else writer.asset(one)


async def _pages(store: InventoryStore, asked: AssetFilter, *, lineage: bool) -> AsyncIterator[list[Exported]]:
    cursor: str | None = None
    while True:
        page = await store.assets(asked, cursor=cursor, limit=PAGE)
        ids = [asset.id for asset in page.assets]
        names = await store.application_names(ids)
        facts = await store.facts_of(ids) if lineage else {}
        yield [Exported(replace(a, facts=facts.get(a.id, ())), names.get(a.id, ())) for a in page.assets]
        cursor = page.cursor
        if cursor is None:
            return


async def _write_applications(store: InventoryStore, writer: Writer, count: _Count) -> None:
    cursor: str | None = None
    while True:
        page = await store.applications(cursor=cursor, limit=PAGE)
        for application in page.applications:
            count.add(application.name, writer.application(application))
        cursor = page.cursor
        if cursor is None:
            return


async def _write_needs(store: InventoryStore, writer: Writer, count: _Count) -> None:
    """Who needs whom among applications, each pair once whatever the ports; machines have no row of this kind."""
    known: dict[object, Application] = {one.id: one for one in await store.every_application()}
    told: set[tuple[str, str]] = set()
    cursor: str | None = None
    while True:
        page = await store.dependency_page(cursor=cursor, limit=PAGE)
        for dependency in page.dependencies:
            source, target = known.get(dependency.source_id), known.get(dependency.target_id)
            if source is not None and target is not None and (source.name, target.name) not in told:
                told.add((source.name, target.name))
                count.add(source.name, writer.need(Need(source.name, target.name)))
        cursor = page.cursor
        if cursor is None:
            return
