"""What running a flow again from a phase means, and which edits of its configuration it can take. Pure."""

from collections.abc import Mapping
from typing import Any

from masterflow.db.status import FlowStatus
from masterflow.errors import Conflict, InvalidInput
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.states import Move, refusal, sources
from masterflow.orchestrator.types import Flow, JsonObject, Redo
from masterflow.spec import FlowType


def refuse_state(status: FlowStatus, move: Move | None) -> None:
    """Refuse a flow that cannot be run again; `move` None stands for a retry or a rollback, whichever may be.

    Raises:
        Conflict: the state does not allow it; the message says what it does.
    """
    allowed = sources(move) if move else sources(Move.RETRY) | sources(Move.ROLLBACK)
    if status not in allowed:
        raise refusal(status, "retry" if move is Move.RETRY else "be rolled back" if move else "be run again")


def redone(registry: FlowTypeRegistry, flow: Flow, phase: str | None) -> Redo:
    """What running `flow` again from `phase` (None: the phase it is at) uses again and computes anew.

    Raises:
        InvalidInput: no such phase.
        Conflict: the phase is ahead of the flow.
    """
    kind = registry.get(flow.flow_type)
    index = min(flow.phase_index, len(kind.phases) - 1)
    if phase is not None:
        index = kind.index_of(registry.phase(kind, phase).name)
    if index > flow.phase_index:
        raise Conflict(
            f"'{phase}' is ahead of this flow, which is at '{flow.current_phase}'.", hint="Name a phase behind it."
        )
    names = tuple(one.name for one in kind.phases)
    return Redo(names[index], reused=names[:index], runs_again=names[index:])


def refuse_edits_too_late(
    kind: FlowType, redo: Redo, *, before: Mapping[str, Any], after: JsonObject, edited: Mapping[str, Any]
) -> None:
    """Refuse an edit that a phase would have to read whose result is used again.

    Raises:
        InvalidInput: such a field changes; the message names it and the first phase that reads it.
    """
    for name in sorted(edited):
        reader = _reader(kind, redo, name)
        if reader is not None and after.get(name) != before.get(name):
            raise InvalidInput(
                f"'{name}' is read by '{reader}', whose result is used again, so the change would have no effect.",
                hint=f"Roll back to '{reader}', or leave '{name}' as it is.",
            )


def _reader(kind: FlowType, redo: Redo, field: str) -> str | None:
    """The first reused phase that takes `field` from the configuration."""
    for name in redo.reused:
        phase = kind.phase(name)
        if field in phase.takes.model_fields:
            return name
        if field in phase.gives.model_fields:
            return None
    return None
