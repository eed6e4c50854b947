"""Plan which application moves in which wave, and ask a person.

The solver's plan respects every hard rule; a person may move applications between waves, and the rules are checked
again on what comes back.
"""

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from math import isfinite
from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import BaseModel, BeforeValidator

from masterflow.analysis.waves.plan import BrokenWish as SoftBreach
from masterflow.analysis.waves.plan import ConflictItem, WavePlan
from masterflow.analysis.waves.rules import breaches
from masterflow.analysis.waves.solve import plan_waves
from masterflow.analysis.waves.types import Wave as WaveRow
from masterflow.analysis.waves.types import WaveApplication, WaveEdge, WaveInstance
from masterflow.analysis.waves.wishes import broken_wishes
from masterflow.errors import EditProblem, EditRejected, InputMissing, MissingInput, PhaseFailed
from masterflow.flows.planning.config import Config
from masterflow.flows.planning.task import PlanTask, plan_task
from masterflow.inventory.portfolio import read_portfolio
from masterflow.records.assessments.store import AssessmentStore
from masterflow.records.assessments.types import Assessment
from masterflow.records.plans.store import PlanStore
from masterflow.records.plans.types import (
    BrokenWish,
    HybridDependency,
    Plan,
    PlannedItem,
    PlanStatus,
    Unplanned,
    Wave,
)
from masterflow.spec import Column, EditableTable, Gate, Phase, PhaseContext, Problem, Row, Stores

NAME = "wave_planning"
WORKERS = 2
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SPARE_TIME = timedelta(minutes=5)  # beyond the solver's own limit
FIELD_OF_RULE = {
    "pin": "pins",
    "together": "together",
    "apart": "apart",
    "before": "before",
    "freeze": "freezes",
    "capacity": "hours_per_wave",
    "max_parallel_prod": "max_parallel_prod",
    "no_waves": "waves",
}


def _from_json(value: object) -> object:
    """The strict task from what JSON made of it: lists for tuples, texts for dates."""
    return WaveInstance.model_validate_json(json.dumps(value)) if isinstance(value, dict) else value


Task = Annotated[WaveInstance, BeforeValidator(_from_json)]


class Input(Config):
    """The whole configuration of the flow."""


class PlannedSubject(BaseModel):
    """One application, or one server that belongs to none, in its wave."""

    subject_id: UUID
    name: str
    is_application: bool
    wave: int
    strategy: str
    servers: int
    storage_gb: int
    hours: int
    environment: Literal["prod", "nonprod"]
    criticality: str | None
    move_group: str | None


class PlannedWave(BaseModel):
    """One wave with what it carries and may carry; a capacity of None is not limited."""

    number: int
    start: date
    end: date
    freeze: Literal["none", "prod", "all"]
    applications: int
    hours: int
    capacity_hours: int | None
    servers: int
    capacity_servers: int | None
    storage_gb: int
    capacity_storage_gb: int | None


class Stays(BaseModel):
    """Something that no wave holds, and why."""

    subject_id: UUID
    name: str
    reason: str


class Hybrid(BaseModel):
    """A dependency that will cross between what has moved and what stays, from a wave on.

    `moves` is the end that moves, where the other stays for good.
    """

    source: str
    target: str
    wave: int
    risk: str
    moves: UUID | None = None


class Output(BaseModel):
    """The plan; `objective` is the share of dependency weight that crosses waves, `bound` its proven least."""

    plan_id: UUID
    assessment_id: UUID
    status: PlanStatus
    objective: float | None
    bound: float | None
    seconds: float
    subjects: list[PlannedSubject]
    planned_waves: list[PlannedWave]
    unplanned: list[Stays]
    hybrid_dependencies: list[Hybrid]
    broken_wishes: list[SoftBreach]
    confidence: Literal["high", "medium", "low"]
    confidence_note: str
    assumptions: list[str]
    instance: Task


async def run(ctx: PhaseContext, given: Input) -> Output:
    """Plan the waves of the engagement's newest assessment.

    Raises:
        InputMissing: there is no estate or assessment, nothing moves, or the rules contradict each other; then every
            rule of the minimal contradiction is named.
        PhaseFailed: no plan was found in the time given.
    """
    async with ctx.stores() as stores:
        portfolio = await read_portfolio(stores.session)
        assessment = await AssessmentStore(stores.session).latest()
    if assessment is None:
        raise InputMissing(
            [MissingInput("assessment", "the engagement has no published assessment")],
            hint="Run an assessment and approve its strategies, then start this phase again.",
        )
    task = plan_task(portfolio, assessment, given, today=ctx.now.date())
    plan = await ctx.compute(
        plan_waves,
        task.estate.instance,
        time_limit=timedelta(seconds=given.time_limit_seconds),
        seed=given.seed,
        workers=WORKERS,
    )
    _refuse_no_plan(plan, given, {i: subject.name for i, subject in task.subjects.items()})
    known = bool(portfolio.dependencies)
    return _output(uuid5(ctx.flow_id, f"plan/{ctx.iteration}"), task, assessment, plan, dependencies_known=known)


