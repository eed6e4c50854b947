"""Where contradictions and the decisions on them are kept, and how a decision reaches the published asset."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UUID_COLUMN
from sqlalchemy.dialects.postgresql import insert as pg_insert

from masterflow.db.keyset import LONGEST_PAGE, clean_limit, cursor_of, parts_of, whole_of
from masterflow.db.session import Session
from masterflow.db.tables.inventory import (
    applications,
    asset_facts,
    assets,
    conflict_decisions,
    conflicts,
    estate_decisions,
)
from masterflow.errors import InvalidInput, NotFound
from masterflow.inventory.deciding import (
    LIFECYCLE,
    OPERATING_SYSTEM,
    OS_VERSION,
    RULE,
    DecidedValue,
    decide,
    decide_application,
    no_conflict,
)
from masterflow.inventory.estate_rows import asset_row, conflict_of, conflict_rows, fact_rows, plain_uuid
from masterflow.inventory.queries import ConflictFilter, ConflictPage
from masterflow.inventory.store import InventoryStore
from masterflow.inventory.types import Asset, AssetId, Conflict

ENVIRONMENT = "environment"


class ConflictStore:
    """The contradictions of one engagement in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def page(self, asked: ConflictFilter, *, cursor: str | None = None, limit: int) -> ConflictPage:
        """Contradictions in the order in which they were found.

        Raises:
            InvalidInput: the cursor is none of this list, or the limit is not 1 to 1,000.
        """
        query = sa.select(conflicts).where(self._session.mine(conflicts), *_asked(asked)).order_by(conflicts.c.position)
        if cursor is not None:
            (position,) = parts_of(cursor, count=1)
            query = query.where(conflicts.c.position > whole_of(position, cursor))
        limited = query.limit(clean_limit(limit, LONGEST_PAGE) + 1)
        rows = list((await self._session.execute(limited)).mappings())
        page = rows[:limit]
        more = cursor_of((str(page[-1]["position"]),)) if len(rows) > limit else None
        return ConflictPage(tuple(conflict_of(row) for row in page), more)

    async def get(self, asset_id: AssetId, field: str) -> Conflict:
        """The contradiction about one field of one asset.

        Raises:
            NotFound: the estate has none.
        """
        row = (await self._session.execute(sa.select(conflicts).where(self._one(asset_id, field)))).mappings().first()
        if row is None:
            raise no_conflict()
        return conflict_of(row)

    async def remember(self, said: DecidedValue) -> Conflict:
        """Keep a decision for every later rebuild, apply it to the published asset, and answer the settled conflict.

        Raises:
            NotFound: the estate has no such conflict.
            InvalidInput: none of the sources states the value.
        """
        conflict = await self._to_decide(said)
        known = list(dict.fromkeys(fact.value for fact in conflict.values))
        if said.value not in known:
            raise InvalidInput(
                f"No source states {said.value[:200]!r} as {said.field} of {conflict.asset_name}.",
                hint=f"Choose one of: {'; '.join(known)}.",
            )
        values = {name: getattr(said, name) for name in ("value", "reason", "decided_by", "decided_at", "by_hand")}
        key = {"asset_id": said.asset_id, "field": said.field}
        insert = pg_insert(conflict_decisions).values(**self._session.stamp(conflict_decisions), **key, **values)
        update = insert.on_conflict_do_update(index_elements=list(conflict_decisions.primary_key), set_=values)
        await self._session.execute(update)
        if said.field == ENVIRONMENT:
            await self._forget_the_gate(said.asset_id)
        return await self._apply(said, conflict)

    async def _to_decide(self, said: DecidedValue) -> Conflict:
        """The conflict that a decision is about; that a machine was taken for retired may be decided without one."""
        try:
            return await self.get(said.asset_id, said.field)
        except NotFound:
            if said.field != LIFECYCLE:
                raise
        asset = (await InventoryStore(self._session).asset(said.asset_id)).asset
        stated = tuple(fact for fact in asset.facts if fact.field == LIFECYCLE)
        shown = next((fact.value for fact in stated if fact.chosen), None)
        if shown is None:
            raise no_conflict()
        return Conflict(asset.name, LIFECYCLE, stated, shown, "proposed", asset_id=asset.id)

    async def decisions(self) -> tuple[DecidedValue, ...]:
        """Every decision that is kept."""
        query = sa.select(conflict_decisions).where(self._session.mine(conflict_decisions))
        return tuple(_decided(row) for row in (await self._session.execute(query)).mappings())

    async def apply_again(self) -> None:
        """Put the choices between sources into an estate that was just published and does not know them."""
        same = (conflicts.c.asset_id == conflict_decisions.c.asset_id) & (
            conflicts.c.field == conflict_decisions.c.field
        )
        unknown = conflicts.c.decided_at.is_distinct_from(conflict_decisions.c.decided_at)
        query = sa.select(conflict_decisions).where(
            self._session.mine(conflict_decisions),
            ~conflict_decisions.c.by_hand,
            sa.exists().where(self._session.mine(conflicts), same, unknown),
            sa.or_(
                *(
                    sa.exists().where(self._session.mine(one), one.c.id == conflict_decisions.c.asset_id)
                    for one in (assets, applications)  # an application may have been given up at the gate
                )
            ),
        )
        for row in (await self._session.execute(query)).mappings().all():
            said = _decided(row)
            await self._apply(said, await self.get(said.asset_id, said.field))

    async def forget_environments(self, asset_ids: list[AssetId]) -> None:
        """Drop what was decided of the environments of some assets: the inventory gate spoke later."""
        its = (conflict_decisions.c.field == ENVIRONMENT) & (
            conflict_decisions.c.asset_id == sa.any_(sa.cast(list(asset_ids), ARRAY(UUID_COLUMN(as_uuid=True))))
        )
        await self._session.execute(sa.delete(conflict_decisions).where(self._session.mine(conflict_decisions), its))

    async def _apply(self, said: DecidedValue, conflict: Conflict) -> Conflict:
        if await self._is_application(said.asset_id):
            return await self._apply_to_application(said, conflict)
        asset = (await InventoryStore(self._session).asset(said.asset_id)).asset
        changed, after = decide(asset, conflict, said)
        if changed != asset:
            await self._write_asset(asset, changed)
            await self._write_facts(changed, said)
        if after is not None:
            await self._write_conflict(after, said)
        return after or conflict

    async def _write_conflict(self, after: Conflict, said: DecidedValue) -> None:
        (row,) = conflict_rows([after])
        told = {name: row[name] for name in ("preferred", "why", "needs_review", "decided_by", "decided_at")}
        await self._session.execute(sa.update(conflicts).where(self._one(said.asset_id, said.field)).values(told))

    async def _is_application(self, subject: UUID) -> bool:
        query = sa.select(applications.c.id).where(self._session.mine(applications), applications.c.id == subject)
        return (await self._session.execute(query)).first() is not None

    async def _apply_to_application(self, said: DecidedValue, conflict: Conflict) -> Conflict:
        before = await InventoryStore(self._session).application(said.asset_id)
        changed, after = decide_application(before, conflict, said)
        mine = self._session.mine(applications) & (applications.c.id == said.asset_id)
        told = {"criticality": changed.criticality, "business_owner": changed.business_owner}
        values = {**told, "attributes": dict(changed.attributes)}
        if changed != before:
            await self._session.execute(sa.update(applications).where(mine).values(values))
        await self._write_conflict(after, said)
        return after

    async def _write_asset(self, before: Asset, after: Asset) -> None:
        old, new = asset_row(before, completeness=None), asset_row(after, completeness=None)
        changed = {name: getattr(after, name) for name in new if new[name] != old[name]}
        changed = {name: list(value) if isinstance(value, tuple) else value for name, value in changed.items()}
        mine = self._session.mine(assets) & (assets.c.id == after.id)
        await self._session.execute(sa.update(assets).where(mine).values(**changed, updated_at=sa.func.now()))

    async def _write_facts(self, after: Asset, said: DecidedValue) -> None:
        """Mark what is chosen now, and enter the decision itself before the facts of the files."""
        mine = self._session.mine(asset_facts) & (asset_facts.c.asset_id == after.id)
        its = asset_facts.c.field == said.field
        await self._session.execute(sa.delete(asset_facts).where(mine, its, asset_facts.c.rule == RULE))
        await self._session.execute(sa.update(asset_facts).where(mine, its).values(chosen=False))
        if said.field == OPERATING_SYSTEM:
            await self._choose_version(after, mine)
        first = sa.select(sa.func.coalesce(sa.func.min(asset_facts.c.position), 0) - 1).where(mine)
        (row,) = [r for r in fact_rows(after, {}) if (r["field"], r["rule"]) == (said.field, RULE)]
        values = {**row, "asset_id": after.id, "position": first.scalar_subquery()}
        await self._session.execute(sa.insert(asset_facts).values(**self._session.stamp(asset_facts), **values))

    async def _choose_version(self, after: Asset, mine: sa.ColumnElement[bool]) -> None:
        version = mine & (asset_facts.c.field == OS_VERSION)
        await self._session.execute(sa.update(asset_facts).where(version).values(chosen=False))
        for fact in after.facts:
            if fact.field == OS_VERSION and fact.chosen:
                source = fact.source
                its = (
                    (asset_facts.c.source_file == source.file)
                    & asset_facts.c.source_sheet.is_not_distinct_from(source.sheet)
                    & asset_facts.c.source_row.is_not_distinct_from(source.row)
                )
                await self._session.execute(sa.update(asset_facts).where(version, its).values(chosen=True))

    async def _forget_the_gate(self, asset_id: AssetId) -> None:
        """The newest word holds: what the gate said of the environment earlier is given up."""
        mine = self._session.mine(estate_decisions) & (estate_decisions.c.asset_id == asset_id)
        await self._session.execute(sa.update(estate_decisions).where(mine).values(environment=None))

    def _one(self, asset_id: AssetId, field: str) -> sa.ColumnElement[bool]:
        return self._session.mine(conflicts) & (conflicts.c.asset_id == asset_id) & (conflicts.c.field == field)


def _asked(asked: ConflictFilter) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    if asked.needs_review is not None:
        wanted.append(conflicts.c.needs_review == asked.needs_review)
    if asked.asset is not None:
        wanted.append(conflicts.c.asset_id == asked.asset)
    if asked.field is not None:
        wanted.append(conflicts.c.field == asked.field)
    return wanted


def _decided(row: Any) -> DecidedValue:
    return DecidedValue(
        asset_id=AssetId(plain_uuid(row["asset_id"])),
        field=row["field"],
        value=row["value"],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        reason=row["reason"],
        by_hand=row["by_hand"],
    )
