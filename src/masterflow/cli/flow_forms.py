"""How commands on flows take their arguments, and how a flow is printed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from masterflow.api.flows import FlowOut
from masterflow.cli.output import print_fields, print_json
from masterflow.db.text import WHY_UNKEPT, unkept_texts
from masterflow.errors import InvalidInput
from masterflow.orchestrator.segments.memory import WORKER_PEAK
from masterflow.orchestrator.types import Flow

FlowId = Annotated[UUID, typer.Argument(metavar="FLOW", help="The flow's id")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why; kept in the flow's history")]
Expected = Annotated[
    int | None, typer.Option("--expect-version", help="Refuse if the flow is no longer at this version")
]
Config = Annotated[
    list[str],
    typer.Option("--config", metavar="KEY=VALUE", help="One field of the configuration; a value is JSON or text"),
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config-file", exists=True, dir_okay=False, help="The configuration as a JSON file")
]


def values_of(file: Path | None, pairs: list[str]) -> dict[str, Any]:
    """A JSON file and KEY=VALUE pairs as one object; a value is JSON or text.

    Raises:
        InvalidInput: the file holds no JSON object, or a pair is none.
    """
    values = _object(file) if file else {}
    for pair in pairs:
        key, separator, text = pair.partition("=")
        if not separator or not key:
            raise InvalidInput(f"{pair!r} is not KEY=VALUE.", hint="Write move_date=2027-06-30, say.")
        values[key.strip()] = _value(text)
    for path in unkept_texts(values):
        raise InvalidInput(f"'{'.'.join(path)}' {WHY_UNKEPT}.", hint="Take the character out.")
    return values


def _object(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(file.read_bytes())
    except ValueError as error:
        raise InvalidInput(f"{file} is not JSON: {error}.", hint="Write one object.") from error
    if not isinstance(value, dict):
        raise InvalidInput(f"{file} holds no object.", hint='Write {"field": value, …}.')
    return value


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def print_flow(flow: Flow, *, as_json: bool) -> None:
    """One flow for people or for programs."""
    body = FlowOut.of(flow)
    if as_json:
        print_json(body)
        return
    error = flow.last_error
    print_fields(
        {
            "id": flow.flow_id,
            "type": flow.flow_type,
            "name": flow.flow_name,
            "status": flow.status,
            "phase": f"{flow.current_phase or ''} ({flow.phase_index} of {flow.phase_count} done)",
            "progress": f"{flow.progress.done} of {flow.progress.total} {flow.progress.what}"
            if flow.progress
            else None,
            "reason": f"{error.message} {error.hint or ''}".strip() if error else None,
            "version": flow.version,
            "started by": flow.created_by_name or flow.user_id,
            "since (UTC)": flow.status_changed_at,
            "seconds": _listed(flow.phase_execution_times),
            "memory (MiB)": _memory(flow.memory_usage_metrics),
        }
    )


def _memory(measured: Mapping[str, Any]) -> str | None:
    """The most that each phase took, and the worker altogether."""
    most = {name: max(value.values()) if isinstance(value, dict) else value for name, value in measured.items()}
    peak = most.pop(WORKER_PEAK, None)
    return _listed(most | ({"worker at most": peak} if peak is not None else {}))


def _listed(values: Mapping[str, Any]) -> str | None:
    return ", ".join(f"{name} {value:,}" for name, value in values.items()) or None
