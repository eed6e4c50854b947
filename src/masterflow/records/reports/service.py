"""Puts the documents of a programme together from what the flows published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from masterflow.db.session import Database, Session
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.imports.types import Import
from masterflow.inventory.reading import Reject
from masterflow.inventory.store import InventoryStore
from masterflow.inventory.types import Asset
from masterflow.records.assessments.store import AssessmentStore
from masterflow.records.plans.store import PlanStore
from masterflow.records.reports.figures import count_estate, measure_completeness, sum_estate
from masterflow.records.reports.suggestions import suggest_next_files
from masterflow.records.reports.types import (
    Assumption,
    Decision,
    FileSummary,
    Freeze,
    ProgrammeReport,
    ReferenceData,
    SheetSummary,
)
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.store import TenancyStore, existing
from masterflow.tenancy.types import Principal

ASSETS_A_QUESTION = 500
FILES_A_QUESTION = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the stores do not hold: it comes from the flows' results, or from whoever asks for the report.

    `as_of` is the day that is printed as today when there is no assessment that names one.
    """

    title: str
    made_at: datetime
    as_of: date
    decisions: tuple[Decision, ...] = ()
    merged: int = 0
    plan_conflict: tuple[str, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    limits: tuple[str, ...] = ()
    reference_data: tuple[ReferenceData, ...] = ()
    product_titles: Mapping[str, str] = field(default_factory=dict)


class ReportService:
    """Reports on one verified person's engagement."""

    def __init__(self, database: Database, principal: Principal) -> None:
        self._database = database
        self._principal = principal

    async def assemble(self, told: Told) -> ProgrammeReport:
        """Everything that is published in the engagement, read in one transaction, with what is `told`.

        Raises:
            NotAllowed: the person may not read results.
        """
        self._principal.require(Operation.READ_RESULTS)
        async with self._database.transaction(self._principal.tenant) as session:
            return await _report(session, told)


async def _report(session: Session, told: Told) -> ProgrammeReport:
    tenancy, estate, imports = TenancyStore(session), InventoryStore(session), ImportStore(session)
    assets = await _assets(estate)
    applications = await estate.every_application()
    dependencies = await estate.dependencies()
    files = await _files(imports)
    rejects = {file.id: await _rejects(imports, file) for file in files}
    assessment = await AssessmentStore(session).latest()
    return ProgrammeReport(
        title=told.title,
        client=existing(await tenancy.client(), "client").name,
        engagement=existing(await tenancy.engagement(), "engagement").name,
        made_at=told.made_at,
        as_of=assessment.assessed_on if assessment else told.as_of,
        counts=count_estate(assets, applications, dependencies=dependencies),
        sums=sum_estate(assets),
        completeness=measure_completeness(assets, applications),
        files=tuple(_file(file, rejects[file.id]) for file in files),
        decisions=told.decisions,
        conflicts=await estate.conflicts(),
        rejects=tuple(reject for file in files for reject in rejects[file.id]),
        merged=told.merged,
        assets=assets,
        applications=applications,
        dependencies=dependencies,
        assessment=assessment,
        plan=await PlanStore(session).latest(),
        plan_conflict=told.plan_conflict,
        freezes=told.freezes,
        next_files=suggest_next_files(assets, applications, dependencies=dependencies),
        assumptions=told.assumptions,
        limits=told.limits,
        reference_data=told.reference_data,
        product_titles=told.product_titles,
    )


async def _assets(estate: InventoryStore) -> tuple[Asset, ...]:
    """Every asset with where its values came from, asked for some hundred at a time."""
    bare = [asset async for asset in estate.every_asset()]
    found: list[Asset] = []
    for start in range(0, len(bare), ASSETS_A_QUESTION):
        part = bare[start : start + ASSETS_A_QUESTION]
        facts = await estate.facts_of([asset.id for asset in part])
        found += [replace(asset, facts=facts.get(asset.id, ())) for asset in part]
    return tuple(found)


async def _files(imports: ImportStore) -> list[Import]:
    """The files that the estate is built from, and those that could not be read at all."""
    unreadable: list[Import] = []
    cursor = None
    while True:
        page = await imports.page(cursor=cursor, limit=FILES_A_QUESTION)
        unreadable += [file for file in page.imports if file.problem is not None and file.replaced_at is None]
        cursor = page.cursor
        if cursor is None:
            return [*await imports.published(), *reversed(unreadable)]


async def _rejects(imports: ImportStore, file: Import) -> tuple[Reject, ...]:
    return (file.problem,) if file.problem is not None else await imports.rejects(file)


def _file(file: Import, rejects: Sequence[Reject]) -> FileSummary:
    sheets = file.profile.sheets if file.profile else ()
    return FileSummary(
        name=file.file_name,
        format=file.format or "",
        sheets=tuple(SheetSummary(sheet.name, sheet.rows) for sheet in sheets),
        rejects=len(rejects),
    )