def _refuse_no_plan(plan: WavePlan, given: Input, names: dict[str, str]) -> None:
    if plan.status == "infeasible":
        raise InputMissing(
            [MissingInput(FIELD_OF_RULE.get(item.kind, item.kind), _said(item, names)) for item in plan.conflict],
            hint="These rules contradict each other: change or remove any one of them.",
        )
    if plan.status == "unknown":
        raise PhaseFailed(
            f"No plan was found in {given.time_limit_seconds} s, and no proof that there is none.",
            hint="Raise time_limit_seconds, or loosen capacity, then retry.",
        )


def _said(item: ConflictItem, names: dict[str, str]) -> str:
    return _with_names(item.sentence, {i: names[i] for i in item.applications if i in names}).rstrip(".")


def _output(
    plan_id: UUID, task: PlanTask, assessment: Assessment, plan: WavePlan, *, dependencies_known: bool
) -> Output:
    instance = task.estate.instance
    groups = _group_names(task, plan)
    subjects = [_subject(task, row, plan.waves[row.id], groups.get(row.id)) for row in instance.applications]
    subjects.sort(key=_by_wave)
    confidence, note = _confidence(subjects, dependencies_known=dependencies_known)
    names = {i: subject.name for i, subject in task.subjects.items()}
    return Output(
        plan_id=plan_id,
        assessment_id=assessment.id,
        status=PlanStatus(plan.status),
        objective=plan.objective,
        bound=plan.bound,
        seconds=round(plan.seconds, 3),
        subjects=subjects,
        planned_waves=_waves(instance, subjects),
        unplanned=[
            Stays(subject_id=UUID(u.application), name=task.name(u.application), reason=u.reason)
            for u in task.estate.not_planned
        ],
        hybrid_dependencies=_hybrids(task, plan.waves),
        broken_wishes=[_named(breach, names) for breach in plan.broken_wishes],
        confidence=confidence,
        confidence_note=note,
        assumptions=list(task.assumed),
        instance=instance,
    )


def _by_wave(subject: PlannedSubject) -> tuple[int, str]:
    return subject.wave, subject.name.casefold()


def _group_names(task: PlanTask, plan: WavePlan) -> dict[str, str]:
    """For everything that cannot move alone, the names of what moves with it."""
    shared = [group.applications for group in plan.groups if len(group.applications) > 1]
    titles = [" + ".join(sorted(task.name(i) for i in ids)) for ids in shared]
    return {i: title for ids, title in zip(shared, titles, strict=True) for i in ids}


def _subject(task: PlanTask, row: WaveApplication, wave: int, group: str | None) -> PlannedSubject:
    subject = task.subjects[row.id]
    return PlannedSubject(
        subject_id=subject.id,
        name=subject.name,
        is_application=subject.application is not None,
        wave=wave,
        strategy=task.recommendations[row.id].strategy.value,
        servers=round(row.servers),
        storage_gb=round(row.storage_gb),
        hours=round(row.hours),
        environment=row.environment,
        criticality=row.criticality,
        move_group=group,
    )


def _confidence(
    subjects: list[PlannedSubject], *, dependencies_known: bool
) -> tuple[Literal["high", "medium", "low"], str]:
    """How far the order can be trusted: without dependencies it rests on size and risk alone."""
    if not dependencies_known:
        return "low", "No dependencies are known: what must move together cannot be seen."
    alone = sum(not s.is_application for s in subjects)
    if alone:
        return "medium", f"{alone} servers belong to no application and are planned on their own."
    return "high", "Dependencies and applications are known."


def _waves(instance: WaveInstance, subjects: list[PlannedSubject]) -> list[PlannedWave]:
    return [_wave(row, [s for s in subjects if s.wave == row.number]) for row in instance.waves]


