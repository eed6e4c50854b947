"""`masterflow gate`: what people are asked, as a list, as a workbook, and the answers."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from masterflow.api.gates import GateOut, GatesOut, GateSummaryOut
from masterflow.cli.acting import As, AsJson, Here, In, act
from masterflow.cli.flow import Reason, print_flow
from masterflow.cli.output import print_fields, print_json, print_table, say
from masterflow.orchestrator.types import Flow, GateStatus, OpenQuestion, Verdict

app = typer.Typer(help="Gates: questions that flows ask people.", no_args_is_help=True)

GateId = Annotated[UUID, typer.Argument(metavar="GATE", help="The gate's id")]


@app.command("list")
def list_gates(
    *,
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

    async def work(here: Here) -> list[GateSummaryOut]:
        found = await here.parts.orchestrator.gates(here.actor, status=None if every else status, flow_id=flow_id)
        return [GateSummaryOut.of(gate) for gate in found]

    gates = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(GatesOut(items=gates))
        return
    rows = [(g.id, g.flow_type, g.flow_name, g.phase, g.status, g.asks, g.approver_role) for g in gates]
    print_table(("id", "flow type", "flow", "phase", "status", "question", "for"), rows, empty="Nothing is asked.")


@app.command("show")
def show(gate_id: GateId, *, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """Show one gate with the output it asks about."""

    async def work(here: Here) -> OpenQuestion:
        return await here.parts.orchestrator.gate(here.actor, gate_id)

    gate = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(GateOut.of(gate))
        return
    print_fields(
        {
            "question": gate.asks,
            "for": gate.approver_role + (", not who started the flow" if gate.four_eyes else ""),
            "flow": f"{gate.flow_type} {gate.flow_name or gate.flow_id}, phase {gate.phase}",
            "status": gate.status,
            "opened (UTC)": gate.opened_at,
            "decided by": gate.decided_by,
            "reason": gate.reason,
            "as a workbook": f"masterflow gate export {gate.id} FILE.xlsx" if gate.has_table else None,
        }
    )
    print_json(gate.output)


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
    reason: Reason = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Approve, as proposed or as edited in a workbook; the flow moves on."""
    workbook = edited.read_bytes() if edited else None

    async def work(here: Here) -> Flow:
        orchestrator = here.parts.orchestrator
        output = await orchestrator.read_edited_gate(here.actor, gate_id, workbook) if workbook else None
        flow = await orchestrator.decide(here.actor, gate_id, Verdict.APPROVE, reason=reason, edited_output=output)
        await here.note_missing_worker()
        return flow

    print_flow(act(work, as_=as_, engagement=engagement), as_json=as_json)


@app.command("reject")
def reject(
    gate_id: GateId,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why; the flow's people read it")],
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Reject with a reason; the flow goes back or waits for input."""

    async def work(here: Here) -> Flow:
        flow = await here.parts.orchestrator.decide(here.actor, gate_id, Verdict.REJECT, reason=reason)
        await here.note_missing_worker()
        return flow

    print_flow(act(work, as_=as_, engagement=engagement), as_json=as_json)
