"""Where plans are kept: every published version, its waves and what moves in them."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from masterflow.db.session import Session
from masterflow.db.tables.records import plans, wave_items, waves
from masterflow.records.documents import Document
from masterflow.records.plans.types import (
    BrokenWish,
    HybridDependency,
    Plan,
    PlanHead,
    PlannedItem,
    PlanStatus,
    Unplanned,
    Wave,
)


@dataclass(frozen=True, slots=True)
class _Remarks:
    unplanned: tuple[Unplanned, ...]
    hybrid_dependencies: tuple[HybridDependency, ...]
    broken_wishes: tuple[BrokenWish, ...]


_REMARKS = Document(_Remarks)
_WAVE = Document(Wave)
_ITEM = Document(PlannedItem)


class PlanStore:
    """The plans of one tenant in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def publish(self, plan: Plan) -> Plan:
        """Write a plan as the engagement's next version and answer it with that version."""
        plan = replace(plan, version=await self._next_version())
        session = self._session
        remarks = _Remarks(plan.unplanned, plan.hybrid_dependencies, plan.broken_wishes)
        await session.execute(
            sa.insert(plans),
            {
                **session.stamp(plans),
                "id": plan.id,
                "flow_id": plan.flow_id,
                "assessment_id": plan.assessment_id,
                "version": plan.version,
                "status": plan.status,
                "objective": plan.objective,
                "bound": plan.bound,
                "seconds": plan.seconds,
                "remarks": _REMARKS.dump(remarks),
            },
        )
        await self._insert(waves, [self._wave(plan.id, wave) for wave in plan.waves])
        await self._insert(wave_items, [self._item(plan.id, item) for item in plan.items])
        return plan

    async def latest(self) -> Plan | None:
        """The newest version of the engagement's plan, or None."""
        newest = sa.select(plans).where(self._session.mine(plans)).order_by(plans.c.version.desc()).limit(1)
        row = (await self._session.execute(newest)).first()
        return await self._whole(row) if row else None

    async def get(self, plan_id: UUID) -> Plan | None:
        """One plan, or None if the engagement has no such."""
        found = sa.select(plans).where(self._session.mine(plans), plans.c.id == plan_id)
        row = (await self._session.execute(found)).first()
        return await self._whole(row) if row else None

    async def heads(self, *, below: int | None = None, limit: int) -> list[PlanHead]:
        """Versions below a number, newest first, without what they hold."""
        newest = self._heads().order_by(plans.c.version.desc()).limit(limit)
        rows = await self._session.execute(newest if below is None else newest.where(plans.c.version < below))
        return [_head(row) for row in rows]

    async def head(self, plan_id: UUID) -> PlanHead | None:
        """One version without what it holds, or None if the engagement has no such."""
        row = (await self._session.execute(self._heads().where(plans.c.id == plan_id))).first()
        return _head(row) if row else None

    def _heads(self) -> sa.Select[Any]:
        columns = (plans.c[name] for name in ("id", "flow_id", "version", "status", "created_at", "objective"))
        return sa.select(*columns, self._count(waves), self._count(wave_items)).where(self._session.mine(plans))

    def _count(self, table: sa.Table) -> sa.Label[int]:
        counted = sa.select(sa.func.count()).where(self._session.mine(table), table.c.plan_id == plans.c.id)
        return counted.scalar_subquery().label(f"{table.name}_count")

    async def _next_version(self) -> int:
        # Two plans of one engagement that are published together take their numbers one after the other.
        lock = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(str(self._session.tenant.engagement_id), 0))
        await self._session.execute(sa.select(lock))
        newest = sa.select(sa.func.coalesce(sa.func.max(plans.c.version), 0)).where(self._session.mine(plans))
        return int((await self._session.execute(newest)).scalar_one()) + 1

    async def _whole(self, row: Any) -> Plan:
        remarks = _REMARKS.load(row.remarks)
        return Plan(
            id=row.id,
            flow_id=row.flow_id,
            version=row.version,
            assessment_id=row.assessment_id,
            status=PlanStatus(row.status),
            objective=row.objective,
            bound=row.bound,
            seconds=row.seconds,
            waves=tuple([_WAVE.load(document) for document in await self._details(waves, "number", row.id)]),
            items=tuple([_ITEM.load(document) for document in await self._details(wave_items, "wave", row.id)]),
            unplanned=remarks.unplanned,
            hybrid_dependencies=remarks.hybrid_dependencies,
            broken_wishes=remarks.broken_wishes,
        )

    async def _details(self, table: sa.Table, order: str, plan_id: UUID) -> list[Any]:
        rows = sa.select(table.c.details).where(self._session.mine(table), table.c.plan_id == plan_id)
        ordered = (
            rows.order_by(table.c[order], table.c["subject_name"]) if order == "wave" else rows.order_by(table.c[order])
        )
        return list((await self._session.execute(ordered)).scalars())

    async def _insert(self, table: sa.Table, rows: list[dict[str, object]]) -> None:
        if rows:
            await self._session.execute(sa.insert(table), rows)

    def _wave(self, plan_id: UUID, wave: Wave) -> dict[str, object]:
        return {
            **self._session.stamp(waves),
            "plan_id": plan_id,
            "number": wave.number,
            "starts_on": wave.start,
            "ends_on": wave.end,
            "details": _WAVE.dump(wave),
        }

    def _item(self, plan_id: UUID, item: PlannedItem) -> dict[str, object]:
        return {
            **self._session.stamp(wave_items),
            "plan_id": plan_id,
            "subject_id": item.subject_id,
            "wave": item.wave,
            "subject_name": item.subject_name,
            "details": _ITEM.dump(item),
        }


def _head(row: Any) -> PlanHead:
    return PlanHead(
        id=row.id,
        flow_id=row.flow_id,
        version=row.version,
        status=PlanStatus(row.status),
        created_at=row.created_at,
        waves=row.waves_count,
        items=row.wave_items_count,
        objective=row.objective,
    )
