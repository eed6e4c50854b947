"""Assets: the machines of the estate, each value with the cell it was read from."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from decimal import Decimal
from typing import IO, Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response, StreamingResponse

from masterflow.api.applications import ApplicationOut
from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Listed
from masterflow.api.parts import UseInventory
from masterflow.api.shown import Shown
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.inventory.exporters.catalog import exporter_of
from masterflow.inventory.exporting import listed
from masterflow.inventory.queries import AssetField, AssetFilter, AssetSort
from masterflow.inventory.types import AssetType, Criticality, Environment, IdentityScheme

KEPT_IN_MEMORY = 1_048_576  # bytes of an export before it goes to a temporary file
MOST_CHOSEN = 100  # values of one field in a filter
LONGEST_CURSOR = 8_000  # characters; it holds a name and another text


class AssetOut(Shown):
    """One machine or other thing of the estate; what is not known is null, sizes are MiB."""

    id: UUID
    name: str
    asset_type: AssetType
    vm_name: str | None
    hostname: str | None
    fqdn: str | None
    ip_addresses: list[str]
    mac_addresses: list[str]
    operating_system: str | None
    os_version: str | None
    cpu_cores: int | None
    memory_mib: int | None
    storage_provisioned_mib: int | None
    storage_used_mib: int | None
    disk_capacity_mib: int | None
    disk_count: int | None
    power_state: str | None
    environment: Environment | None
    datacenter: str | None
    cluster: str | None
    host: str | None
    folder: str | None
    business_owner: str | None
    technical_owner: str | None
    department: str | None
    criticality: Criticality | None
    serial_number: str | None
    vendor: str | None
    model: str | None
    virtual: bool | None
    hypervisor: str | None
    cpu_p95_pct: Decimal | None
    cpu_max_pct: Decimal | None
    annual_cost: Decimal | None
    annual_cost_currency: str | None
    attributes: Mapping[str, str]
    concerns: list[str]


class AssetsOut(Listed):
    """Assets in the order asked for."""

    items: list[AssetOut]


class SourceOut(Shown):
    """The cell a value was read from; rows count from 1."""

    file: str
    sheet: str | None
    row: int | None
    column: str | None


class FactOut(Shown):
    """One value as one source states it; `chosen` marks the one that is shown, `rule` how it was read."""

    field: str
    value: str
    unit: str | None
    source: SourceOut
    rule: str
    chosen: bool


class IdentityOut(Shown):
    """One thing the machine is recognised by."""

    scheme: IdentityScheme
    value: str


class AssetDetailOut(BaseModel):
    """One asset with where each value came from; `completeness` is the share of needed facts known, 0 to 1."""

    asset: AssetOut
    completeness: float | None
    identities: list[IdentityOut]
    facts: list[FactOut]
    applications: list[ApplicationOut]


class FilterIn(BaseModel):
    """Assets that fulfil everything given; of several values of one field any will do, or its being unknown."""

    environment: list[Environment] = Field(default=[], max_length=MOST_CHOSEN)
    asset_type: list[AssetType] = Field(default=[], max_length=MOST_CHOSEN)
    criticality: list[Criticality] = Field(default=[], max_length=MOST_CHOSEN)
    operating_system: list[str] = Field(default=[], max_length=MOST_CHOSEN, description="As the facet spells it")
    datacenter: list[str] = Field(default=[], max_length=MOST_CHOSEN)
    power_state: list[str] = Field(default=[], max_length=MOST_CHOSEN)
    application: list[UUID] = Field(default=[], max_length=MOST_CHOSEN, description="Members of these applications")
    unowned: bool = Field(default=False, description="Only those without a business and a technical owner")
    unknown: list[AssetField] = Field(default=[], max_length=MOST_CHOSEN, description="Fields that are not known")
    search: str | None = Field(default=None, max_length=200, description="Part of a name, host name or address")

    def filter(self) -> AssetFilter:
        """Which assets are asked for."""
        return AssetFilter(
            environment=tuple(self.environment),
            asset_type=tuple(self.asset_type),
            criticality=tuple(self.criticality),
            operating_system=tuple(self.operating_system),
            datacenter=tuple(self.datacenter),
            power_state=tuple(self.power_state),
            application=tuple(self.application),
            unowned=self.unowned,
            unknown=tuple(self.unknown),
            search=self.search,
        )


class ListIn(FilterIn):
    """Which assets, in which order, and which page of them."""

    sort: AssetSort = Field(default=AssetSort.NAME, description="By what; with a minus the largest first")
    cursor: str | None = Field(
        default=None, max_length=LONGEST_CURSOR, description="The cursor of the page before; none: the first page"
    )
    limit: int = Field(default=FULL_PAGE, ge=1, le=LARGEST_PAGE, description="How many entries the page may hold")


class ExportIn(FilterIn):
    """Which format, which assets, and what beside."""

    format: str = Field(description="Which format: csv, xlsx, azure_migrate, google_migration_center, …")
    lineage: bool = Field(default=False, description="With the cell that each value was read from (xlsx)")
    left_out: bool = Field(default=False, description="Instead of the file: what it cannot carry, and why, as CSV")


class FacetValueOut(Shown):
    """One value and how many assets have it; null is not known. `label` names an application."""

    value: str | None
    count: int
    label: str | None


class FacetOut(Shown):
    """The most frequent values of one field, and how many `more` there are.

    A value is chosen by the filter of the field's name; null by `unknown`, the owner "unknown" by `unowned`.
    """

    field: str
    title: str
    values: list[FacetValueOut]
    more: int


class FacetsOut(Shown):
    """How many assets a filter finds; each facet counts under all of the filter but its own part."""

    total: int
    facets: list[FacetOut]


router = APIRouter(prefix="/assets", tags=["estate"])


@router.get("", response_model=AssetsOut, responses=problems())
async def list_assets(inventory: UseInventory, asked: Annotated[ListIn, Query()]) -> AssetsOut:
    """The assets of the engagement, by name unless another order is asked for."""
    page = await inventory.assets(asked.filter(), sort=asked.sort, cursor=asked.cursor, limit=asked.limit)
    return AssetsOut(items=[AssetOut.of(asset) for asset in page.assets], cursor=page.cursor)


@router.get("/facets", response_model=FacetsOut, responses=problems())
async def get_asset_facets(inventory: UseInventory, asked: Annotated[FilterIn, Query()]) -> FacetsOut:
    """How many assets a filter finds, and what could be chosen next."""
    return FacetsOut.of(await inventory.facets(asked.filter()))


@router.get(
    "/export",
    response_class=Response,
    responses=problems() | {200: {"description": "The file", "content": {"application/octet-stream": {}}}},
)
async def export_assets(
    inventory: UseInventory,
    asked: Annotated[ExportIn, Query()],
) -> Response:
    """The estate in another tool's format, as a download; `Masterflow-Left-Out` counts what it cannot carry."""
    exporter = exporter_of(asked.format)
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY))
        summary = await inventory.export(exporter, file, asked.filter(), lineage=asked.lineage)
        headers = {"Masterflow-Left-Out": str(len(summary.left_out))}
        if asked.left_out:
            return Response(listed(summary.left_out), media_type="text/csv", headers=headers)
        stack.pop_all()  # it is closed when it was sent
    headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(exporter.file_name)}"
    return StreamingResponse(_sent(file), media_type=exporter.media_type, headers=headers)


async def _sent(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while chunk := await asyncio.to_thread(file.read, KEPT_IN_MEMORY):
            yield chunk


@router.get("/{asset_id}", response_model=AssetDetailOut, responses=problems(404))
async def get_asset(asset_id: UUID, inventory: UseInventory) -> AssetDetailOut:
    """One asset with its identities, its applications, and the cell each value came from."""
    found = await inventory.asset(asset_id)
    return AssetDetailOut(
        asset=AssetOut.of(found.asset),
        completeness=found.completeness,
        identities=[IdentityOut.of(identity) for identity in found.asset.identities],
        facts=[FactOut.of(fact) for fact in found.asset.facts],
        applications=[ApplicationOut.of(application) for application in found.applications],
    )
