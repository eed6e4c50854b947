"""Where assessments are kept: a head row, one row a server, one row a recommendation."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from masterflow.db.session import Session
from masterflow.db.tables.records import assessment_recommendations, assessment_servers, assessments
from masterflow.records.assessments.types import (
    Assessment,
    AssessmentHead,
    Recommendation,
    Risk,
    ServerAssessment,
    Strategy,
)
from masterflow.records.documents import Document

_SERVER = Document(ServerAssessment)
_RECOMMENDATION = Document(Recommendation)
_RISKS = Document(tuple[Risk, ...])
_HEAD = ("id", "flow_id", "assessed_on", "move_date", "target", "created_at")


class AssessmentStore:
    """The assessments of one tenant in one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def publish(self, assessment: Assessment) -> None:
        """Write a whole assessment; it is never changed afterwards."""
        session = self._session
        await session.execute(
            sa.insert(assessments),
            {
                **session.stamp(assessments),
                "id": assessment.id,
                "flow_id": assessment.flow_id,
                "assessed_on": assessment.assessed_on,
                "move_date": assessment.move_date,
                "target": assessment.target,
                "risks": _RISKS.dump(assessment.risks),
            },
        )
        await self._insert(assessment_servers, [self._server(assessment.id, s) for s in assessment.servers])
        await self._insert(
            assessment_recommendations, [self._recommendation(assessment.id, r) for r in assessment.recommendations]
        )

    async def latest(self) -> Assessment | None:
        """The newest assessment of the engagement, or None."""
        newest = sa.select(assessments).where(self._session.mine(assessments))
        row = (await self._session.execute(newest.order_by(assessments.c.created_at.desc()).limit(1))).first()
        return await self._whole(row) if row else None

    async def get(self, assessment_id: UUID) -> Assessment | None:
        """One assessment, or None if the engagement has no such."""
        found = sa.select(assessments).where(self._session.mine(assessments), assessments.c.id == assessment_id)
        row = (await self._session.execute(found)).first()
        return await self._whole(row) if row else None

    async def heads(self, *, before: tuple[datetime, UUID] | None = None, limit: int) -> list[AssessmentHead]:
        """Assessments made before a moment and key, newest first, without what they hold."""
        made = sa.tuple_(assessments.c.created_at, assessments.c.id)
        newest = sa.select(*(assessments.c[name] for name in _HEAD)).where(self._session.mine(assessments))
        newest = newest.order_by(assessments.c.created_at.desc(), assessments.c.id.desc()).limit(limit)
        if before is not None:
            newest = newest.where(made < sa.tuple_(*before))
        rows = list(await self._session.execute(newest))
        ids = [row.id for row in rows]
        servers = await self._counts(assessment_servers, ids, by=sa.literal("all"))
        strategies = await self._counts(assessment_recommendations, ids, by=assessment_recommendations.c.strategy)
        return [_head(row, servers[row.id], strategies[row.id]) for row in rows]

    async def _counts(
        self, table: sa.Table, ids: Sequence[UUID], *, by: sa.ColumnElement[str]
    ) -> Mapping[UUID, Counter[str]]:
        found: dict[UUID, Counter[str]] = defaultdict(Counter)
        if ids:
            of = table.c.assessment_id
            rows = sa.select(of, by.label("kind"), sa.func.count().label("count")).where(
                self._session.mine(table), of.in_(ids)
            )
            for row in (await self._session.execute(rows.group_by(of, sa.text("2")))).mappings():
                found[row["assessment_id"]][row["kind"]] = row["count"]
        return found

    async def _whole(self, row: Any) -> Assessment:
        return Assessment(
            id=row.id,
            flow_id=row.flow_id,
            assessed_on=row.assessed_on,
            move_date=row.move_date,
            target=row.target,
            servers=tuple([_SERVER.load(d) for d in await self._details(assessment_servers, "name", row.id)]),
            recommendations=tuple(
                [
                    _RECOMMENDATION.load(d)
                    for d in await self._details(assessment_recommendations, "subject_name", row.id)
                ]
            ),
            risks=_RISKS.load(row.risks),
        )

    async def _details(self, table: sa.Table, order: str, assessment_id: UUID) -> list[Any]:
        rows = sa.select(table.c.details).where(self._session.mine(table), table.c.assessment_id == assessment_id)
        return list((await self._session.execute(rows.order_by(table.c[order]))).scalars())

    async def _insert(self, table: sa.Table, rows: list[dict[str, object]]) -> None:
        if rows:
            await self._session.execute(sa.insert(table), rows)

    def _server(self, assessment_id: UUID, server: ServerAssessment) -> dict[str, object]:
        return {
            **self._session.stamp(assessment_servers),
            "assessment_id": assessment_id,
            "asset_id": server.asset_id,
            "name": server.name,
            "support_today": server.support_today,
            "support_at_move": server.support_at_move,
            "readiness": server.readiness,
            "details": _SERVER.dump(server),
        }

    def _recommendation(self, assessment_id: UUID, recommendation: Recommendation) -> dict[str, object]:
        return {
            **self._session.stamp(assessment_recommendations),
            "assessment_id": assessment_id,
            "subject_id": recommendation.subject_id,
            "subject_name": recommendation.subject_name,
            "is_application": recommendation.is_application,
            "strategy": recommendation.strategy,
            "rule_strategy": recommendation.rule_strategy,
            "details": _RECOMMENDATION.dump(recommendation),
        }


def _head(row: Any, servers: Counter[str], strategies: Counter[str]) -> AssessmentHead:
    return AssessmentHead(
        id=row.id,
        flow_id=row.flow_id,
        assessed_on=row.assessed_on,
        move_date=row.move_date,
        target=row.target,
        servers=servers.total(),
        recommendations=strategies.total(),
        by_strategy={strategy: strategies[strategy] for strategy in Strategy if strategies[strategy]},
        created_at=row.created_at,
    )
