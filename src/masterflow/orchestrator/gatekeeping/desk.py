"""What people do at gates: read them, answer them, take them away as workbooks and bring them back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from masterflow.db.calls import call_concerns
from masterflow.db.session import Database, Session
from masterflow.errors import Conflict, ErrorClass, InvalidInput, NotFound
from masterflow.orchestrator import changes, correlation, gates, workbook
from masterflow.orchestrator.cells import CellEdit, Chosen
from masterflow.orchestrator.changes import Change
from masterflow.orchestrator.gatekeeping import voting
from masterflow.orchestrator.gatekeeping.deciding import (
    require_decider,
    require_fitting,
    require_other_eyes,
    require_vote,
)
from masterflow.orchestrator.gatekeeping.edits import edits_of
from masterflow.orchestrator.gatekeeping.inbox import MOST_GATES, Reader
from masterflow.orchestrator.gatekeeping.previews import approval_of, named_by, previewed, table_page
from masterflow.orchestrator.gatekeeping.store import GateStore
from masterflow.orchestrator.gatekeeping.types import (
    Answer,
    Authors,
    Decisions,
    Inbox,
    InboxView,
    Preview,
    Ruling,
    TablePage,
    person_of,
)
from masterflow.orchestrator.gatekeeping.voting import Ballot, Standing, Vote
from masterflow.orchestrator.mover import Mover
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.rows import content_hash, json_text
from masterflow.orchestrator.store import FlowStore, Moved
from masterflow.orchestrator.types import (
    Failure,
    Flow,
    GateStatus,
    GateSummary,
    JsonObject,
    OpenQuestion,
    Questions,
    Verdict,
)
from masterflow.orchestrator.upgrades import Landing
from masterflow.orchestrator.upgrading import landed, landing_of
from masterflow.spec import EditableTable, FlowType, Phase, Stores
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.types import Principal

NO_SUCH_GATE = "There is no such gate."


class GateDesk:
    """Gates, for verified people. One that does not exist and one of another tenant raise the same `NotFound`."""

    def __init__(self, database: Database, registry: FlowTypeRegistry, mover: Mover) -> None:
        self._database = database
        self._registry = registry
        self._mover = mover

    async def gates(
        self, actor: Principal, *, status: GateStatus | None, flow_id: UUID | None, limit: int
    ) -> Questions:
        """Gates with what they ask about, newest first."""
        actor.require(Operation.READ_FLOWS)
        async with self._database.reading(actor.tenant) as connection:
            store = GateStore(connection, actor.tenant, self._registry)
            return await store.questions(status=status, flow_id=flow_id, limit=min(limit, MOST_GATES))

    async def listed(
        self, actor: Principal, *, status: GateStatus | None, flow_id: UUID | None, limit: int
    ) -> list[GateSummary]:
        """Gates of the engagement without what they ask about, newest first."""
        actor.require(Operation.READ_FLOWS)
        async with self._database.reading(actor.tenant) as connection:
            store = GateStore(connection, actor.tenant, self._registry)
            return await store.summaries(status=status, flow_id=flow_id, limit=min(limit, MOST_GATES))

    async def gate(self, actor: Principal, gate_id: UUID) -> OpenQuestion:
        """One gate."""
        actor.require(Operation.READ_FLOWS)
        async with self._database.reading(actor.tenant) as connection:
            return await self._asked(GateStore(connection, actor.tenant, self._registry), gate_id)

    async def decisions(self, actor: Principal, gate_id: UUID) -> Decisions:
        """Every answer to one gate, oldest first."""
        actor.require(Operation.READ_FLOWS)
        async with self._database.reading(actor.tenant) as connection:
            store = GateStore(connection, actor.tenant, self._registry)
            gate = await self._asked(store, gate_id)
            return (await store.decisions([gate.id])).get(gate.id, [])

    async def inbox(self, actor: Principal, view: InboxView, *, limit: int) -> Inbox:
        """The gates that concern a person."""
        actor.require(Operation.READ_FLOWS)
        async with self._database.reading(actor.tenant) as connection:
            reader = Reader(GateStore(connection, actor.tenant, self._registry), person_of(actor))
            return Inbox(view, tuple(await reader.items(view, limit=min(limit, MOST_GATES))))

    async def export(self, actor: Principal, gate_id: UUID) -> bytes:
        """A gate's table as a workbook that says which content it was made from."""
        question = await self.gate(actor, gate_id)
        phase, table = self._table(question)
        return workbook.write(table, gates.output_of(phase, question.output), content=question.content_hash)

    async def read_edited(self, actor: Principal, gate_id: UUID, edited: bytes) -> JsonObject:
        """The output that an edited workbook describes."""
        return self._read(await self.gate(actor, gate_id), edited)

    async def decide_by_workbook(
        self, actor: Principal, gate_id: UUID, edited: bytes, *, reason: str | None, content: str | None
    ) -> Flow:
        """Approve with the edits of a workbook, on the content that it was made from."""
        actor.require_scope(Operation.DECIDE_GATES)
        question = await self.gate(actor, gate_id)
        require_decider(person_of(actor), question)
        made_from = workbook.content_of(edited)
        if made_from is not None and content is not None and made_from != content:
            raise Conflict("The workbook was made from another content.", hint="Export the gate again and edit that.")
        answer = Answer(verdict=Verdict.APPROVE, reason=reason, content_hash=made_from or content, edited_output=None)
        require_fitting(question, self._registry.get(question.flow_type), answer)
        return await self.decide(
            actor,
            gate_id,
            Answer(
                verdict=Verdict.APPROVE,
                reason=reason,
                content_hash=question.content_hash,
                edited_output=self._read(question, edited),
            ),
        )

    async def decide(self, actor: Principal, gate_id: UUID, answer: Answer) -> Flow:
        """Answer a gate; the flow moves when the answers so far say so."""
        actor.require(Operation.READ_FLOWS)
        actor.require_scope(Operation.DECIDE_GATES)
        async with self._database.transaction(actor.tenant) as session:
            connection = await session.driver()
            case = _Case(
                session,
                GateStore(connection, actor.tenant, self._registry),
                FlowStore(connection, actor.tenant, self._registry),
                self._mover,
                self._registry,
                actor,
                answer,
            )
            question = await case.gates.locked(gate_id)
            if question is None:
                raise NotFound(NO_SUCH_GATE, hint="List the gates of this engagement.")
            call_concerns(question.flow_id)
            moved = await case.answered(question, self._registry.get(question.flow_type))
        return self._mover.committed(moved)

    async def table(
        self, actor: Principal, gate_id: UUID, chosen: Chosen, *, cursor: str | None, limit: int
    ) -> TablePage:
        """A part of a gate's table."""
        question = await self.gate(actor, gate_id)
        phase = self._registry.get(question.flow_type).phase(question.phase)
        return table_page(question, phase, chosen, cursor=cursor, limit=limit)

    async def preview(
        self, actor: Principal, gate_id: UUID, cells: Sequence[CellEdit], *, content: str | None
    ) -> Preview:
        """What an approval with these cells would come to; nothing is kept."""
        actor.require(Operation.READ_FLOWS)
        async with self._database.reading(actor.tenant) as connection:
            question = await self._asked(GateStore(connection, actor.tenant, self._registry), gate_id)
            flow = await self._mover.found(FlowStore(connection, actor.tenant, self._registry), question.flow_id)
        require_fitting(question, self._registry.get(question.flow_type), approval_of(question, content))
        to = landing_of(self._registry, flow)
        question = question if to is None else named_by(question, to)
        return previewed(question, self._registry.get(question.flow_type).phase(question.phase), cells)

    async def _asked(self, store: GateStore, gate_id: UUID) -> OpenQuestion:
        found = await store.questions(status=None, flow_id=None, gate_id=gate_id, limit=1)
        if not found:
            raise NotFound(NO_SUCH_GATE, hint="List the gates of this engagement.")
        call_concerns(found[0].flow_id)
        return found[0]

    def _read(self, question: OpenQuestion, edited: bytes) -> JsonObject:
        phase, table = self._table(question)
        original = gates.output_of(phase, question.output)
        rows = workbook.read(table, original, edited)
        return gates.edited_by_table(phase, table, original, rows).model_dump(mode="json")

    def _table(self, question: OpenQuestion) -> tuple[Phase[Any, Any], EditableTable[Any]]:
        phase = self._registry.get(question.flow_type).phase(question.phase)
        if phase.gate is None or phase.gate.table is None:
            raise InvalidInput(
                f"The output of '{question.phase}' has no table form.",
                hint="Read the gate, and edit its output as JSON.",
            )
        return phase, phase.gate.table


