"""Makes the files to correct of one phase, one for each sheet in which something could not be used."""

from collections import defaultdict
from collections.abc import Sequence

from masterflow.flows.discovery.corrections import correction_csv, correction_name, corrections_of
from masterflow.flows.discovery.shown import FileToCorrect
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.imports.types import Import, SheetProfile
from masterflow.inventory.reading import Reject
from masterflow.records.artifacts.service import add_artifact
from masterflow.spec import PhaseContext


async def files_to_correct(
    ctx: PhaseContext, of: Import, rejects: Sequence[Reject], *, kind: str
) -> tuple[FileToCorrect, ...]:
    """Keep the rows that these rejects are about as artifacts of the flow; `kind` ends their names."""
    by_sheet: dict[str, list[Reject]] = defaultdict(list)
    for reject in rejects:
        if reject.place.row is not None:
            by_sheet[reject.place.sheet or ""].append(reject)
    sheets = of.profile.sheets if of.profile else ()
    only_sheet = len(sheets) == 1
    return tuple([await _made(ctx, of, s, by_sheet[s.name], kind, only_sheet) for s in sheets if s.name in by_sheet])


async def _made(
    ctx: PhaseContext, of: Import, sheet: SheetProfile, rejects: Sequence[Reject], kind: str, only_sheet: bool
) -> FileToCorrect:
    numbers = sorted({reject.place.row for reject in rejects if reject.place.row is not None})
    async with ctx.stores() as stores:
        rows = {row.number: row for row in await ImportStore(stores.session).rows_at(of.id, sheet.name, numbers)}
    found = corrections_of(rejects, rows)
    content = await ctx.compute(correction_csv, [column.header for column in sheet.columns], found)
    async with ctx.stores() as stores:
        artifact = await add_artifact(
            stores.session,
            ctx.files,
            content,
            flow_id=ctx.flow_id,
            iteration=ctx.iteration,
            phase=ctx.phase,
            name=correction_name(of.file_name, sheet.name, kind=kind, only_sheet=only_sheet),
            media_type="text/csv",
        )
    return FileToCorrect(artifact_id=artifact.id, name=artifact.name, rows=len(found))
