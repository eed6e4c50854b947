"""Clean the values under their approved columns, and say which could not be used.

A cell that cannot be used is left out and its row kept; a row that names no machine is left out. Both go into a file to
correct. The estate is built from the same sources in the next phase.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel, Field

from masterflow.analysis.estate.build import EstateOptions
from masterflow.analysis.estate.records import Issue
from masterflow.analysis.estate.sheets import SheetsRead, read_sheets, strangers
from masterflow.flows.discovery.files import ImportedFile
from masterflow.flows.discovery.flow_rows import flow_rejects
from masterflow.flows.discovery.options import Options
from masterflow.flows.discovery.shown import FileToCorrect, ShownIssue, ShownReject, counted, shown, shown_issues
from masterflow.flows.discovery.sources import Source, labels_of, sources_of, standing_imports
from masterflow.flows.discovery.to_correct import files_to_correct
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.imports.types import RejectStage
from masterflow.inventory.reading import Reject
from masterflow.spec import Phase, PhaseContext


class Input(BaseModel):
    files: tuple[ImportedFile, ...]
    options: Options = Options()
    replaces: list[UUID] = Field(default_factory=list)


class Output(BaseModel):
    """What came out of the cleaning: records of machines, rows and cells left out. `rejects` shows the first."""

    machines: int
    excluded: dict[str, int]
    rows_left_out: int
    cells_left_out: int
    rejects_by_code: dict[str, int]
    rejects: tuple[ShownReject, ...]
    issues: tuple[ShownIssue, ...]
    to_correct: tuple[FileToCorrect, ...]


@dataclass(frozen=True, slots=True)
class Cleansed:
    """What the cleaning of some sources found; rejects name files by their labels."""

    machines: int
    excluded: tuple[str, ...]
    rejects: tuple[Reject, ...]
    issues: tuple[Issue, ...]


async def run(ctx: PhaseContext, given: Input) -> Output:
    """Clean the files of this flow and keep what could not be used with each import."""
    async with ctx.stores() as stores:
        store = ImportStore(stores.session)
        imports = [await store.get(file.import_id) for file in given.files]
        standing, _ = standing_imports(await store.published(), imports, given.replaces)
        sources = await sources_of(stores.session, standing)
    own = {one.id for one in imports}
    mine, others = ([s for s in sources if (s.import_id in own) is wanted] for wanted in (True, False))
    cleansed = await _cleansed(ctx, mine, given.options.for_estate(), others)
    labels = labels_of(standing)
    by_label: dict[str, list[Reject]] = defaultdict(list)
    for reject in cleansed.rejects:
        by_label[reject.place.file].append(reject)
    made: list[FileToCorrect] = []
    for one in imports:
        await ctx.checkpoint()
        found = by_label[labels[one.id]]
        async with ctx.stores() as stores:
            await ImportStore(stores.session).keep_rejects(one.id, RejectStage.CLEANSING, found)
        made += await files_to_correct(ctx, one, found, kind="rows to correct")
    return _output(cleansed, tuple(made))


async def _cleansed(
    ctx: PhaseContext, sources: Sequence[Source], options: EstateOptions, others: Sequence[Source]
) -> Cleansed:
    """Inventories and connections are cleaned side by side: neither needs the other."""
    inventories, connections = ([s for s in sources if s.tells_dependencies is wanted] for wanted in (False, True))
    calls = [ctx.compute(cleanse, inventories, options, others)] if inventories else []
    calls += [ctx.compute(cleanse, connections, options)] if connections else []
    return _together(await asyncio.gather(*calls))


def _together(parts: Sequence[Cleansed]) -> Cleansed:
    return Cleansed(
        machines=sum(part.machines for part in parts),
        excluded=tuple(why for part in parts for why in part.excluded),
        rejects=tuple(reject for part in parts for reject in part.rejects),
        issues=tuple(issue for part in parts for issue in part.issues),
    )


def cleanse(sources: Sequence[Source], options: EstateOptions, others: Sequence[Source] = ()) -> Cleansed:
    """Read every source as the building of the estate will; `others` list machines that the sources may speak of."""
    read = read_sheets([source.mapped() for source in sources if not source.tells_dependencies], options.rvtools)
    of_flows = flow_rejects([source for source in sources if source.tells_dependencies])
    return Cleansed(
        machines=len(read.records),
        excluded=tuple(excluded.why for excluded in read.rvtools.excluded),
        rejects=(*read.rejects, *_strangers(read, sources, options, others), *of_flows),
        issues=read.issues,
    )


def _strangers(
    read: SheetsRead, sources: Sequence[Source], options: EstateOptions, others: Sequence[Source]
) -> Iterable[Reject]:
    """What these sources say of machines that no source lists."""
    if not others or not (read.details or read.relations):
        return strangers(read)
    every = [source.mapped() for source in (*sources, *others) if not source.tells_dependencies]
    labels = {source.label for source in sources}
    return [one for one in strangers(read_sheets(every, options.rvtools)) if one.place.file in labels]


def _output(cleansed: Cleansed, made: tuple[FileToCorrect, ...]) -> Output:
    cells = sum(reject.place.column is not None for reject in cleansed.rejects)
    return Output(
        machines=cleansed.machines,
        excluded={why: cleansed.excluded.count(why) for why in sorted(set(cleansed.excluded))},
        rows_left_out=len(cleansed.rejects) - cells,
        cells_left_out=cells,
        rejects_by_code=counted(cleansed.rejects),
        rejects=shown(cleansed.rejects),
        issues=shown_issues(cleansed.issues),
        to_correct=made,
    )


PHASE = Phase(
    name="data_cleansing",
    title="Clean the values",
    takes=Input,
    gives=Output,
    run=run,
    time_limit=timedelta(minutes=30),
)