@dataclass(frozen=True, slots=True)
class _Upgrade:
    """A flow of an older version of its type, and where it goes on in the present one."""

    flow: Flow
    to: Landing


class _Case:
    """One answer to one gate, in the transaction that keeps it and moves the flow."""

    def __init__(
        self,
        session: Session,
        gates_store: GateStore,
        flows: FlowStore,
        mover: Mover,
        registry: FlowTypeRegistry,
        actor: Principal,
        answer: Answer,
    ) -> None:
        self.gates = gates_store
        self._session = session
        self._flows = flows
        self._mover = mover
        self._registry = registry
        self._actor = actor
        self._person = person_of(actor)
        self._answer = answer

    async def answered(self, question: OpenQuestion, kind: FlowType) -> Moved:
        """Check the answer, keep it, and move the flow if it decides."""
        question, landing = await self._present(question)
        require_decider(self._person, question)
        require_fitting(question, kind, self._answer)
        authors = (await self.gates.authors([question.flow_id]))[question.flow_id]
        if self._answer.verdict is Verdict.APPROVE:
            engaged = await self.gates.engaged()
            require_other_eyes(self._person, question, authors, allows_own_work=engaged.allows_own_work)
        ballot = await self._ballot(question, authors)
        require_vote(ballot, self._person, self._answer)
        phase = kind.phase(question.phase)
        output, ruling = self._ruling(question, phase)
        require_vote(ballot, self._person, self._answer, edited_to=ruling.content_hash)
        ballot = voting.answered(ballot, self._person.email, self._answer.verdict, edited_to=ruling.content_hash)
        if not await self.gates.record(question, self._actor, ruling):
            raise Conflict("This gate expired meanwhile.", hint="Read the flow again.")
        if ruling.edited is not None:
            await self.gates.amend(question.id, ruling)
        standing = voting.standing(ballot)
        if standing is Standing.REJECTED:
            return await self._rejected(question, kind, landing)
        if standing is Standing.APPROVED:
            return await self._approved(question, kind, output, ruling, landing)
        return await self._noted(question, ballot, ruling)

    async def _present(self, question: OpenQuestion) -> tuple[OpenQuestion, _Upgrade | None]:
        """An open gate under the name that its phase has in the present version of the flow type."""
        if question.status is not GateStatus.OPEN:
            return question, None
        flow = await self._mover.found(self._flows, question.flow_id)
        to = landing_of(self._registry, flow)
        return (question, None) if to is None else (named_by(question, to), _Upgrade(flow, to))

    async def _upgrade(self, upgrade: _Upgrade | None) -> None:
        """Let the flow go on in the present version of its type; what was edited at the gate counts from then on."""
        if upgrade is not None:
            await landed(self._flows, upgrade.flow, upgrade.to, actor=self._actor.email)

    async def _ballot(self, question: OpenQuestion, authors: Authors) -> Ballot:
        kept = (await self.gates.decisions([question.id])).get(question.id, [])
        votes = tuple(Vote(one.actor, one.verdict, one.content_hash, counts=one.counts) for one in kept)
        return Ballot(
            content=question.content_hash,
            quorum=question.quorum,
            four_eyes=question.four_eyes,
            shapers=authors.shaped,
            votes=votes,
        )

    def _ruling(self, question: OpenQuestion, phase: Phase[Any, Any]) -> tuple[BaseModel, Ruling]:
        """The output that an approval would let pass, and the answer as it will be kept."""
        unchanged = Ruling(self._answer, question.content_hash, counts=True)
        if self._answer.edited_output is None and not self._answer.cells:
            return gates.shown(phase, question.output), unchanged
        output = _edited(phase, question, self._answer)
        text = json_text(output.model_dump(mode="json"))
        if text == json_text(question.output):
            return output, unchanged
        edits = edits_of(phase, question.output, output)
        hashed = content_hash(text).hex()
        return output, Ruling(self._answer, hashed, counts=not question.four_eyes, edited=text, edits=edits)

    async def _approved(
        self, question: OpenQuestion, kind: FlowType, output: BaseModel, ruling: Ruling, upgrade: _Upgrade | None
    ) -> Moved:
        phase = kind.phase(question.phase)
        await self.gates.close(question.id, GateStatus.APPROVED, actor=self._actor.email, reason=self._answer.reason)
        await self._upgrade(upgrade)
        index = kind.index_of(phase.name) + 1
        next_phase = kind.phases[index].name if index < len(kind.phases) else None
        change = changes.approve(phase=phase.name, next_phase=next_phase, data=_said(ruling))
        moved = await self._move(question, change)
        if phase.publish is not None:
            await phase.publish(Stores(self._session, question.flow_id, question.iteration), output)
        if next_phase is None:
            return await self._mover.move(self._flows, self._actor, question.flow_id, changes.complete(), None, None)
        await self._mover.enqueue(self._flows, moved)
        return moved

    async def _rejected(self, question: OpenQuestion, kind: FlowType, upgrade: _Upgrade | None) -> Moved:
        await self._upgrade(upgrade)
        gate = kind.phase(question.phase).gate
        await self.gates.close(question.id, GateStatus.REJECTED, actor=self._actor.email, reason=self._answer.reason)
        to = self._answer.to or (gate.rejects_to if gate else None)
        moved = await self._move(question, _rejection(kind, question, to, self._answer.reason or ""))
        await self._mover.enqueue(self._flows, moved)
        return moved

    async def _noted(self, question: OpenQuestion, ballot: Ballot, ruling: Ruling) -> Moved:
        kind = "gate_voted" if ruling.edited is None else "gate_edited"
        votes = {"approvals": len(voting.approvals(ballot)), "quorum": ballot.quorum}
        change = changes.note_gate(kind=kind, phase=question.phase, data={**_said(ruling), **votes})
        return await self._move(question, change)

    async def _move(self, question: OpenQuestion, change: Change) -> Moved:
        return await self._mover.move(self._flows, self._actor, question.flow_id, change, self._answer.reason, None)


def _said(ruling: Ruling) -> Mapping[str, object]:
    return {"content_hash": ruling.content_hash, "edited": ruling.edited is not None}


def _edited(phase: Phase[Any, Any], question: OpenQuestion, answer: Answer) -> BaseModel:
    if answer.edited_output is not None:
        return gates.edited(phase, question.output, answer.edited_output)
    return gates.edited_by_cells(phase, gates.shown(phase, question.output), answer.cells)


def _rejection(kind: FlowType, question: OpenQuestion, to: str | None, reason: str) -> Change:
    if to is not None:
        return changes.send_back(phase=question.phase, to=to, index=kind.index_of(to))
    failure = Failure(
        code="gate.rejected",
        message=f"'{question.phase}' was rejected: {reason}",
        hint="Supply other input; the phase then runs again.",
        phase=question.phase,
        permanent=False,
        error_class=ErrorClass.INPUT,
        correlation_id=correlation.current(),
    )
    return changes.reject(phase=question.phase, index=kind.index_of(question.phase), failure=failure)
