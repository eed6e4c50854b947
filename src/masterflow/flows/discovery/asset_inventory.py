"""Build the estate from every file of the engagement, and let a person see it before it takes the place of the last.

The estate is a function of its files: those published before and those of this flow. A file with the name of an earlier
one takes its place, as do files named in `replaces`.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel, Field

from masterflow.analysis.estate.build import Estate
from masterflow.analysis.estate.completeness import WANTED
from masterflow.errors import EditRejected
from masterflow.flows.discovery.building import APPLICATIONS, Built, Known, build
from masterflow.flows.discovery.changes import Before, Changes
from masterflow.flows.discovery.files import ImportedFile
from masterflow.flows.discovery.members import (
    ENVIRONMENTS,
    NO,
    YES,
    Member,
    applications_with,
    decisions_of,
    edited_members,
    rows_of,
)
from masterflow.flows.discovery.options import Options, Targets
from masterflow.flows.discovery.shown import MOST_SHOWN, Frozen, ShownIssue, shown_issues
from masterflow.flows.discovery.sources import sources_of, standing_imports
from masterflow.inventory.conflicts.store import ConflictStore
from masterflow.inventory.estate_rows import staged_application
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.imports.types import Import
from masterflow.inventory.publishing.store import PublishingStore
from masterflow.inventory.publishing.types import Publication
from masterflow.inventory.staging.store import StagedUnder, StagingStore
from masterflow.inventory.store import InventoryStore
from masterflow.inventory.types import Application, Conflict
from masterflow.spec import Column, EditableTable, Gate, Phase, PhaseContext, Row, Stores

NAME = "asset_inventory"
CHUNKS_AT_ONCE = 2  # each on a connection of its own: the database packs them side by side


class Input(BaseModel):
    files: tuple[ImportedFile, ...]
    options: Options = Options()
    targets: Targets = Targets()
    replaces: list[UUID] = Field(default_factory=list)


class ShownValue(Frozen):
    """One side of a contradiction and the cell it stands in."""

    value: str
    file: str
    sheet: str | None
    row: int | None
    column: str | None


class ShownConflict(Frozen):
    """Sources that contradict each other about one field of one machine."""

    asset: str
    field: str
    preferred: str
    why: str
    needs_review: bool
    values: tuple[ShownValue, ...]


class ShownApplication(Frozen):
    """One application with the number of its servers and what speaks for it."""

    name: str
    servers: int
    membership: str
    shared_service: bool
    evidence: tuple[str, ...]


class ShownHint(Frozen):
    """A file that would help: what it closes, the share of servers it is missing for (0 to 1), and a sentence."""

    closes: str
    missing_share: float
    message: str


class MissedTarget(Frozen):
    """Something known for fewer servers than was wanted; shares are 0 to 1."""

    name: str
    wanted: float
    known: float


class BuiltFrom(Frozen):
    """A file that the estate was made from."""

    import_id: UUID
    file: str


class Output(BaseModel):
    """The estate in numbers, and every server with its application.

    `sums` are MiB and processors. Of conflicts, applications and issues the first are shown; all are published.
    `quality` is the weighted share of what is known, 0 to 1. `changes` compares with what was published at that moment.
    """

    counts: dict[str, int]
    sums: dict[str, dict[str, int]]
    excluded: dict[str, int]
    merged: int
    conflict_count: int
    conflicts_to_review: int
    conflicts: tuple[ShownConflict, ...]
    application_count: int
    applications: tuple[ShownApplication, ...]
    issues: tuple[ShownIssue, ...]
    completeness: dict[str, float]
    quality: float
    missed_targets: tuple[MissedTarget, ...]
    next_files: tuple[ShownHint, ...]
    built_from: tuple[BuiltFrom, ...]
    replaced: tuple[BuiltFrom, ...]
    changes: Changes | None = None
    members: tuple[Member, ...]


async def run(ctx: PhaseContext, given: Input) -> Output:
    """Build the estate, stage it, and answer its numbers."""
    standing, replaced = await _imports(ctx, given)
    built = await _built(ctx, standing, given.options)
    await _stage(ctx, built)
    return _output(built, standing, replaced, given.targets)


async def changes_by(ctx: PhaseContext, given: Input) -> Changes:
    """Only what the estate of these files would change of the published one; nothing is staged."""
    standing, _ = await _imports(ctx, given)
    return (await _built(ctx, standing, given.options)).changes


async def _imports(ctx: PhaseContext, given: Input) -> tuple[list[Import], list[Import]]:
    async with ctx.stores() as stores:
        store = ImportStore(stores.session)
        own = [await store.get(file.import_id) for file in given.files]
        return standing_imports(await store.published(), own, given.replaces)


async def _built(ctx: PhaseContext, standing: Sequence[Import], options: Options) -> Built:
    """The estate of some imports, with what is known and decided already."""
    async with ctx.stores() as stores:
        sources = await sources_of(stores.session, standing)
        inventory = InventoryStore(stores.session)
        known = Known(
            await inventory.identities_as_json(),
            await PublishingStore(stores.session).decisions(),
            await ConflictStore(stores.session).decisions(),
            Before(assets=await inventory.assets_as_json(), applications=await inventory.every_application()),
        )
    return await ctx.compute(build, sources, ctx.tenant.engagement_id, options.for_estate(), known)


async def _stage(ctx: PhaseContext, built: Built) -> None:
    chunks = [(kind, number, text) for kind, texts in built.texts.items() for number, text in enumerate(texts)]
    for start in range(0, len(chunks), CHUNKS_AT_ONCE):
        await ctx.checkpoint()
        await asyncio.gather(*(_stage_chunk(ctx, *chunk) for chunk in chunks[start : start + CHUNKS_AT_ONCE]))
        await ctx.progress(min(start + CHUNKS_AT_ONCE, len(chunks)), len(chunks), "staging the estate")
    for kind, texts in built.texts.items():
        async with ctx.stores() as stores:
            await _staging(stores).trim(kind, len(texts))


async def _stage_chunk(ctx: PhaseContext, kind: str, number: int, text: str) -> None:
    async with ctx.stores() as stores:
        await _staging(stores).put(kind, number, text)


def _staging(stores: Stores) -> StagingStore:
    return StagingStore(stores.session, StagedUnder(stores.flow_id, stores.iteration, NAME))


def _output(built: Built, standing: Sequence[Import], replaced: Sequence[Import], targets: Targets) -> Output:
    estate = built.estate
    return Output(
        counts=dict(estate.counts),
        sums={name: dict(sums) for name, sums in estate.sums.items()},
        excluded=_counted(one.why for one in estate.excluded),
        merged=estate.merged,
        conflict_count=len(estate.conflicts),
        conflicts_to_review=sum(conflict.needs_review for conflict in estate.conflicts),
        conflicts=tuple(_shown_conflict(conflict) for conflict in estate.conflicts[:MOST_SHOWN]),
        application_count=len(estate.applications),
        applications=tuple(_shown_application(one) for one in estate.applications[:MOST_SHOWN]),
        issues=shown_issues(estate.issues[:MOST_SHOWN]),
        completeness=dict(estate.completeness),
        quality=quality_of(estate),
        missed_targets=_missed(estate, targets),
        next_files=tuple(
            ShownHint(closes=hint.closes, missing_share=hint.missing_share, message=hint.message)
            for hint in estate.next_file_hints
        ),
        built_from=_named(standing),
        replaced=_named(replaced),
        changes=built.changes,
        members=built.members,
    )


def quality_of(estate: Estate) -> float:
    """The share of what is wanted that is known, weighted by how much its lack hurts; 0 to 1."""
    weights = {name: weight for name, (weight, _) in WANTED.items()}
    known = sum(estate.completeness.get(name, 0.0) * weight for name, weight in weights.items())
    return round(known / sum(weights.values()), 4)


def _missed(estate: Estate, targets: Targets) -> tuple[MissedTarget, ...]:
    known = {name: estate.completeness.get(name, 0.0) for name in targets.shares}
    return tuple(
        MissedTarget(name=name, wanted=wanted, known=known[name])
        for name, wanted in sorted(targets.shares.items())
        if known[name] < wanted
    )


def _shown_conflict(conflict: Conflict) -> ShownConflict:
    return ShownConflict(
        asset=conflict.asset_name,
        field=conflict.field,
        preferred=conflict.preferred,
        why=conflict.why,
        needs_review=conflict.needs_review,
        values=tuple(
            ShownValue(
                value=fact.value,
                file=fact.source.file,
                sheet=fact.source.sheet,
                row=fact.source.row,
                column=fact.source.column,
            )
            for fact in conflict.values
        ),
    )


def _shown_application(one: Application) -> ShownApplication:
    return ShownApplication(
        name=one.name,
        servers=len(one.asset_ids),
        membership=one.membership,
        shared_service=one.shared_service,
        evidence=one.evidence[:5],
    )


def _named(imports: Iterable[Import]) -> tuple[BuiltFrom, ...]:
    return tuple(BuiltFrom(import_id=one.id, file=one.file_name) for one in imports)


def _counted(names: Iterable[str]) -> dict[str, int]:
    found = sorted(names)
    return {name: found.count(name) for name in dict.fromkeys(found)}


def rows(output: Output) -> list[Row]:
    """One line for each server."""
    return rows_of(output.members)


def apply(output: Output, edited: list[Row]) -> Output:
    """The output with the applications, environments and exclusions of the edited lines.

    Raises:
        EditRejected: an environment that does not exist, or a word other than yes and no under Keep.
    """
    members, problems = edited_members(output.members, edited)
    if problems:
        raise EditRejected(problems)
    return output.model_copy(update={"members": members})


async def publish(stores: Stores, output: Output) -> None:
    """Put the estate in place, with the applications and environments as approved.

    Raises:
        Conflict: another discovery was published since this estate was built.
    """
    staging = _staging(stores)
    proposed = [staged_application(row) async for row in staging.rows(APPLICATIONS)]
    applications, members = applications_with(output.members, proposed, namespace=stores.session.tenant.engagement_id)
    publishing = PublishingStore(stores.session)
    decisions = decisions_of(output.members, earlier=await publishing.decisions())
    await publishing.publish_estate(
        staging,
        Publication(
            flow_id=stores.flow_id,
            applications=applications,
            members=members,
            decisions=decisions,
            built_from=tuple(one.import_id for one in output.built_from),
            replaced=tuple(one.import_id for one in output.replaced),
        ),
    )


TABLE: EditableTable[Output] = EditableTable(
    title="Servers",
    key="id",
    columns=(
        Column("id", "Id", width=38),
        Column("server", "Server", width=28),
        Column("applications", "Applications (separate with ;)", editable=True, width=40),
        Column("membership", "How it is known"),
        Column("environment", "Environment", editable=True, choices=ENVIRONMENTS, width=20),
        Column("keep", "Keep", editable=True, choices=(YES, NO), width=8),
        Column("decided", "Set by a person", width=16),
    ),
    rows=rows,
    apply=apply,
)

PHASE = Phase(
    name=NAME,
    title="Build the inventory",
    takes=Input,
    gives=Output,
    run=run,
    gate=Gate(
        asks="Is this the estate, and are its applications right?",
        rejects_to="field_mapping",
        table=TABLE,
        due_in=timedelta(days=3),
        remind_every=timedelta(days=1),
    ),
    publish=publish,
    time_limit=timedelta(minutes=60),
)
