"""`masterflow gate`: what people are asked, as a list, as a workbook, and the answers."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from masterflow.api.gates import DecisionOut, DecisionsOut, GateOut, GatesOut, GateSummaryOut
from masterflow.api.inbox import InboxItemOut, InboxOut
from masterflow.cli.acting import As, AsJson, Here, In, act
from masterflow.cli.flow_forms import Reason, print_flow
from masterflow.cli.gate_table import Cells, cells_said, preview, table
from masterflow.cli.output import print_fields, print_json, print_table, say, shown
from masterflow.errors import InvalidInput
from masterflow.orchestrator.gatekeeping.types import Decisions, InboxView
from masterflow.orchestrator.types import Flow, GateStatus, GateSummary, OpenQuestion, Verdict

app = typer.Typer(help="Gates: questions that flows ask people.", no_args_is_help=True)
app.command("table")(table)
app.command("preview")(preview)

GateId = Annotated[UUID, typer.Argument(metavar="GATE", help="The gate's id")]
Content = Annotated[
    str | None,
    typer.Option("--content", metavar="HASH", help="The content that was looked at; gates of several people need it"),
]


@app.command("list")
def list_gates(
    *,
    mine: Annotated[
        bool, typer.Option("--mine", help="Only open ones of my roles, with what I may not decide")
    ] = False,
    history: Annotated[bool, typer.Option("--history", help="Only those that I have answered")] = False,
    status: Annotated[
        GateStatus | None, typer.Option("--status", help="Only this status; `--all` for every one")
    ] = GateStatus.OPEN,
    every: Annotated[bool, typer.Option("--all", help="Gates of every status")] = False,
    flow_id: Annotated[UUID | None, typer.Option("--flow", metavar="FLOW", help="Only this flow's")] = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """List the gates of the engagement, newest first; open ones unless told otherwise."""
    if mine or history:
        view = InboxView.MINE if mine else InboxView.HISTORY
        _list_inbox(view, as_=as_, engagement=engagement, as_json=as_json)
        return

    async def work(here: Here) -> list[GateSummaryOut]:
        found = await here.parts.orchestrator.list_gates(here.actor, status=None if every else status, flow_id=flow_id)
        return [GateSummaryOut.of(gate) for gate in found]

    gates = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(GatesOut(items=gates))
        return
    rows = [
        (g.id, g.flow_type, g.flow_name, g.phase, g.status, g.asks, _votes(g), " or ".join(g.approver_roles), _due(g))
        for g in gates
    ]
    columns = ("id", "flow type", "flow", "phase", "status", "question", "votes", "for", "due (UTC)")
    print_table(columns, rows, empty="Nothing is asked.")


def _list_inbox(view: InboxView, *, as_: str | None, engagement: str | None, as_json: bool) -> None:
    async def work(here: Here) -> InboxOut:
        inbox = await here.parts.orchestrator.inbox(here.actor, view)
        return InboxOut(view=inbox.view, items=[InboxItemOut.of(item) for item in inbox.items])

    inbox = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(inbox)
        return
    rows = [
        (i.gate.id, i.gate.flow_name, i.gate.phase, i.gate.status, i.gate.asks, _votes(i.gate), _due(i.gate), i.why_not)
        for i in inbox.items
    ]
    columns = ("id", "flow", "phase", "status", "question", "votes", "due (UTC)", "why not I")
    print_table(columns, rows, empty="Nothing is asked.")


def _votes(gate: GateSummaryOut | GateSummary) -> str:
    return f"{gate.approvals} of {gate.quorum}"


def _due(gate: GateSummaryOut | GateSummary) -> str:
    return shown(gate.due_at) + (" overdue" if gate.overdue else "")


@app.command("show")
def show(gate_id: GateId, *, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """Show one gate with the output it asks about, who answered it, and what they edited."""

    async def work(here: Here) -> tuple[OpenQuestion, Decisions]:
        orchestrator = here.parts.orchestrator
        return await orchestrator.gate(here.actor, gate_id), await orchestrator.decisions(here.actor, gate_id)

    gate, decisions = act(work, as_=as_, engagement=engagement)
    if as_json:
        answers = DecisionsOut(items=[DecisionOut.of(one) for one in decisions]).model_dump(mode="json")["items"]
        print_json({**GateOut.of(gate).model_dump(mode="json"), "decisions": answers})
        return
    print_fields(
        {
            "question": gate.asks,
            "for": " or ".join(gate.approver_roles) + (", nobody who shaped what is asked" if gate.four_eyes else ""),
            "flow": f"{gate.flow_type} {gate.flow_name or gate.flow_id}, phase {gate.phase}",
            "status": gate.status,
            "votes": _votes(gate),
            "content": gate.content_hash,
            "opened (UTC)": gate.opened_at,
            "due (UTC)": _due(gate) or None,
            "expires (UTC)": gate.expires_at,
            "decided by": gate.decided_by,
            "reason": gate.reason,
            "as a workbook": f"masterflow gate export {gate.id} FILE.xlsx" if gate.has_table else None,
        }
    )
    _print_decisions(decisions)
    print_json(gate.output)


def _print_decisions(decisions: Decisions) -> None:
    if not decisions:
        return
    rows = [
        (one.decided_at, one.actor, one.verdict, "no, edited since" if one.superseded else one.counts, one.reason)
        for one in decisions
    ]
    print_table(("at (UTC)", "who", "answer", "counts", "why"), rows, empty="")
    edits = [(one.actor, edit.row, edit.field, edit.before, edit.after) for one in decisions for edit in one.edits]
    if edits:
        print_table(("edited by", "row", "field", "before", "after"), edits, empty="")


@app.command("export")
def export(
    gate_id: GateId,
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, writable=True, help="The workbook to write")],
    *,
    as_: As = None,
    engagement: In = None,
) -> None:
    """Write what is asked as a workbook that people can edit."""

    async def work(here: Here) -> bytes:
        return await here.parts.orchestrator.export_gate(here.actor, gate_id)

    file.write_bytes(act(work, as_=as_, engagement=engagement))
    say(f"Written to {file}. Edit it, then: masterflow gate approve {gate_id} --edited {file}")


@app.command("approve")
def approve(
    gate_id: GateId,
    *,
    edited: Annotated[
        Path | None, typer.Option("--edited", exists=True, dir_okay=False, metavar="FILE", help="The workbook, edited")
    ] = None,
    cells: Cells = [],  # noqa: B006 - typer's way of saying "may be repeated"
    content: Content = None,
    reason: Reason = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Approve, as proposed or as edited in a workbook or by cells; the flow moves on when enough people have."""
    if edited and cells:
        raise InvalidInput("An edit is a workbook or cells.", hint="Give either --edited FILE or --set.")
    workbook, edits = edited.read_bytes() if edited else None, cells_said(cells)

    async def work(here: Here) -> Flow:
        orchestrator = here.parts.orchestrator
        if workbook is not None:
            flow = await orchestrator.decide_by_workbook(
                here.actor, gate_id, workbook, reason=reason, content_hash=content
            )
        else:
            flow = await orchestrator.decide(
                here.actor, gate_id, Verdict.APPROVE, reason=reason, edits=edits, content_hash=content
            )
        await here.note_missing_worker()
        return flow

    print_flow(act(work, as_=as_, engagement=engagement), as_json=as_json)


@app.command("reject")
def reject(
    gate_id: GateId,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why; the flow's people read it")],
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="PHASE", help="Go back to this phase: the gate's own or an earlier one"),
    ] = None,
    content: Content = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Reject with a reason; the flow goes back or waits for input."""

    async def work(here: Here) -> Flow:
        flow = await here.parts.orchestrator.decide(
            here.actor, gate_id, Verdict.REJECT, reason=reason, content_hash=content, to=to
        )
        await here.note_missing_worker()
        return flow

    print_flow(act(work, as_=as_, engagement=engagement), as_json=as_json)