def _wave(row: WaveRow, members: list[PlannedSubject]) -> PlannedWave:
    if row.start is None or row.end is None:
        raise PhaseFailed(f"Wave {row.number} has no calendar.")
    return PlannedWave(
        number=row.number,
        start=row.start,
        end=row.end,
        freeze=row.freeze,
        applications=len(members),
        hours=sum(m.hours for m in members),
        capacity_hours=_whole(row.hours),
        servers=sum(m.servers for m in members),
        capacity_servers=_whole(row.servers),
        storage_gb=sum(m.storage_gb for m in members),
        capacity_storage_gb=_whole(row.storage_gb),
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _hybrids(task: PlanTask, wave_of: Mapping[str, int]) -> list[Hybrid]:
    """Dependencies that run between the two sites: to what stays, and for a while between different waves."""
    stay = [
        Hybrid(
            source=task.name(hybrid.source),
            target=task.name(hybrid.target),
            wave=wave_of[hybrid.moves],
            risk=hybrid.sentence,
            moves=UUID(hybrid.moves),
        )
        for hybrid in task.estate.hybrid
    ]
    names = {i: subject.name for i, subject in task.subjects.items()}
    return _in_order([*stay, *_across(task.estate.instance, wave_of, names)])


def _in_order(hybrids: list[Hybrid]) -> list[Hybrid]:
    return sorted(hybrids, key=lambda h: (h.wave, h.source, h.target))


def _across(instance: WaveInstance, wave_of: Mapping[str, int], names: Mapping[str, str]) -> list[Hybrid]:
    apart = (edge for edge in instance.edges if wave_of[edge.source] != wave_of[edge.target])
    return [_between(edge, wave_of, names) for edge in apart]


def _between(edge: WaveEdge, wave_of: Mapping[str, int], names: Mapping[str, str]) -> Hybrid:
    first, last = sorted((wave_of[edge.source], wave_of[edge.target]))
    kind = "a hard dependency: measure its latency first" if edge.kind == "hard" else "a soft dependency"
    source, target = names.get(edge.source, edge.source), names.get(edge.target, edge.target)
    return Hybrid(
        source=source,
        target=target,
        wave=first,
        risk=f"{source} needs {target} across the line from wave {first} until wave {last}: {kind}.",
    )


def _named(breach: SoftBreach, names: dict[str, str]) -> SoftBreach:
    """The breach with names instead of ids, as people read it."""
    concerned = tuple(names.get(i, i) for i in breach.applications)
    return breach.model_copy(update={"sentence": _with_names(breach.sentence, names), "applications": concerned})


def every_hard_rule_holds(given: Output) -> list[Problem]:
    """The plan, also an edited one, breaks no hard rule."""
    waves = {str(s.subject_id): s.wave for s in given.subjects}
    names = {str(s.subject_id): s.name for s in given.subjects}
    return [
        Problem(f"planning.{breach.kind}", _with_names(breach.sentence, names), "wave", breach.applications)
        for breach in breaches(given.instance, waves)
    ]


def _with_names(sentence: str, names: Mapping[str, str]) -> str:
    for i in names.keys() & set(_ID.findall(sentence)):
        sentence = sentence.replace(f"{names[i]} ({i})", names[i]).replace(i, names[i])
    return sentence


async def publish(stores: Stores, output: Output) -> None:
    """Write the approved plan as the engagement's next version."""
    await PlanStore(stores.session).publish(_plan(stores.flow_id, output))


def _plan(flow_id: UUID, output: Output) -> Plan:
    return Plan(
        id=output.plan_id,
        flow_id=flow_id,
        version=0,
        assessment_id=output.assessment_id,
        status=output.status,
        objective=output.objective,
        bound=output.bound,
        seconds=output.seconds,
        waves=tuple(_kept(wave, output) for wave in output.planned_waves),
        items=tuple(_item(subject) for subject in output.subjects),
        unplanned=tuple(Unplanned(u.subject_id, u.name, u.reason) for u in output.unplanned),
        hybrid_dependencies=tuple(
            HybridDependency(h.source, h.target, h.wave, h.risk) for h in output.hybrid_dependencies
        ),
        broken_wishes=tuple(BrokenWish(b.wish, b.applications, b.sentence) for b in output.broken_wishes),
    )


def _kept(wave: PlannedWave, output: Output) -> Wave:
    return Wave(
        number=wave.number,
        name=f"Wave {wave.number}",
        start=wave.start,
        end=wave.end,
        frozen="" if wave.freeze == "none" else wave.freeze,
        hours=wave.hours,
        capacity_hours=wave.capacity_hours,
        servers=wave.servers,
        capacity_servers=wave.capacity_servers,
        storage_gb=wave.storage_gb,
        capacity_storage_gb=wave.capacity_storage_gb,
        confidence=output.confidence,
        note=output.confidence_note,
    )


def _item(subject: PlannedSubject) -> PlannedItem:
    return PlannedItem(
        subject_id=subject.subject_id,
        subject_name=subject.name,
        is_application=subject.is_application,
        wave=subject.wave,
        strategy=subject.strategy,
        servers=subject.servers,
        storage_gb=subject.storage_gb,
        hours=subject.hours,
        environment=subject.environment,
        criticality=subject.criticality,
        move_group=subject.move_group,
    )


def _rows(output: Output) -> list[Row]:
    return [
        {
            "subject_id": str(s.subject_id),
            "name": s.name,
            "wave": s.wave,
            "strategy": s.strategy,
            "servers": s.servers,
            "storage_gb": s.storage_gb,
            "hours": s.hours,
            "environment": s.environment,
            "criticality": s.criticality,
            "move_group": s.move_group,
        }
        for s in output.subjects
    ]


def _apply(output: Output, rows: list[Row]) -> Output:
    """The plan with the waves of the workbook; loads, crossing weight, hybrids and wishes are computed anew."""
    asked = {str(row["subject_id"]): row["wave"] for row in rows}
    waves = {wave.number for wave in output.planned_waves}
    problems = [
        EditProblem(
            f"{s.name}, column Wave: '{asked[str(s.subject_id)]}' is none of {min(waves)} to {max(waves)}",
            code="planning.no_such_wave",
            row=str(s.subject_id),
            field="wave",
        )
        for s in output.subjects
        if _number(asked[str(s.subject_id)]) not in waves
    ]
    if problems:
        raise EditRejected(problems, hint="Write the number of a wave.")
    subjects = [s.model_copy(update={"wave": _number(asked[str(s.subject_id)])}) for s in output.subjects]
    if subjects == output.subjects:
        return output
    return _measured(output.model_copy(update={"subjects": sorted(subjects, key=_by_wave)}))


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return int(value) if value == int(value) else None


def _measured(edited: Output) -> Output:
    plan = {str(s.subject_id): s.wave for s in edited.subjects}
    names = {str(s.subject_id): s.name for s in edited.subjects}
    edges = edited.instance.edges
    total = sum(edge.weight for edge in edges)
    crossing = sum(edge.weight for edge in edges if plan[edge.source] != plan[edge.target])
    return edited.model_copy(
        update={
            "status": PlanStatus.FEASIBLE,
            "objective": crossing / total if total else 0.0,
            "planned_waves": _waves(edited.instance, edited.subjects),
            "hybrid_dependencies": _in_order([*_to_what_stays(edited, plan), *_across(edited.instance, plan, names)]),
            "broken_wishes": [_named(breach, names) for breach in broken_wishes(edited.instance, plan)],
        }
    )


def _to_what_stays(edited: Output, plan: Mapping[str, int]) -> list[Hybrid]:
    """The dependencies on what no wave holds, from the waves that their other ends have now."""
    moving = {s.name for s in edited.subjects}
    stay = [h for h in edited.hybrid_dependencies if h.moves or not {h.source, h.target} <= moving]
    return [h.model_copy(update={"wave": plan.get(str(h.moves), h.wave)}) for h in stay]


def _summary(output: Output) -> Row:
    return {
        "status": output.status,
        "crossing_share": output.objective,
        "least_crossing_share": output.bound,
        "waves": len(output.planned_waves),
        "hybrid_dependencies": len(output.hybrid_dependencies),
        "broken_wishes": len(output.broken_wishes),
    }


TABLE: EditableTable[Output] = EditableTable(
    title="Waves",
    key="subject_id",
    columns=(
        Column("name", "Application or server", width=34),
        Column("wave", "Wave", editable=True, width=8),
        Column("strategy", "Strategy", width=14),
        Column("servers", "Servers", width=9),
        Column("storage_gb", "Storage (GB)", width=13),
        Column("hours", "Work (hours)", width=13),
        Column("environment", "Environment", width=13),
        Column("criticality", "Criticality", width=12),
        Column("move_group", "Moves together with", width=50),
        Column("subject_id", "Id", width=38),
    ),
    rows=_rows,
    apply=_apply,
    summary=_summary,
)

PHASE = Phase(
    name=NAME,
    title="Plan which application moves in which wave",
    takes=Input,
    gives=Output,
    run=run,
    checks=[every_hard_rule_holds],
    gate=Gate(
        asks="Is this the order to move in?",
        rejects_to=NAME,
        table=TABLE,
        due_in=timedelta(days=3),
        remind_every=timedelta(days=1),
    ),
    publish=publish,
    time_limit=timedelta(hours=1) + SPARE_TIME,
)
