"""What the flows of an engagement or a client did, out of counters."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AliasPath, BaseModel, Field

from masterflow.api.errors import problems
from masterflow.api.parts import Actor, UseOrchestrator
from masterflow.api.shown import Shown
from masterflow.db.status import FlowStatus
from masterflow.orchestrator.analytics.tally import Wait
from masterflow.orchestrator.analytics.types import Analytics, Scope, TypeCounts


class TypeStandingOut(Shown):
    """How many flows of a type there are now; deleted ones are not counted."""

    flow_type: str
    total: int
    by_status: dict[FlowStatus, int]


class CountsOut(BaseModel):
    """What happened to the flows of a type. Every end counts: a flow that is rolled back can complete twice.

    `success_rate` is completed / (completed + failed + cancelled), null while nothing has ended.
    """

    flow_type: str
    created: int
    completed: int
    failed: int
    cancelled: int
    phases_done: int
    retries: int
    phase_retries: int
    rollbacks: int
    gates_approved: int
    gates_rejected: int
    success_rate: float | None

    @classmethod
    def of(cls, counted: TypeCounts) -> Self:
        """The counts of a type as the API shows them."""
        return cls.model_validate(
            {"flow_type": counted.flow_type, "success_rate": counted.success_rate, "day": counted.day}
            | {count.value: number for count, number in counted.counts.items()}
        )


class DayOut(CountsOut):
    """The same on one day (UTC)."""

    day: date


class TimingOut(Shown):
    """How long something took, in seconds: exact count and total, p50 and p95 within 5 per cent."""

    flow_type: str
    count: int = Field(validation_alias=AliasPath("timing", "count"))
    total_seconds: float = Field(validation_alias=AliasPath("timing", "total_seconds"))
    p50_seconds: float | None = Field(validation_alias=AliasPath("timing", "p50_seconds"))
    p95_seconds: float | None = Field(validation_alias=AliasPath("timing", "p95_seconds"))


class PhaseTimingOut(TimingOut):
    """How long a phase ran, each execution that ended with a result."""

    phase: str


class WaitTimingOut(TimingOut):
    """How long flows stood still for one reason; each wait counts on the day on which it ended."""

    wait: Wait


class CauseOut(Shown):
    """Why flows of a type failed, how often, and on which days."""

    flow_type: str
    phase: str | None
    code: str | None
    error_class: str | None
    count: int
    days: dict[date, int]


class AnalyticsOut(BaseModel):
    """The report. `as_of` is the newest event that is counted in, null if none is; later ones follow within a tick of
    the relay."""

    scope: Scope
    engagements: list[UUID]
    first: date
    last: date
    as_of: datetime | None
    flows: list[TypeStandingOut]
    totals: list[CountsOut]
    days: list[DayOut]
    phases: list[PhaseTimingOut]
    waits: list[WaitTimingOut]
    failures: list[CauseOut]

    @classmethod
    def of(cls, report: Analytics) -> Self:
        """The report as the API shows it."""
        return cls(
            scope=report.scope,
            engagements=list(report.engagements),
            first=report.window.first,
            last=report.window.last,
            as_of=report.as_of,
            flows=[TypeStandingOut.of(flows) for flows in report.flows],
            totals=[CountsOut.of(counted) for counted in report.totals],
            days=[DayOut.of(counted) for counted in report.days],
            phases=[PhaseTimingOut.of(phase) for phase in report.phases],
            waits=[WaitTimingOut.of(wait) for wait in report.waits],
            failures=[CauseOut.of(cause) for cause in report.failures],
        )


router = APIRouter(prefix="/flows", tags=["flows"])


@router.get("/analytics", response_model=AnalyticsOut, responses=problems())
async def get_analytics(
    actor: Actor,
    orchestrator: UseOrchestrator,
    first: Annotated[date | None, Query(alias="from", description="First day (UTC); none: 30 days")] = None,
    last: Annotated[date | None, Query(alias="to", description="Last day (UTC), included; none: today")] = None,
    flow_type: Annotated[str | None, Query(max_length=50)] = None,
    scope: Annotated[Scope, Query(description="`client`: of all engagements that the caller leads")] = Scope.ENGAGEMENT,
) -> AnalyticsOut:
    """Counts by type and status, throughput, success, durations, waits and causes of failure, out of counters.

    Throughput counts completions: a flow that is rolled back and completes again counts twice.
    """
    return AnalyticsOut.of(
        await orchestrator.analytics(actor, first=first, last=last, flow_type=flow_type, scope=scope)
    )
