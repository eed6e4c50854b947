"""The published estate, read."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from masterflow.db.keyset import LONGEST_PAGE, clean_limit, cursor_of, parts_of, uuid_of, whole_of
from masterflow.db.session import Session
from masterflow.db.tables.inventory import (
    application_members,
    applications,
    asset_facts,
    asset_identities,
    assets,
    conflicts,
    dependencies,
)
from masterflow.errors import NotFound
from masterflow.inventory.estate_rows import (
    ASSET_COLUMNS,
    DECIMAL_COLUMNS,
    application_of,
    asset_of,
    conflict_of,
    dependency_of,
    fact_of,
    identity_of,
    plain_uuid,
)
from masterflow.inventory.finding.store import asset_cursor, conditions, sorted_page
from masterflow.inventory.queries import (
    ApplicationPage,
    AssetDetail,
    AssetFilter,
    AssetPage,
    AssetSort,
    DependencyPage,
    EstateSummary,
)
from masterflow.inventory.types import (
    SERVER_TYPES,
    Application,
    Asset,
    AssetId,
    Conflict,
    Dependency,
    Fact,
    Identity,
    IdentityScheme,
    Membership,
)

PAGE = 250  # rows that are turned into values between two awaits


class InventoryStore:
    """The estate of one engagement in one transaction. Every list is empty before a discovery was approved."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def assets(
        self, asked: AssetFilter, *, sort: AssetSort = AssetSort.NAME, cursor: str | None = None, limit: int
    ) -> AssetPage:
        """Assets in the order asked for, without their facts and identities.

        Raises:
            InvalidInput: the cursor is none of this list or of another order, or the limit is not 1 to 1,000.
        """
        query = sa.select(assets).where(self._session.mine(assets), *conditions(self._session, asked).values())
        query = sorted_page(query, sort, cursor).limit(clean_limit(limit, LONGEST_PAGE) + 1)
        found = [asset_of(row) for row in (await self._session.execute(query)).mappings()]
        page = tuple(found[:limit])
        return AssetPage(page, asset_cursor(page[-1], sort) if len(found) > limit else None)

    async def every_asset(self, asked: AssetFilter = AssetFilter()) -> AsyncIterator[Asset]:  # noqa: B008 - frozen
        """All assets by name, page by page, without their facts and identities."""
        cursor: str | None = None
        while True:
            page = await self.assets(asked, cursor=cursor, limit=PAGE)
            for asset in page.assets:
                yield asset
            cursor = page.cursor
            if cursor is None:
                return

    async def asset(self, asset_id: UUID) -> AssetDetail:
        """One asset with its identities, its facts in their order, and its applications.

        Raises:
            NotFound: the engagement has none with this id.
        """
        query = sa.select(assets).where(self._session.mine(assets), assets.c.id == asset_id)
        row = (await self._session.execute(query)).mappings().one_or_none()
        if row is None:
            raise NotFound(f"There is no asset {asset_id}.", hint="List the assets to see their ids.")
        facts = await self.facts_of([asset_id])
        asset = asset_of(row, identities=await self._identities(asset_id), facts=facts.get(AssetId(asset_id), ()))
        return AssetDetail(asset, row["completeness"], await self._applications_of(asset_id))

    async def facts_of(self, asset_ids: Sequence[UUID]) -> Mapping[AssetId, tuple[Fact, ...]]:
        """The facts of some assets, each asset's in their order."""
        wanted = asset_facts.c.asset_id == sa.func.any(sa.literal(list(asset_ids), ARRAY(sa.Uuid())))
        query = sa.select(asset_facts).where(self._session.mine(asset_facts), wanted)
        query = query.order_by(asset_facts.c.asset_id, asset_facts.c.position)
        found: dict[AssetId, list[Fact]] = {}
        for row in (await self._session.execute(query)).mappings():
            found.setdefault(AssetId(plain_uuid(row["asset_id"])), []).append(fact_of(row))
        return {asset_id: tuple(facts) for asset_id, facts in found.items()}

    async def identities_as_json(self) -> str:
        """Every identity of the estate as one JSON text: an array of [asset id, scheme, value]."""
        columns = (asset_identities.c.asset_id, asset_identities.c.scheme, asset_identities.c.value)
        every = sa.func.coalesce(sa.cast(sa.func.json_agg(sa.func.json_build_array(*columns)), sa.Text), "[]")
        query = sa.select(every).where(self._session.mine(asset_identities))
        return str((await self._session.execute(query)).scalar_one())

    async def assets_as_json(self) -> tuple[str, ...]:
        """Every asset in JSON texts of up to 1,000, for another process; `published_asset` reads their entries."""
        columns = [sa.cast(assets.c[n], sa.Text) if n in DECIMAL_COLUMNS else assets.c[n] for n in ASSET_COLUMNS]
        row = sa.func.json_build_array(*columns).label("entry")
        place = sa.func.row_number().over(order_by=assets.c.id)
        part = sa.select(assets.c.id, row, ((place - 1) // LONGEST_PAGE).label("page"))
        each = part.where(self._session.mine(assets)).subquery()
        entries = sa.func.json_agg(aggregate_order_by(each.c.entry, each.c.id))
        # one statement: pages of several could be of two estates when one is published in between
        query = sa.select(sa.cast(entries, sa.Text)).group_by(each.c.page).order_by(each.c.page)
        return tuple((await self._session.execute(query)).scalars())

    async def machines_as_json(self) -> str:
        """What every asset is called and reached by, and what it does, as one JSON text.

        An array of [id, name, asset type, vm name, hostname, fqdn, [addresses], [concerns], power state, p95 and
        maximum of the processor's use in percent].
        """
        told = (
            *("id", "name", "asset_type", "vm_name", "hostname", "fqdn", "ip_addresses", "concerns"),
            *("power_state", "cpu_p95_pct", "cpu_max_pct"),
        )
        row = sa.func.json_build_array(*(assets.c[name] for name in told))
        every = sa.func.coalesce(sa.cast(sa.func.json_agg(row), sa.Text), "[]")
        query = sa.select(every).where(self._session.mine(assets))
        return str((await self._session.execute(query)).scalar_one())

    async def applications(
        self, *, search: str | None = None, cursor: str | None = None, limit: int
    ) -> ApplicationPage:
        """Applications by name, with their members.

        Raises:
            InvalidInput: the cursor is none of this list, or the limit is not 1 to 1,000.
        """
        query = self._page(applications, cursor, limit, members=True)
        if search:
            query = query.where(applications.c.name.icontains(search, autoescape=True))
        found = [application_of(row) for row in (await self._session.execute(query)).mappings()]
        page = tuple(found[:limit])
        return ApplicationPage(page, cursor_of((page[-1].name, page[-1].id)) if len(found) > limit else None)

    async def application(self, application_id: UUID) -> Application:
        """One application with its members.

        Raises:
            NotFound: the engagement has none with this id.
        """
        query = self._page(applications, None, 1, members=True).where(applications.c.id == application_id)
        row = (await self._session.execute(query)).mappings().one_or_none()
        if row is None:
            raise NotFound(f"There is no application {application_id}.", hint="List the applications to see their ids.")
        return application_of(row)

    async def every_application(self) -> tuple[Application, ...]:
        """All applications by name, with their members."""
        found: list[Application] = []
        cursor: str | None = None
        while True:
            page = await self.applications(cursor=cursor, limit=PAGE)
            found += page.applications
            cursor = page.cursor
            if cursor is None:
                return tuple(found)

    async def application_names(self, asset_ids: Sequence[UUID]) -> Mapping[AssetId, tuple[str, ...]]:
        """The names of the applications of some assets, the stated ones first; an asset without any is left out."""
        member = self._session.mine(application_members) & application_members.c.asset_id.in_(asset_ids)
        same = self._session.mine(applications) & (applications.c.id == application_members.c.application_id)
        proposed = application_members.c.membership == Membership.PROPOSED
        query = sa.select(application_members.c.asset_id, applications.c.name).where(member)
        query = query.join(applications, same).order_by(proposed, applications.c.name, applications.c.id)
        found: dict[AssetId, list[str]] = {}
        for row in await self._session.execute(query):
            found.setdefault(AssetId(plain_uuid(row.asset_id)), []).append(row.name)
        return {asset_id: tuple(names) for asset_id, names in found.items()}

    async def dependency_page(self, *, of: UUID | None = None, cursor: str | None = None, limit: int) -> DependencyPage:
        """Dependencies in their order, or those of one application or asset in either direction.

        Raises:
            InvalidInput: the cursor is none of this list, or the limit is not 1 to 1,000.
        """
        query = self._dependencies(of).limit(clean_limit(limit, LONGEST_PAGE) + 1)
        if cursor is not None:
            (position,) = parts_of(cursor, count=1)
            query = query.where(dependencies.c.position > whole_of(position, cursor))
        rows = list((await self._session.execute(query)).mappings())
        page = rows[:limit]
        more = cursor_of((str(page[-1]["position"]),)) if len(rows) > limit else None
        return DependencyPage(tuple(dependency_of(row) for row in page), more)

    async def dependencies(self, *, of: UUID | None = None) -> tuple[Dependency, ...]:
        """All dependencies in their order, or those of one application or asset in either direction."""
        return tuple(dependency_of(row) for row in (await self._session.execute(self._dependencies(of))).mappings())

    def _dependencies(self, of: UUID | None) -> sa.Select[Any]:
        query = sa.select(dependencies).where(self._session.mine(dependencies)).order_by(dependencies.c.position)
        if of is None:
            return query
        return query.where((dependencies.c.source_id == of) | (dependencies.c.target_id == of))

    async def conflicts(self) -> tuple[Conflict, ...]:
        """Where sources contradict each other, in the order in which they were found."""
        query = sa.select(conflicts).where(self._session.mine(conflicts)).order_by(conflicts.c.position)
        return tuple(conflict_of(row) for row in (await self._session.execute(query)).mappings())

    async def names(self, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """The names of applications and assets by id; an id that the estate does not have is left out."""
        wanted = sa.literal(list(ids), ARRAY(sa.Uuid()))
        query = sa.union_all(
            *(
                sa.select(table.c.id, table.c.name).where(self._session.mine(table), table.c.id == sa.func.any(wanted))
                for table in (assets, applications)
            )
        )
        return {plain_uuid(row.id): row.name for row in await self._session.execute(query)}

    async def summary(self) -> EstateSummary:
        """The estate in numbers."""
        return EstateSummary(
            **await self._sums(),
            **await self._counts(),
            by_type=await self._grouped(assets.c.asset_type),
            by_environment=await self._grouped(assets.c.environment, servers_only=True),
        )

    def _page(self, table: sa.Table, cursor: str | None, limit: int, *, members: bool = False) -> sa.Select[Any]:
        """One page by name and id, and one row more to see whether there is another."""
        columns: list[sa.ColumnElement[Any]] = list(table.c)
        if members:
            proposed = application_members.c.membership == Membership.PROPOSED
            columns.append(self._member_ids().label("asset_ids"))
            columns.append(self._member_ids(proposed).label("proposed_asset_ids"))
        query = sa.select(*columns).where(self._session.mine(table)).order_by(table.c.name, table.c.id)
        if cursor is not None:
            name, row_id = parts_of(cursor, count=2)
            last = sa.tuple_(sa.literal(name, sa.Text), sa.literal(uuid_of(row_id, cursor), sa.Uuid()))
            query = query.where(sa.tuple_(table.c.name, table.c.id) > last)
        return query.limit(clean_limit(limit, LONGEST_PAGE) + 1)

    def _member_ids(self, *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
        ids = sa.func.array_agg(aggregate_order_by(application_members.c.asset_id, application_members.c.asset_id))
        mine = self._session.mine(application_members) & (application_members.c.application_id == applications.c.id)
        empty = sa.literal([], ARRAY(sa.Uuid()))
        return sa.select(sa.func.coalesce(ids, empty)).where(mine, *where).correlate(applications).scalar_subquery()

    async def _identities(self, asset_id: UUID) -> list[Identity]:
        query = sa.select(asset_identities).where(
            self._session.mine(asset_identities), asset_identities.c.asset_id == asset_id
        )
        found = [identity_of(row) for row in (await self._session.execute(query)).mappings()]
        strength = list(IdentityScheme)
        return sorted(found, key=lambda identity: (strength.index(identity.scheme), identity.value))

    async def _applications_of(self, asset_id: UUID) -> tuple[Application, ...]:
        member = sa.select(application_members.c.application_id).where(
            self._session.mine(application_members), application_members.c.asset_id == asset_id
        )
        query = self._page(applications, None, LONGEST_PAGE, members=True).where(applications.c.id.in_(member))
        return tuple(application_of(row) for row in (await self._session.execute(query)).mappings())

    async def _sums(self) -> dict[str, int]:
        def total(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
            return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), sa.BigInteger)

        query = sa.select(
            sa.func.count().label("servers"),
            sa.func.count().filter(sa.func.lower(assets.c.power_state) == "poweredon").label("servers_powered_on"),
            *(
                total(assets.c[name]).label(name)
                for name in (
                    "cpu_cores",
                    "memory_mib",
                    "storage_provisioned_mib",
                    "storage_used_mib",
                    "disk_capacity_mib",
                )
            ),
        ).where(self._session.mine(assets), assets.c.asset_type.in_(SERVER_TYPES))
        return dict((await self._session.execute(query)).mappings().one())

    async def _counts(self) -> dict[str, Any]:
        proposed = applications.c.membership == Membership.PROPOSED
        members = sa.select(application_members.c.asset_id).where(self._session.mine(application_members))
        unassigned = assets.c.asset_type.in_(SERVER_TYPES) & assets.c.id.not_in(members)
        counted = {
            "assets": self._count(assets),
            "applications": self._count(applications),
            "applications_proposed": self._count(applications, proposed),
            "unassigned_servers": self._count(assets, unassigned),
            "dependencies": self._count(dependencies),
            "conflicts": self._count(conflicts),
            "conflicts_to_review": self._count(conflicts, conflicts.c.needs_review),
            "facts": self._count(asset_facts),
            "completeness": sa.select(sa.func.avg(assets.c.completeness))
            .where(self._session.mine(assets))
            .scalar_subquery(),
        }
        query = sa.select(*(column.label(name) for name, column in counted.items()))
        return dict((await self._session.execute(query)).mappings().one())

    def _count(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count()).select_from(table).where(self._session.mine(table), *where).scalar_subquery()

    async def _grouped(self, column: sa.ColumnElement[Any], *, servers_only: bool = False) -> Mapping[str, int]:
        query = sa.select(column.label("name"), sa.func.count().label("size"))
        query = query.where(self._session.mine(assets), column.is_not(None))
        if servers_only:
            query = query.where(assets.c.asset_type.in_(SERVER_TYPES))
        rows = await self._session.execute(query.group_by(column).order_by(column))
        return {row.name: row.size for row in rows}
