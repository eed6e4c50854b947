"""`masterflow flow asks` and `masterflow flow input`: what a flow waits for, and the answer."""

import sys
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from masterflow.api.flow_input import AskedOut
from masterflow.cli.acting import As, AsJson, Here, In, act
from masterflow.cli.flow_forms import Expected, FlowId, Reason, print_flow, values_of
from masterflow.cli.output import note, print_fields, print_json, print_table, say
from masterflow.errors import InvalidInput
from masterflow.orchestrator.asking.files import shown, value_of
from masterflow.orchestrator.asking.types import Asked
from masterflow.orchestrator.types import Flow

app = typer.Typer()


@app.command("asks")
def asks(flow_id: FlowId, *, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """Show what a flow waits for: the missing fields, why they are asked and what they take."""
    asked = _asked(flow_id, as_=as_, engagement=engagement)
    if as_json:
        print_json(AskedOut.of(asked).model_dump(mode="json", by_alias=True))
        return
    print_asked(asked)


@app.command("input")
def supply_input(
    flow_id: FlowId,
    pairs: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE...", help="What was asked for; a value is JSON or text")
    ] = None,
    *,
    edits: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="The same, as an option; may be repeated")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", exists=True, dir_okay=False, help="The answer as .xlsx (the template), .csv or .json"),
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option("--template", dir_okay=False, writable=True, help="Write what is asked as a workbook, and end"),
    ] = None,
    reason: Reason = None,
    expected: Expected = None,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Answer a flow that waits for input; it runs on. With nothing given, a terminal is asked field by field."""
    if template is not None:
        _write_template(flow_id, template, as_=as_, engagement=engagement)
        return
    given = values_of(None, [*(pairs or []), *(edits or [])])
    if not given and file is None:
        given = _prompted(_asked(flow_id, as_=as_, engagement=engagement))

    async def work(here: Here) -> Flow:
        orchestrator, values = here.parts.orchestrator, dict(given)
        if file is not None:
            values = {**await orchestrator.read_input(here.actor, flow_id, file.name, file.read_bytes()), **given}
        flow = await orchestrator.supply_input(here.actor, flow_id, values, reason=reason, expected_version=expected)
        await here.note_missing_worker()
        return flow

    print_flow(act(work, as_=as_, engagement=engagement), as_json=as_json)


def print_asked(asked: Asked) -> None:
    """What a flow asks, for people."""
    print_fields({"flow": f"{asked.flow_type} {asked.flow_id}", "phase": asked.phase, "says": asked.message})
    for one in asked.elsewhere:
        say(f"First: {one.what}: {one.reason}")
    if asked.fields:
        rows = [
            (f.field, "; ".join(f.reasons), f.question, f.type, ", ".join(f.choices), shown(f.current), f.required)
            for f in asked.fields
        ]
        columns = ("field", "why", "what it means", "takes", "choices", "value now", "needed")
        print_table(columns, rows, empty="")
    if asked.hint:
        say(asked.hint)


def _asked(flow_id: UUID, *, as_: str | None, engagement: str | None) -> Asked:
    async def work(here: Here) -> Asked:
        return await here.parts.orchestrator.asked_input(here.actor, flow_id)

    return act(work, as_=as_, engagement=engagement)


def _write_template(flow_id: UUID, file: Path, *, as_: str | None, engagement: str | None) -> None:
    async def work(here: Here) -> bytes:
        return await here.parts.orchestrator.input_template(here.actor, flow_id)

    file.write_bytes(act(work, as_=as_, engagement=engagement))
    say(f"Written to {file}. Fill in its column 'value', then: masterflow flow input {flow_id} --file {file}")


def _prompted(asked: Asked) -> dict[str, Any]:
    """What the person at the terminal answers; nothing where nothing is to be filled in.

    Raises:
        InvalidInput: fields are asked, and nobody is there to be asked.
    """
    if not asked.waits:
        return {}
    if not asked.fields:
        note(asked.message)
        note(asked.hint or "")
        return {}
    if not sys.stdin.isatty():
        print_asked(asked)
        raise InvalidInput("Nothing was given.", hint="Say KEY=VALUE, or --file FILE; --template OUT makes one.")
    print_asked(asked)
    values = {}
    for one in asked.fields:
        typed = typer.prompt(f"{one.field} ({one.type})", default=shown(one.current) or "", show_default=True)
        if str(typed).strip():
            values[one.field] = value_of(one, str(typed))
    return values
