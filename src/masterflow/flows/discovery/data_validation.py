"""Say what could not be read: how much, where, why, and as a file to correct and upload again."""

from datetime import timedelta

from pydantic import BaseModel

from masterflow.flows.discovery.files import ImportedFile, UnreadableFile
from masterflow.flows.discovery.shown import FileToCorrect, ShownReject, counted, shown
from masterflow.flows.discovery.to_correct import files_to_correct
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.imports.types import RejectStage
from masterflow.inventory.reading import Reject
from masterflow.spec import Phase, PhaseContext


class Input(BaseModel):
    files: tuple[ImportedFile, ...]
    unreadable: tuple[UnreadableFile, ...] = ()


class Output(BaseModel):
    """What was kept and what was not. `rejects` shows the first; all are with the imports and in `to_correct`."""

    rows_kept: int
    reject_count: int
    rejects_by_code: dict[str, int]
    rejects: tuple[ShownReject, ...]
    to_correct: tuple[FileToCorrect, ...]
    files_read: int
    files_unreadable: int


async def run(ctx: PhaseContext, given: Input) -> Output:
    """Collect the rejects of all files and make the files to correct."""
    rejects: list[Reject] = []
    made: list[FileToCorrect] = []
    for file in given.files:
        await ctx.checkpoint()
        async with ctx.stores() as stores:
            store = ImportStore(stores.session)
            entered = await store.get(file.import_id)
            found = await store.rejects(entered, stage=RejectStage.READING)
        rejects += found
        made += await files_to_correct(ctx, entered, found, kind="rows not read")
    return Output(
        rows_kept=sum(sheet.rows for file in given.files for sheet in file.sheets),
        reject_count=len(rejects),
        rejects_by_code=counted(rejects),
        rejects=shown(rejects),
        to_correct=tuple(made),
        files_read=len(given.files),
        files_unreadable=len(given.unreadable),
    )


PHASE = Phase(
    name="data_validation",
    title="Check what was read",
    takes=Input,
    gives=Output,
    run=run,
    time_limit=timedelta(minutes=10),
)
