"""A programme from files to a plan: uploads, flows one after the other, their gates answered, and the report.

Who starts the flows and who answers the gates are two parameters; they may be the same person where the engagement's
policy allows it. The flows run in a worker, here or elsewhere; the story only asks how far they are.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol
from uuid import UUID

from masterflow.analysis.readiness import DEFAULT_TARGET
from masterflow.bootstrap import Masterflow
from masterflow.db.status import FlowStatus
from masterflow.demo.findings import told_by
from masterflow.errors import EditRejected
from masterflow.inventory.service import InventoryService
from masterflow.orchestrator.types import Flow, OpenQuestion, Verdict
from masterflow.records.artifacts.service import ArtifactService
from masterflow.records.reports.service import ReportService
from masterflow.records.reports.types import ProgrammeReport
from masterflow.tenancy.types import Principal

LOOK_EVERY = timedelta(milliseconds=100)
READ_BYTES = 1_048_576
ORDER = ("discovery", "assessment", "planning")


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says at a gate; `workbook` is the gate's own workbook, edited."""

    verdict: Verdict
    reason: str | None = None
    workbook: bytes | None = None


class Audience(Protocol):
    """Who follows the story and answers its questions."""

    def begins(self, flow: Flow, *, number: int, of: int) -> None:
        """A flow was started."""
        ...

    def moves(self, flow: Flow) -> None:
        """A flow changed: its phase, its progress or its status."""
        ...

    async def answers(self, question: OpenQuestion, workbook: bytes | None) -> Answer:
        """A gate asks; `workbook` is the question as a workbook, where it has that form."""
        ...

    def is_refused(self, error: EditRejected) -> None:
        """The edited workbook cannot be accepted; the question follows again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What the story is about. `move_date` None: the assessment assumes one and says so."""

    title: str
    files: tuple[Path, ...]
    target: str = DEFAULT_TARGET
    move_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How it ended: `stopped` is the flow that could not go on, `report` what is known then (None: nothing is).

    `to_correct` are files that the flows made of rows they could not use: by name, to mend and bring again.
    """

    report: ProgrammeReport | None
    flows: tuple[Flow, ...]
    stopped: Flow | None
    to_correct: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Story:
    """One telling. `owner` starts the flows, `approver` answers their gates."""

    parts: Masterflow
    owner: Principal
    approver: Principal
    audience: Audience
    flows: list[Flow] = field(default_factory=list)

    async def tell(self, plot: Plot) -> Ending:
        """Run every flow type that works here, in programme order, until one cannot go on.

        Raises:
            FileRejected: a file is larger than allowed.
        """
        imports = await self._upload(plot.files)
        stopped = None
        names = [name for name in ORDER if self.parts.registry.find(name) is not None]
        for number, name in enumerate(names, 1):
            config = self._configuration(name, plot, imports)
            flow = await self._run(name, config, number=number, of=len(names))
            self.flows.append(flow)
            if flow.status is not FlowStatus.COMPLETED:
                stopped = flow
                break
        return Ending(
            report=await self._report(plot),
            flows=tuple(self.flows),
            stopped=stopped,
            to_correct=await self._to_correct(),
        )

    async def _to_correct(self) -> dict[str, bytes]:
        service = ArtifactService(self.parts.database, self.parts.files, self.owner)
        found = {}
        for flow in self.flows:
            for artifact in await service.list(flow.flow_id):
                if artifact.media_type == "text/csv":
                    _, content = await service.open(artifact.id)
                    found[artifact.name] = b"".join([chunk async for chunk in content])
        return found

    async def _upload(self, files: Sequence[Path]) -> list[UUID]:
        inventory = InventoryService(self.parts.database, self.parts.files, self.owner)
        return [await inventory.upload(file.name, content_of(file)) for file in files]

    def _configuration(self, name: str, plot: Plot, imports: Sequence[UUID]) -> Mapping[str, object]:
        if name == "discovery":
            return {"imports": [str(import_id) for import_id in imports]}
        if name == "planning":
            return {"time_limit_seconds": self.parts.settings.plan_seconds}
        move_date = {"move_date": plot.move_date.isoformat()} if plot.move_date else {}
        return {"target": plot.target, **move_date}

    async def _run(self, name: str, config: Mapping[str, object], *, number: int, of: int) -> Flow:
        parent = self.flows[-1].flow_id if self.flows else None
        flow = await self.parts.orchestrator.create_flow(self.owner, name, config, parent_flow_id=parent)
        self.audience.begins(flow, number=number, of=of)
        return await self._follow(flow)

    async def _follow(self, flow: Flow) -> Flow:
        seen = None
        while True:
            flow = await self.parts.orchestrator.get(self.owner, flow.flow_id)
            if (flow.version, flow.progress) != seen:
                seen = (flow.version, flow.progress)
                self.audience.moves(flow)
            if flow.status is FlowStatus.WAITING_FOR_APPROVAL:
                await self._answer(flow)
            elif flow.status is not FlowStatus.RUNNING:
                return flow
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    async def _answer(self, flow: Flow) -> None:
        orchestrator = self.parts.orchestrator
        for question in await orchestrator.gates(self.approver, flow_id=flow.flow_id):
            workbook = await orchestrator.export_gate(self.approver, question.id) if question.has_table else None
            while True:
                answer = await self.audience.answers(question, workbook)
                try:
                    await self._decide(question, answer)
                except EditRejected as error:
                    self.audience.is_refused(error)
                else:
                    break

    async def _decide(self, question: OpenQuestion, answer: Answer) -> None:
        orchestrator = self.parts.orchestrator
        content = question.content_hash
        if answer.workbook is not None:
            await orchestrator.decide_by_workbook(
                self.approver, question.id, answer.workbook, reason=answer.reason, content_hash=content
            )
        else:
            await orchestrator.decide(
                self.approver, question.id, answer.verdict, reason=answer.reason, content_hash=content
            )

    async def _report(self, plot: Plot) -> ProgrammeReport | None:
        told = await told_by(self.parts.orchestrator, self.approver, self.flows, title=plot.title)
        report = await ReportService(self.parts.database, self.approver).assemble(told)
        return report if report.assets else None


async def content_of(file: Path) -> AsyncIterator[bytes]:
    """A file of this machine in chunks."""
    with file.open("rb") as opened:
        while chunk := await asyncio.to_thread(opened.read, READ_BYTES):
            yield chunk
