"""Read every uploaded file and keep its raw rows.

A file that cannot be read is named with its reason and stops no other; only when nothing can be read does the flow wait
for other files.
"""

import asyncio
from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel, Field

from masterflow.errors import InputMissing, MissingInput, Place
from masterflow.flows.discovery.files import ImportedFile, UnreadableFile, read_files
from masterflow.inventory.importers.catalog import all_importers
from masterflow.inventory.imports.store import ImportStore
from masterflow.spec import Phase, PhaseContext


class Input(BaseModel):
    imports: list[UUID] = Field(default_factory=list)


class Output(BaseModel):
    """The files whose rows are kept, and those of which nothing could be read."""

    files: tuple[ImportedFile, ...]
    unreadable: tuple[UnreadableFile, ...] = ()
    rows: int


async def run(ctx: PhaseContext, given: Input) -> Output:
    """Read the files.

    Raises:
        InputMissing: there is no file, none can be read, or none tells of machines; new `imports` answer it.
    """
    if not given.imports:
        raise InputMissing(
            [MissingInput("imports", "no file was named")],
            hint="Upload an export, such as an RVTools workbook or a CSV of servers, and name its import.",
        )
    read = await read_files(ctx, given.imports)
    if not read.files:
        raise InputMissing(
            [_missing(file) for file in read.unreadable],
            hint="None of the files can be read: upload them corrected and name the new imports.",
        )
    await _refuse_dependencies_of_nothing(ctx, read.files)
    rows = sum(sheet.rows for file in read.files for sheet in file.sheets)
    return Output(files=read.files, unreadable=read.unreadable, rows=rows)


def _missing(file: UnreadableFile) -> MissingInput:
    place = Place(file.file, file.sheet, file.row)
    return MissingInput("imports", f"{place}: {file.message}", place)


async def _refuse_dependencies_of_nothing(ctx: PhaseContext, files: tuple[ImportedFile, ...]) -> None:
    """Who talks to whom says little without knowing who they are."""
    importers = await asyncio.to_thread(all_importers)  # the first call loads their modules, which takes a while
    evidence = {importer.name for importer in importers if importer.tells_dependencies}
    if any(file.format not in evidence for file in files):
        return
    async with ctx.stores() as stores:
        published = await ImportStore(stores.session).published()
    if not any(one.format not in evidence for one in published):
        names = ", ".join(file.file for file in files)
        raise InputMissing(
            [MissingInput("imports", f"{names} tells who talks to whom, but no file tells what servers there are")],
            hint="Add an inventory, such as an RVTools workbook or a CSV of servers, to the imports.",
        )


PHASE = Phase(
    name="data_import",
    title="Read the files",
    takes=Input,
    gives=Output,
    run=run,
    time_limit=timedelta(minutes=30),
)
