"""Puts an approved estate in place of the one before, in the transaction of the approval.

The estate is a function of its imports: what is published was built from all of them, so whatever the new one lacks
goes. Rows are moved inside the database, from the staged chunks to their tables.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UUID_COLUMN
from sqlalchemy.sql.selectable import TableValuedAlias

from masterflow.db.bulk import Insertion, JsonRow, given_rows, insert_rows, insertion, unpacked
from masterflow.db.session import Session
from masterflow.db.tables.inventory import (
    application_members,
    applications,
    asset_facts,
    asset_identities,
    assets,
    conflicts,
    dependencies,
    estate_decisions,
    staged_chunks,
)
from masterflow.errors import Conflict
from masterflow.inventory.conflicts.store import ENVIRONMENT, ConflictStore
from masterflow.inventory.deciding import RULE
from masterflow.inventory.estate_rows import application_row, plain_uuid
from masterflow.inventory.imports.store import ImportStore
from masterflow.inventory.publishing.types import Decision, Publication, Published
from masterflow.inventory.setting.store import SettingStore
from masterflow.inventory.staging.store import StagingStore
from masterflow.inventory.types import ACTIVITIES, IDLE, IN_USE, AssetId, Environment

ASSETS, IDENTITIES, FACTS, CONFLICTS, DEPENDENCIES = "assets", "identities", "facts", "conflicts", "dependencies"
IDLE_SERVERS, IN_USE_SERVERS = "idle_servers", "in_use_servers"
MEASURED_FROM = 1_000  # rows; fewer mislead no plan of a query
GATE_SOURCE = "decision at the inventory gate"  # the source of a value that a person set

_STAGED = {
    ASSETS: assets,
    IDENTITIES: asset_identities,
    FACTS: asset_facts,
    CONFLICTS: conflicts,
    DEPENDENCIES: dependencies,
}
_NOT_STAGED = {"client_account_id", "engagement_id", "flow_id", "created_at", "updated_at"}


class PublishingStore:
    """Publishes for one engagement in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def publish_estate(self, staging: StagingStore, approved: Publication) -> Published:
        """Put the staged estate in place, as approved. Publishing the same estate again changes nothing.

        Raises:
            Conflict: another discovery was published since this estate was built, so its machines would be lost.
        """
        await self.lock()
        await self._refuse_an_outdated_estate(approved)
        await self._keep_decisions(approved)
        published = await self._replace_assets(staging, approved.flow_id)
        await self._replace(IDENTITIES, staging)
        await self._replace(FACTS, staging)
        await self._add_decided_facts()
        await self._replace(CONFLICTS, staging)
        await self._replace_applications(approved)
        await ConflictStore(self._session).apply_again()
        await SettingStore(self._session).apply()
        await self._drop_loose_dependencies()
        await self._note_imports(approved)
        await staging.discard()
        await self._measure(published.added + published.changed)
        return published

    async def publish_dependencies(self, staging: StagingStore, *, flow_id: UUID) -> int:
        """Put the staged dependencies in place of all earlier ones, and mark the servers that are staged as idle
        or in use.

        Answers how many dependencies there are now.
        """
        await self.lock()
        await self._replace(DEPENDENCIES, staging, flow_id=flow_id)
        for mark, kind in ((IDLE, IDLE_SERVERS), (IN_USE, IN_USE_SERVERS)):
            await self._mark(mark, [UUID(str(row["asset_id"])) async for row in staging.rows(kind)])
        await self._drop_loose_dependencies()
        await staging.discard()
        query = sa.select(sa.func.count()).select_from(dependencies).where(self._session.mine(dependencies))
        count = int((await self._session.execute(query)).scalar_one())
        await self._measure(count)
        return count

    async def _measure(self, rows: int) -> None:
        """Tell the planner how much there is now; by itself the database would find out a minute later."""
        if rows >= MEASURED_FROM:
            await self._session.execute(sa.select(sa.func.measure_estate()))

    async def _mark(self, mark: str, ids: Sequence[UUID]) -> None:
        """These servers carry a mark of `ACTIVITIES`, and no others."""
        named = assets.c.id == sa.any_(sa.cast(list(ids), ARRAY(UUID_COLUMN(as_uuid=True))))
        bare = sa.func.array_remove(assets.c.concerns, mark)
        no_more = assets.c.concerns.contains([mark]) & ~named
        await self._session.execute(sa.update(assets).where(self._session.mine(assets), no_more).values(concerns=bare))
        newly = named & ~assets.c.concerns.contains([mark])
        marked = sa.func.array_append(assets.c.concerns, mark)
        await self._session.execute(sa.update(assets).where(self._session.mine(assets), newly).values(concerns=marked))

    async def decisions(self) -> tuple[Decision, ...]:
        """What people said of machines at earlier gates."""
        query = sa.select(estate_decisions).where(self._session.mine(estate_decisions))
        return tuple(_decision(row) for row in (await self._session.execute(query)).mappings())

    async def lock(self) -> None:
        """One publication of an engagement at a time; the lock ends with the transaction."""
        key = f"estate:{self._session.tenant.engagement_id}"
        await self._session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(key, 0))))

    async def _refuse_an_outdated_estate(self, approved: Publication) -> None:
        known = {*approved.built_from, *approved.replaced}
        newer = [one for one in await ImportStore(self._session).published() if one.id not in known]
        if newer:
            names = ", ".join(one.file_name for one in newer)
            raise Conflict(
                f"The estate was built before {names} was published, and would lose what is known from it.",
                hint="Reject this proposal; it is then built again with those files.",
            )

    async def _keep_decisions(self, approved: Publication) -> None:
        if not approved.decisions:
            return
        flow = {"flow_id": sa.literal(approved.flow_id, sa.Uuid())}
        given = given_rows(estate_decisions, [_decision_row(decision) for decision in approved.decisions])
        made = insertion(self._session, estate_decisions, given, computed=flow)
        await self._session.execute(made.or_update(silent=["flow_id"]))
        spoken = [decision.asset_id for decision in approved.decisions if decision.environment is not None]
        await ConflictStore(self._session).forget_environments(spoken)

    async def _replace_assets(self, staging: StagingStore, flow_id: UUID) -> Published:
        wanted = await self._wanted_assets(staging)
        written: list[bool] = []
        for number in await staging.numbers(ASSETS):
            made = self._from_chunk(ASSETS, staging, number, flow_id=flow_id)
            written += (await self._session.execute(made.or_update(silent=["flow_id"]))).scalars()
        gone = assets.c.id.not_in(sa.select(given_rows(assets, wanted).c.id)) if wanted else sa.true()
        removed = await self._session.execute(sa.delete(assets).where(self._session.mine(assets), gone))
        added = sum(written)
        return Published(added, len(written) - added, len(wanted) - len(written), removed.rowcount)

    async def _wanted_assets(self, staging: StagingStore) -> list[JsonRow]:
        """The ids of the staged assets that nobody left out."""
        ids: list[JsonRow] = []
        for number in await staging.numbers(ASSETS):
            given = unpacked(assets, ["id"], staged_chunks.c.payload)
            query = sa.select(given.c.id).select_from(staged_chunks.join(given, sa.true()))
            query = query.where(staging.chunk(ASSETS, number), given.c.id.not_in(self._left_out()))
            ids += [{"id": str(asset_id)} for asset_id in (await self._session.execute(query)).scalars()]
        return ids

    async def _replace(self, kind: str, staging: StagingStore, *, flow_id: UUID | None = None) -> None:
        table = _STAGED[kind]
        await self._session.execute(sa.delete(table).where(self._session.mine(table)))
        for number in await staging.numbers(kind):
            await self._session.execute(self._from_chunk(kind, staging, number, flow_id=flow_id).statement)

    def _from_chunk(self, kind: str, staging: StagingStore, number: int, *, flow_id: UUID | None) -> Insertion:
        table = _STAGED[kind]
        columns = [column.name for column in table.c if column.name not in _NOT_STAGED]
        given = unpacked(table, columns, staged_chunks.c.payload)
        where = [staging.chunk(kind, number)]
        asset = {ASSETS: "id", IDENTITIES: "asset_id", FACTS: "asset_id", CONFLICTS: "asset_id"}.get(kind)
        if asset is not None:
            where.append(given.c[asset].is_(None) | given.c[asset].not_in(self._left_out()))
        computed = self._decided(kind, given)
        if flow_id is not None:
            computed["flow_id"] = sa.literal(flow_id, sa.Uuid())
        return insertion(self._session, table, given, computed=computed, source=staged_chunks, where=where)

    def _decided(self, kind: str, given: TableValuedAlias) -> dict[str, sa.ColumnElement[Any]]:
        """What a person said of a machine goes before what the files say."""
        if kind == ASSETS:
            return {
                "environment": sa.func.coalesce(self._environment_of(given.c.id), given.c.environment),
                "concerns": given.c.concerns.op("||")(self._marks_of(given.c.id)),
            }
        if kind == FACTS:
            undecided = self._environment_of(given.c.asset_id).is_(None)
            return {
                "chosen": sa.case((given.c.field == "environment", given.c.chosen & undecided), else_=given.c.chosen)
            }
        if kind == CONFLICTS:
            said = self._environment_of(given.c.asset_id)
            settled = (given.c.field == ENVIRONMENT) & said.is_not(None)
            return {
                "preferred": sa.case((settled, said), else_=given.c.preferred),
                "why": sa.case((settled, sa.literal(f"{RULE} at the inventory gate")), else_=given.c.why),
                "needs_review": given.c.needs_review & ~settled,
            }
        return {}

    def _environment_of(self, asset_id: sa.ColumnElement[Any]) -> sa.ScalarSelect[Any]:
        mine = self._session.mine(estate_decisions) & (estate_decisions.c.asset_id == asset_id)
        return sa.select(estate_decisions.c.environment).where(mine).scalar_subquery()

    def _marks_of(self, asset_id: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """The marks of a published asset: an estate is built without them, and its dependencies are read after it."""
        marks = sa.func.unnest(assets.c.concerns).table_valued("mark").render_derived()
        mine = self._session.mine(assets) & (assets.c.id == asset_id) & marks.c.mark.in_(sorted(ACTIVITIES))
        query = sa.select(marks.c.mark).select_from(assets.join(marks, sa.true())).where(mine)
        return sa.func.array(query.scalar_subquery(), type_=ARRAY(sa.Text))

    def _left_out(self) -> sa.Select[Any]:
        mine = self._session.mine(estate_decisions) & ~estate_decisions.c.keep
        return sa.select(estate_decisions.c.asset_id).where(mine)

    async def _add_decided_facts(self) -> None:
        """An environment that a person set is a fact like any other, with the gate as its source."""
        own = self._session.mine(estate_decisions) & estate_decisions.c.environment.is_not(None)
        asset = self._session.mine(assets) & (assets.c.id == estate_decisions.c.asset_id)
        values: dict[str, sa.ColumnElement[Any]] = {
            "client_account_id": assets.c.client_account_id,
            "engagement_id": assets.c.engagement_id,
            "asset_id": assets.c.id,
            "position": sa.literal(0),
            "field": sa.literal("environment"),
            "value": estate_decisions.c.environment,
            "source_file": sa.literal(GATE_SOURCE),
            "rule": sa.literal(RULE),
            "chosen": sa.true(),
            "confidence": sa.literal(1.0),
        }
        query = sa.select(*values.values()).select_from(estate_decisions.join(assets, asset)).where(own)
        await self._session.execute(sa.insert(asset_facts).from_select(list(values), query))

    async def _replace_applications(self, approved: Publication) -> None:
        await self._session.execute(sa.delete(application_members).where(self._session.mine(application_members)))
        gone = self._session.mine(applications)
        if approved.applications:
            given = given_rows(applications, [application_row(one) for one in approved.applications])
            flow = {"flow_id": sa.literal(approved.flow_id, sa.Uuid())}
            made = insertion(self._session, applications, given, computed=flow)
            await self._session.execute(made.or_update(silent=["flow_id"]))
            gone &= applications.c.id.not_in([one.id for one in approved.applications])
        await self._session.execute(sa.delete(applications).where(gone))
        members: list[JsonRow] = [
            {"application_id": str(m.application_id), "asset_id": str(m.asset_id), "membership": str(m.membership)}
            for m in approved.members
        ]
        await insert_rows(self._session, application_members, members)

    async def _drop_loose_dependencies(self) -> None:
        """A dependency holds only between what the estate has."""
        ids = sa.union_all(
            sa.select(assets.c.id).where(self._session.mine(assets)),
            sa.select(applications.c.id).where(self._session.mine(applications)),
        ).subquery()
        loose = dependencies.c.source_id.not_in(sa.select(ids)) | dependencies.c.target_id.not_in(sa.select(ids))
        await self._session.execute(sa.delete(dependencies).where(self._session.mine(dependencies), loose))

    async def _note_imports(self, approved: Publication) -> None:
        store = ImportStore(self._session)
        await store.publish(approved.built_from, flow_id=approved.flow_id)
        await store.replace(approved.replaced)


def _decision_row(decision: Decision) -> JsonRow:
    return {
        "asset_id": str(decision.asset_id),
        "applications": None if decision.applications is None else list(decision.applications),
        "environment": decision.environment,
        "keep": decision.keep,
    }


def _decision(row: sa.RowMapping) -> Decision:
    named = row["applications"]
    return Decision(
        asset_id=AssetId(plain_uuid(row["asset_id"])),
        applications=None if named is None else tuple(named),
        environment=Environment(row["environment"]) if row["environment"] else None,
        keep=row["keep"],
    )
