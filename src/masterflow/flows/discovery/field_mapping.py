"""Propose what every column means; a person approves before anything is built from it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel, Field

from masterflow.analysis.mapping.memory import layout_of
from masterflow.errors import ConfigurationInvalid
from masterflow.flows.discovery.files import ImportedFile, UnreadableFile, read_files
from masterflow.flows.discovery.inspection import SAMPLE_ROWS, proposal
from masterflow.flows.discovery.matches import MatchedColumn, MatchedSheet, problems_of, row_id, without_rivals
from masterflow.flows.discovery.options import Options
from masterflow.inventory.fields import FIELDS, squashed
from masterflow.inventory.harmless import is_correction_column
from masterflow.inventory.importers.catalog import all_importers
from masterflow.inventory.imports.packing import PackedSheet, unpack_sheet
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.imports.types import ApprovedSheet, SheetProfile
from masterflow.inventory.mapping_memory.store import MemoryStore
from masterflow.inventory.mapping_memory.types import LearnedHeader, Lesson
from masterflow.spec import Column, EditableTable, Gate, Phase, PhaseContext, Problem, Row, Stores

SAMPLES = 3
EDITED = "set by a person"


class Input(BaseModel):
    imports: list[UUID] = Field(default_factory=list)
    options: Options = Options()


class Output(BaseModel):
    """What each column is taken for. `files` is read anew: after a rejection other files may have been named.

    `learns`: what a person approves is kept for the next file. `sent_back`: a person refused what was built from these
    columns, and may want to change them.
    """

    sheets: tuple[MatchedSheet, ...]
    questions: int
    files: tuple[ImportedFile, ...]
    unreadable: tuple[UnreadableFile, ...] = ()
    learns: bool = True
    sent_back: bool = False


async def run(ctx: PhaseContext, given: Input) -> Output:
    """Propose a field for every column; what a person approved for the same header before is taken over.

    Raises:
        InputMissing: one of the imports does not exist.
    """
    read = await read_files(ctx, given.imports)
    sheets: list[MatchedSheet] = []
    for file in read.files:
        await ctx.checkpoint()
        sheets += await _matched(ctx, file.import_id, use_memory=given.options.use_memory)
    output = Output(
        sheets=tuple(sheets),
        questions=0,
        files=read.files,
        unreadable=read.unreadable,
        learns=given.options.use_memory,
        sent_back=ctx.iteration > 1,
    )
    return _counted(output)


def propose_all(
    importer_name: str, sheets: Sequence[PackedSheet], learned: Sequence[LearnedHeader] = ()
) -> list[list[MatchedColumn]]:
    """The columns proposed for each of some sheets that one importer read; `learned` is what people approved before.

    Raises:
        ConfigurationInvalid: that importer is not installed any more.
    """
    importer = next((one for one in all_importers() if one.name == importer_name), None)
    if importer is None:
        raise ConfigurationInvalid(
            f"The importer '{importer_name}', which read this file, is not installed.",
            hint="Install the package that brings it, or upload the file again.",
        )
    return [
        [
            MatchedColumn(
                index=index,
                header=match.header,
                field=match.field,
                unit=match.unit,
                confidence=match.confidence,
                reason=match.reason,
                needs_decision=match.needs_decision,
                alternatives=match.alternatives,
                remembered=match.remembered,
            )
            for index, match in enumerate(proposal(unpack_sheet(sheet), importer, learned=learned))
        ]
        for sheet in sheets
    ]


async def _matched(ctx: PhaseContext, import_id: UUID, *, use_memory: bool) -> list[MatchedSheet]:
    async with ctx.stores() as stores:
        store = ImportStore(stores.session)
        one = await store.get(import_id)
        packed = await store.sheets(one, most_rows=SAMPLE_ROWS)
        headers = {squashed(header) for sheet in packed for header in sheet.headers}
        source = one.format or ""
        learned = await MemoryStore(stores.session).known(source, headers) if use_memory else ()
    proposed = await ctx.compute(propose_all, source, packed, learned)
    profiles = one.profile.sheets if one.profile else ()
    return [
        MatchedSheet(
            import_id=one.id,
            file=one.file_name,
            sheet=profile.name,
            columns=_columns(profile, columns),
            source=source,
            layout=layout_of(source, profile.name, [column.header for column in columns], learned),
        )
        for profile, columns in zip(profiles, proposed, strict=True)
    ]


def _columns(profile: SheetProfile, proposed: Sequence[MatchedColumn]) -> tuple[MatchedColumn, ...]:
    kept = [column for column in proposed if not is_correction_column(column.header)]
    return tuple(
        column.model_copy(update={"samples": profile.columns[column.index].samples[:SAMPLES]})
        for column in without_rivals(kept)
    )


def _counted(output: Output) -> Output:
    questions = sum(column.needs_decision for sheet in output.sheets for column in sheet.columns)
    return output.model_copy(update={"questions": questions})


def rows(output: Output) -> list[Row]:
    """One line for each column of each sheet."""
    return [
        {
            "id": row_id(number, column),
            "file": sheet.file,
            "sheet": sheet.sheet,
            "column": column.header,
            "samples": " | ".join(column.samples),
            "field": column.field,
            "unit": column.unit,
            "needs_decision": "yes" if column.needs_decision else None,
            "confidence": column.confidence,
            "reason": column.reason,
            "alternatives": " | ".join(f"{other.field} {other.score:.2f}" for other in column.alternatives),
        }
        for number, sheet in enumerate(output.sheets, 1)
        for column in sheet.columns
    ]


def apply(output: Output, edited: list[Row]) -> Output:
    """The output with the fields and units of the edited lines; whether they can be used is for the check to say."""
    by_id = {str(row["id"]): row for row in edited}
    sheets = tuple(
        sheet.model_copy(
            update={"columns": tuple(_edited(column, by_id.get(row_id(n, column))) for column in sheet.columns)}
        )
        for n, sheet in enumerate(output.sheets, 1)
    )
    return _counted(output.model_copy(update={"sheets": sheets}))


def summary(output: Output) -> Row:
    """How many columns have a field, and how many still need a person."""
    columns = [column for sheet in output.sheets for column in sheet.columns]
    return {
        "columns": len(columns),
        "mapped": sum(column.field is not None for column in columns),
        "questions": output.questions,
    }


def _edited(column: MatchedColumn, row: Row | None) -> MatchedColumn:
    if row is None:
        return column
    field, unit = (str(row[key] or "").strip() or None for key in ("field", "unit"))
    if field != column.field and unit == column.unit:
        unit = None  # the unit was the former field's
    if (field, unit) == (column.field, column.unit):
        return column
    overrode = (column.field or "") if field != column.field else column.overrode
    said = {"field": field, "unit": unit, "confidence": 1.0, "reason": EDITED, "needs_decision": False}
    return column.model_copy(update={**said, "overrode": overrode})


def the_columns_can_be_applied(output: Output) -> list[Problem]:
    """Fields and units exist, and no field is used twice in a sheet."""
    return problems_of(output.sheets)


def holds_anything_new(output: Output) -> bool:
    """Whether a column means something that nobody approved for the same layout before, or somebody asked to look."""
    return output.sent_back or any(
        column.needs_decision or not column.remembered for sheet in output.sheets for column in sheet.columns
    )


async def publish(stores: Stores, output: Output) -> None:
    """Keep the approved meaning of the columns with each import, for the phases that follow and for the next file."""
    by_import: dict[UUID, list[ApprovedSheet]] = {file.import_id: [] for file in output.files}
    for sheet in output.sheets:
        by_import[sheet.import_id].append(sheet.approved())
    for import_id, approved in by_import.items():
        await ImportStore(stores.session).keep_mapping(import_id, approved)
    if output.learns:
        await _learn(MemoryStore(stores.session), output.sheets)


async def _learn(memory: MemoryStore, sheets: Sequence[MatchedSheet]) -> None:
    by_source: dict[str, list[Lesson]] = defaultdict(list)
    for sheet in sheets:
        by_source[sheet.source] += sheet.lessons()
    for source, lessons in sorted(by_source.items()):
        await memory.learn(source, lessons)


TABLE: EditableTable[Output] = EditableTable(
    title="Columns",
    key="id",
    columns=(
        Column("id", "Number", width=8),
        Column("file", "File", width=28),
        Column("sheet", "Sheet"),
        Column("column", "Column", width=32),
        Column("samples", "Values found", width=44),
        Column("field", "Field", editable=True, choices=tuple(field.name for field in FIELDS), width=28),
        Column("unit", "Unit", editable=True, width=10),
        Column("needs_decision", "Please decide", width=14),
        Column("confidence", "Confidence", width=12),
        Column("reason", "Why", width=60),
        Column("alternatives", "May also be", width=60),
    ),
    rows=rows,
    apply=apply,
    summary=summary,
)

PHASE = Phase(
    name="field_mapping",
    title="Match columns to fields",
    takes=Input,
    gives=Output,
    run=run,
    checks=[the_columns_can_be_applied],
    gate=Gate(
        asks="Are these column matches right?",
        table=TABLE,
        needed=holds_anything_new,
        due_in=timedelta(days=3),
        remind_every=timedelta(days=1),
    ),
    publish=publish,
    time_limit=timedelta(minutes=30),
)
