"""The estate for one verified person: uploads, and everything that can be read, each behind its role."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import IO, Protocol
from uuid import UUID

from masterflow.db.keyset import DEFAULT_PAGE
from masterflow.db.session import Database, Session, TenantIds
from masterflow.errors import InvalidInput
from masterflow.inventory.conflicts.store import ConflictStore
from masterflow.inventory.deciding import DecidedValue, parts_of_conflict_id
from masterflow.inventory.exporting import Exporter, Summary
from masterflow.inventory.filestore import FileStore, safe_name
from masterflow.inventory.finding.store import FacetStore
from masterflow.inventory.graph.store import GraphStore
from masterflow.inventory.graph.types import EvidencePage, Graph, Neighbours
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.imports.types import Import, ImportPage, RejectStage
from masterflow.inventory.leaving import write_export
from masterflow.inventory.publishing.store import PublishingStore
from masterflow.inventory.queries import (
    ApplicationPage,
    AssetDetail,
    AssetFilter,
    AssetPage,
    AssetSort,
    ConflictFilter,
    ConflictPage,
    DependencyPage,
    EstateSummary,
    Facets,
)
from masterflow.inventory.reading import RawRow, Reject
from masterflow.inventory.setting.store import SettingStore
from masterflow.inventory.setting.types import ValueChanges, ValueOrder
from masterflow.inventory.store import InventoryStore
from masterflow.inventory.types import Application, Asset, AssetId, Conflict, Dependency, Fact, ImportId

READ = "estate.read"
IMPORT = "estate.import"
DECIDE = "estate.decide"


class Caller(Protocol):
    """What the estate needs to know of a verified person; `tenancy.Principal` is one."""

    @property
    def email(self) -> str: ...

    @property
    def tenant(self) -> TenantIds: ...

    def require(self, operation: str) -> None:
        """Raises `NotAllowed` unless a role of the person allows the operation."""
        ...


class InventoryService:
    """The estate and the imports of the caller's engagement.

    Every method raises `NotAllowed` for a person without the role, and `NotFound` for what the engagement lacks.
    """

    def __init__(self, database: Database, files: FileStore, caller: Caller) -> None:
        self._database = database
        self._files = files
        self._caller = caller

    async def upload(self, name: str, content: AsyncIterable[bytes] | bytes) -> ImportId:
        """Keep a file for a discovery; the same content under the same name is the same import.

        Raises:
            InvalidInput: `name` is no file name.
            FileRejected: the file is larger than MASTERFLOW_MAX_UPLOAD_MB; nothing of it is kept.
        """
        self._caller.require(IMPORT)
        file_name = safe_name(name)
        stored = await self._files.keep(self._caller.tenant, content, name=file_name)
        async with self._database.transaction(self._caller.tenant) as session:
            entered = await ImportStore(session).add(file_name, stored, uploaded_by=self._caller.email)
        return entered.id

    async def imports(self, *, cursor: str | None = None, limit: int = DEFAULT_PAGE) -> ImportPage:
        """Uploaded files, newest first."""
        async with self._reading() as session:
            return await ImportStore(session).page(cursor=cursor, limit=limit)

    async def import_(self, import_id: UUID) -> Import:
        """One uploaded file with the profile of what was read of it."""
        async with self._reading() as session:
            return await ImportStore(session).get(import_id)

    async def rows(
        self, import_id: UUID, sheet: str, *, after: int = 0, limit: int = DEFAULT_PAGE
    ) -> tuple[RawRow, ...]:
        """Raw rows of one sheet, from the one after position `after` (the first row has position 1)."""
        async with self._reading() as session:
            found = await ImportStore(session).get(import_id)
            return await ImportStore(session).rows(found.id, sheet, after=after, limit=limit)

    async def rejects(self, import_id: UUID, *, stage: RejectStage | None = None) -> tuple[Reject, ...]:
        """What could not be used of a file: as it was read, and as its values were cleaned."""
        async with self._reading() as session:
            found = await ImportStore(session).get(import_id)
            return await ImportStore(session).rejects(found, stage=stage)

    async def original(self, import_id: UUID) -> tuple[Import, AsyncIterator[bytes]]:
        """An uploaded file as it came, in chunks."""
        found = await self.import_(import_id)
        return found, self._files.read(self._caller.tenant, found.sha256)

    async def assets(
        self,
        asked: AssetFilter = AssetFilter(),  # noqa: B008 - frozen
        *,
        sort: AssetSort = AssetSort.NAME,
        cursor: str | None = None,
        limit: int = DEFAULT_PAGE,
    ) -> AssetPage:
        """Assets in the order asked for, without their facts and identities.

        Raises:
            InvalidInput: the cursor is of another list, or of another order of this one.
        """
        async with self._reading() as session:
            return await InventoryStore(session).assets(asked, sort=sort, cursor=cursor, limit=limit)

    async def facets(self, asked: AssetFilter = AssetFilter()) -> Facets:  # noqa: B008 - frozen
        """How many assets a filter finds, and the values that would narrow or widen it."""
        async with self._reading() as session:
            return await FacetStore(session).facets(asked)

    async def every_asset(self, asked: AssetFilter = AssetFilter()) -> tuple[Asset, ...]:  # noqa: B008 - frozen
        """All assets by name, without their facts and identities: for exports."""
        async with self._reading_as_one() as session:
            return tuple([asset async for asset in InventoryStore(session).every_asset(asked)])

    async def asset(self, asset_id: UUID) -> AssetDetail:
        """One asset with its identities, its applications, and where each of its values came from."""
        async with self._reading() as session:
            return await InventoryStore(session).asset(asset_id)

    async def facts_of(self, asset_ids: Sequence[UUID]) -> Mapping[AssetId, tuple[Fact, ...]]:
        """Where the values of some assets came from."""
        async with self._reading() as session:
            return await InventoryStore(session).facts_of(asset_ids)

    async def applications(
        self, *, search: str | None = None, cursor: str | None = None, limit: int = DEFAULT_PAGE
    ) -> ApplicationPage:
        """Applications by name, with their members."""
        async with self._reading() as session:
            return await InventoryStore(session).applications(search=search, cursor=cursor, limit=limit)

    async def application(self, application_id: UUID) -> Application:
        """One application with its members."""
        async with self._reading() as session:
            return await InventoryStore(session).application(application_id)

    async def export(
        self,
        exporter: Exporter,
        target: IO[bytes],
        asked: AssetFilter = AssetFilter(),  # noqa: B008 - frozen
        *,
        lineage: bool = False,
    ) -> Summary:
        """Write the estate into `target` in another tool's format; answers what the format could not carry, and why.

        Raises:
            InvalidInput: the format cannot hold where values came from.
        """
        if lineage and not exporter.lineage:
            raise InvalidInput(
                f"{exporter.name} cannot hold where values came from.", hint="Ask for xlsx, or leave lineage out."
            )
        async with self._reading_as_one() as session:
            return await write_export(InventoryStore(session), exporter, target, asked=asked, lineage=lineage)

    async def dependency_page(
        self, *, of: UUID | None = None, cursor: str | None = None, limit: int = DEFAULT_PAGE
    ) -> DependencyPage:
        """Dependencies in their order, or those of one application or asset in either direction."""
        async with self._reading() as session:
            return await InventoryStore(session).dependency_page(of=of, cursor=cursor, limit=limit)

    async def dependencies(self, *, of: UUID | None = None) -> tuple[Dependency, ...]:
        """All dependencies, or those of one application or asset in either direction."""
        async with self._reading() as session:
            return await InventoryStore(session).dependencies(of=of)

    async def graph(self, *, expand: Sequence[UUID] = (), search: str | None = None) -> Graph:
        """Who needs whom, one node for each application; `expand` shows the machines of some.

        Raises:
            InvalidInput: too many nodes are to be expanded.
        """
        async with self._reading_as_one() as session:
            return await GraphStore(session).graph(expand=expand, search=search)

    async def neighbours(self, application: UUID) -> Neighbours:
        """What an application needs, and what needs it."""
        async with self._reading() as session:
            return await GraphStore(session).neighbours(application)

    async def evidence(
        self, source: UUID, target: UUID, *, cursor: str | None = None, limit: int = DEFAULT_PAGE
    ) -> EvidencePage:
        """The dependencies behind an edge of the graph, with the names of their ends."""
        async with self._reading_as_one() as session:
            return await GraphStore(session).evidence(source, target, cursor=cursor, limit=limit)

    async def conflicts(self) -> tuple[Conflict, ...]:
        """Where sources contradict each other."""
        async with self._reading() as session:
            return await InventoryStore(session).conflicts()

    async def conflict_page(
        self,
        asked: ConflictFilter = ConflictFilter(),  # noqa: B008 - frozen
        *,
        cursor: str | None = None,
        limit: int = DEFAULT_PAGE,
    ) -> ConflictPage:
        """Where sources contradict each other, in the order in which it was found."""
        async with self._reading() as session:
            return await ConflictStore(session).page(asked, cursor=cursor, limit=limit)

    async def decide_conflict(self, conflict: str, value: str | None = None, *, reason: str | None = None) -> Conflict:
        """Say which value is right; None keeps the one that is shown. It holds at once and for every later discovery.

        Raises:
            InvalidInput: none of the sources states the value.
        """
        self._caller.require(DECIDE)
        asset_id, field = parts_of_conflict_id(conflict)
        async with self._database.transaction(self._caller.tenant) as session:
            await PublishingStore(session).lock()
            store = ConflictStore(session)
            said = DecidedValue(
                asset_id=asset_id,
                field=field,
                value=(await store.get(asset_id, field)).preferred if value is None else value,
                decided_by=self._caller.email,
                decided_at=datetime.now(UTC),
                reason=reason,
            )
            return await store.remember(said)

    async def set_values(
        self, order: ValueOrder, *, dry_run: bool = True, expected_count: int | None = None
    ) -> ValueChanges:
        """Set values on many assets by hand, or see what that would change. They hold for every later discovery.

        Raises:
            NotFound: the engagement lacks one of the ids.
            Conflict: the order is about another number of assets than expected.
        """
        self._caller.require(DECIDE)
        if dry_run:
            async with self._database.snapshot(self._caller.tenant) as session:
                store = SettingStore(session)
                return await store.changes(order, await store.chosen(order, expected=expected_count), dry_run=True)
        async with self._database.transaction(self._caller.tenant) as session:
            await PublishingStore(session).lock()
            store = SettingStore(session)
            ids = await store.chosen(order, expected=expected_count)
            changes = await store.changes(order, ids, dry_run=False)
            await store.remember(order, ids, by=self._caller.email, at=datetime.now(UTC))
            return changes

    async def names(self, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """The names of applications and assets by id."""
        async with self._reading() as session:
            return await InventoryStore(session).names(ids)

    async def summary(self) -> EstateSummary:
        """The estate in numbers."""
        async with self._reading() as session:
            return await InventoryStore(session).summary()

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Session]:
        self._caller.require(READ)
        async with self._database.transaction(self._caller.tenant) as session:
            yield session

    @asynccontextmanager
    async def _reading_as_one(self) -> AsyncIterator[Session]:
        """For what takes many queries: nothing that is published meanwhile mixes into it."""
        self._caller.require(READ)
        async with self._database.snapshot(self._caller.tenant) as session:
            yield session
