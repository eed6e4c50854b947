"""Opening uploaded files: each is read once, its raw rows are kept, and one that cannot be read stops no other."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from masterflow.errors import FileRejected, InputMissing, MissingInput, NotFound, Place
from masterflow.flows.discovery.shown import Frozen
from masterflow.inventory.importers.catalog import open_file
from masterflow.inventory.imports.packing import PackedRead, pack
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.imports.types import Import, ImportStatus
from masterflow.inventory.reading import Reject
from masterflow.spec import PhaseContext

NO_PLACE = Place("")
FILES_AT_ONCE = 2  # each is read in a process of its own


class ImportedSheet(Frozen):
    """A table of a file; `header_row` counts from 1 and is 0 where every record carries its own names."""

    name: str
    header_row: int
    rows: int
    columns: int


class ImportedFile(Frozen):
    """A file whose raw rows are kept."""

    import_id: UUID
    file: str
    format: str
    sheets: tuple[ImportedSheet, ...]
    rejects: int


class UnreadableFile(Frozen):
    """A file of which nothing could be read, why, and what to do."""

    import_id: UUID
    file: str
    sheet: str | None
    row: int | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class FilesRead:
    """What became of the files of a flow, in the order in which they were named."""

    files: tuple[ImportedFile, ...]
    unreadable: tuple[UnreadableFile, ...]


async def read_files(ctx: PhaseContext, import_ids: Sequence[UUID]) -> FilesRead:
    """Read those files that were not read yet, and say what is known of all of them.

    Raises:
        InputMissing: the engagement has no import with one of these ids.
    """
    entered = await _entered(ctx, list(dict.fromkeys(import_ids)))
    done: list[Import] = []
    for start in range(0, len(entered), FILES_AT_ONCE):
        await ctx.checkpoint()
        batch = entered[start : start + FILES_AT_ONCE]
        await ctx.progress(start, len(entered), f"reading {', '.join(one.file_name for one in batch)}")
        done += await asyncio.gather(*(_once(ctx, one) for one in batch))
    return FilesRead(
        files=tuple(_imported(one) for one in done if one.status is ImportStatus.READ),
        unreadable=tuple(_unreadable(one) for one in done if one.status is ImportStatus.UNREADABLE),
    )


async def _once(ctx: PhaseContext, one: Import) -> Import:
    return one if one.status is ImportStatus.READ else await _read(ctx, one)


def read_in_full(path: Path, max_bytes: int) -> PackedRead | Reject:
    """All that can be read of a file, or why nothing can; errors do not travel well between processes."""
    try:
        return pack(open_file(path, max_bytes=max_bytes))
    except FileRejected as refused:
        said = refused.message.removeprefix(f"{refused.place}: ")
        return Reject(refused.place, refused.reason, f"{said} {refused.hint or ''}".strip())


async def _entered(ctx: PhaseContext, import_ids: Sequence[UUID]) -> list[Import]:
    found: list[Import] = []
    missing: list[MissingInput] = []
    async with ctx.stores() as stores:
        for import_id in import_ids:
            try:
                found.append(await ImportStore(stores.session).get(import_id))
            except NotFound as error:
                missing.append(MissingInput("imports", str(error)))
    if missing:
        raise InputMissing(missing, hint="Upload the file and name its import.")
    return found


async def _read(ctx: PhaseContext, one: Import) -> Import:
    async with ctx.files.local(ctx.tenant, one.sha256, name=one.file_name) as path:
        read = await ctx.compute(read_in_full, path, ctx.files.max_bytes)
    async with ctx.stores() as stores:
        store = ImportStore(stores.session)
        if isinstance(read, Reject):
            await store.mark_unreadable(one.id, read)
        else:
            await store.keep_read(one.id, read)
        return await store.get(one.id)


def _imported(one: Import) -> ImportedFile:
    sheets = one.profile.sheets if one.profile else ()
    return ImportedFile(
        import_id=one.id,
        file=one.file_name,
        format=one.format or "",
        sheets=tuple(
            ImportedSheet(name=s.name, header_row=s.header_row, rows=s.rows, columns=len(s.columns)) for s in sheets
        ),
        rejects=one.profile.rejects if one.profile else 0,
    )


def _unreadable(one: Import) -> UnreadableFile:
    problem = one.problem or Reject(NO_PLACE, "unreadable", "The file could not be read.")
    return UnreadableFile(
        import_id=one.id,
        file=one.file_name,
        sheet=problem.place.sheet,
        row=problem.place.row,
        code=problem.code,
        message=problem.message,
    )
