"""What each command does to a flow's row: from which states, and with which assignments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from masterflow.db.status import FlowStatus
from masterflow.orchestrator.rows import failure_to_json, json_text
from masterflow.orchestrator.states import ENDED, Move, sources
from masterflow.orchestrator.types import Failure, JsonObject

# Every way into `running` raises the epoch: a segment of an older one finds no row to claim. A pause that was asked for
# before a gate opened outlives the decision; whoever says run, resume, retry or gives input takes it back.
_GO_ON = """flow_status = 'running', status_changed_at = clock_timestamp(), run_epoch = run_epoch + 1, run_token = NULL,
    run_owner = NULL, attempts = 0, losses = 0, last_error = NULL, run_after = NULL,
    correlation_id = $10::text::jsonb ->> 'correlation_id'"""
_RUN = f"{_GO_ON}, pause_requested = false"
_HALT = """status_changed_at = clock_timestamp(), run_epoch = run_epoch + 1, run_token = NULL, run_owner = NULL,
    pause_requested = false"""
# The phase whose gate was refused or not answered runs again once a person has said something.
_ASK_ANEW = f"""flow_status = 'waiting_for_input', iteration = iteration + 1, phase_index = $11,
    last_error = $12::text::jsonb, {_HALT}"""
# Nobody has to be waited for: the segment is queued or delayed, the flow runs elsewhere, or the caller insists.
_AT_ONCE = "(run_token IS NULL OR $11::boolean)"


@dataclass(frozen=True, slots=True)
class Change:
    """One command: what history calls it, from which states it is allowed, and the assignments of its UPDATE, which
    may use parameters from $11 on; `values` gives these in order. `deleted`: it is for flows that were deleted."""

    kind: str
    command: str
    sources: frozenset[FlowStatus]
    assignments: str
    values: tuple[object, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    phase: str | None = None
    deleted: bool = False


def start(*, phase: str, index: int, skipped: Sequence[str]) -> Change:
    """An initialized or paused flow runs, beginning with `phase`."""
    return Change(
        kind="flow_started",
        command="execute",
        sources=sources(Move.START) | sources(Move.RESUME),
        assignments=f"{_RUN}, phase_index = $11, current_phase = $12",
        values=(index, phase),
        data={"skipped": list(skipped)} if skipped else {},
        phase=phase,
    )


def resume() -> Change:
    """A paused flow runs on."""
    return Change("flow_resumed", "resume", sources(Move.RESUME), _RUN)


def retry() -> Change:
    """A failed flow tries its phase again."""
    return Change("flow_retried", "retry", sources(Move.RETRY), _RUN)


def redo(
    move: Move,
    *,
    kind: str,
    phase: str,
    index: int,
    reused: Sequence[str],
    configuration: JsonObject,
    fields: Sequence[str],
    definition_version: int,
) -> Change:
    """A flow runs again from `phase`, in a new iteration: what was computed from there on counts no more.

    `reused` are the phases before it whose results stay; `fields` those of the configuration that were edited.
    """
    return Change(
        kind=kind,
        command=move.value.replace("rollback", "be rolled back"),
        sources=sources(move),
        assignments=f"""{_RUN}, iteration = iteration + 1, phase_index = $11, current_phase = $12,
            flow_configuration = $13::text::jsonb, definition_version = $14""",
        values=(index, phase, json_text(configuration), definition_version),
        data={"from": phase, "back_to": index, "reused": list(reused), "fields": list(fields)},
        phase=phase,
    )


def skip(*, phase: str, next_phase: str, index: int) -> Change:
    """A failed flow goes on behind the optional phase that failed."""
    return Change(
        kind="phase_skipped",
        command="skip its phase",
        sources=sources(Move.SKIP),
        assignments=f"{_RUN}, phase_index = $11, current_phase = $12",
        values=(index, next_phase),
        data={"skipped": [phase]},
        phase=phase,
    )


def restore() -> Change:
    """A deleted flow is in the lists again."""
    return Change("flow_restored", "be restored", ENDED, "deleted_at = NULL", deleted=True)


def supply(configuration: JsonObject, *, fields: Sequence[str]) -> Change:
    """A flow that waits for input gets it and runs on."""
    return Change(
        kind="input_supplied",
        command="take input",
        sources=sources(Move.SUPPLY),
        assignments=f"{_RUN}, flow_configuration = $11::text::jsonb",
        values=(json_text(configuration),),
        data={"fields": list(fields)},
    )


def pause(*, at_once: bool) -> Change:
    """A running flow stops at its next boundary; at once if nobody runs it, or if told so."""
    return Change(
        kind="pause_requested",
        command="pause",
        sources=sources(Move.PAUSE),
        assignments=f"""flow_status = CASE WHEN {_AT_ONCE} THEN 'paused' ELSE flow_status END,
            status_changed_at = CASE WHEN {_AT_ONCE} THEN clock_timestamp() ELSE status_changed_at END,
            run_epoch = CASE WHEN {_AT_ONCE} THEN run_epoch + 1 ELSE run_epoch END,
            run_token = CASE WHEN {_AT_ONCE} THEN NULL ELSE run_token END,
            run_owner = CASE WHEN {_AT_ONCE} THEN NULL ELSE run_owner END,
            pause_requested = NOT {_AT_ONCE}""",
        values=(at_once,),
    )


def cancel() -> Change:
    """A live flow ends for good."""
    return Change("flow_cancelled", "be cancelled", sources(Move.CANCEL), f"flow_status = 'cancelled', {_HALT}")


def delete() -> Change:
    """A flow that has ended leaves the lists."""
    return Change("flow_deleted", "be deleted", ENDED, "deleted_at = clock_timestamp()")


def approve(*, phase: str, next_phase: str | None, data: Mapping[str, Any]) -> Change:
    """A gate is passed and the flow runs on."""
    return Change(
        kind="gate_approved",
        command="be approved",
        sources=sources(Move.APPROVE),
        assignments=f"{_GO_ON}, current_phase = $11",
        values=(next_phase,),
        data=data,
        phase=phase,
    )


def complete() -> Change:
    """The last phase is behind the flow."""
    return Change(
        kind="flow_completed",
        command="complete",
        sources=sources(Move.COMPLETE),
        assignments=f"flow_status = 'completed', current_phase = NULL, {_HALT}",
    )


def send_back(*, phase: str, to: str, index: int) -> Change:
    """A gate is refused, and `to` runs again in a new iteration."""
    return Change(
        kind="gate_rejected",
        command="be rejected",
        sources=sources(Move.SEND_BACK),
        assignments=f"{_GO_ON}, iteration = iteration + 1, phase_index = $11, current_phase = $12",
        values=(index, to),
        data={"to": to, "back_to": index},
        phase=phase,
    )


def reject(*, phase: str, index: int, failure: Failure) -> Change:
    """A gate is refused, and a person has to say something new before its phase runs again."""
    return Change(
        kind="gate_rejected",
        command="be rejected",
        sources=sources(Move.REJECT),
        assignments=_ASK_ANEW,
        values=(index, json_text(failure_to_json(failure))),
        data={"back_to": index},
        phase=phase,
    )


def expire(*, phase: str, index: int, failure: Failure) -> Change:
    """Nobody answered a gate in time, and a person has to say that its phase runs again."""
    return Change(
        kind="gate_expired",
        command="expire",
        sources=sources(Move.EXPIRE),
        assignments=_ASK_ANEW,
        values=(index, json_text(failure_to_json(failure))),
        data={"back_to": index},
        phase=phase,
    )


def note_gate(*, kind: str, phase: str, data: Mapping[str, Any]) -> Change:
    """Something happened at a gate, and the flow waits on: `kind` says what."""
    return Change(
        kind=kind,
        command="be approved",
        sources=sources(Move.APPROVE),
        assignments="flow_status = flow_status",
        data=data,
        phase=phase,
    )


def fail(failure: Failure) -> Change:
    """A running flow cannot go on."""
    return Change(
        kind="flow_failed",
        command="fail",
        sources=sources(Move.FAIL),
        assignments=f"flow_status = 'failed', last_error = $11::text::jsonb, {_HALT}",
        values=(json_text(failure_to_json(failure)),),
        data={"code": failure.code, **_said_of(failure)},
        phase=failure.phase,
    )


def ask(failure: Failure) -> Change:
    """A running flow needs something from a person."""
    return Change(
        kind="input_asked",
        command="ask for input",
        sources=sources(Move.ASK),
        assignments=f"flow_status = 'waiting_for_input', last_error = $11::text::jsonb, {_HALT}",
        values=(json_text(failure_to_json(failure)),),
        data={"missing": [missing["field"] for missing in failure.missing], **_said_of(failure)},
        phase=failure.phase,
    )


def stop() -> Change:
    """A running flow stops where it was asked to pause."""
    return Change("flow_paused", "pause", sources(Move.PAUSE), f"flow_status = 'paused', {_HALT}")


def upgrade(
    *,
    status: FlowStatus,
    old: int,
    new: int,
    phase: str | None,
    index: int,
    configuration: JsonObject,
    iteration: int | None,
) -> Change:
    """A flow goes on under a newer version of its type, where it stands; `iteration` is a new one if results moved."""
    return Change(
        kind="flow_upgraded",
        command="be upgraded",
        sources=frozenset({status}),
        assignments="""definition_version = $11, current_phase = $12, phase_index = $13,
            flow_configuration = $14::text::jsonb, iteration = coalesce($15::smallint, iteration)""",
        values=(new, phase, index, json_text(configuration), iteration),
        data={"from_version": old, "to_version": new}
        | ({"back_to": 0, "iteration": iteration} if iteration is not None else {}),
        phase=phase,
    )


def again(*, attempts: int, failure: Failure | None, seconds: float, kind: str, losses: int | None = None) -> Change:
    """A running flow runs its phase again, later or elsewhere: a new epoch without a change of status."""
    return Change(
        kind=kind,
        command="run again",
        sources=frozenset({FlowStatus.RUNNING}),
        assignments="""run_epoch = run_epoch + 1, run_token = NULL, run_owner = NULL, attempts = $11,
            last_error = $12::text::jsonb, losses = coalesce($13::smallint, losses),
            run_after = CASE WHEN $14::float8 > 0 THEN clock_timestamp() + make_interval(secs => $14::float8) END,
            correlation_id = coalesce($10::text::jsonb ->> 'correlation_id', correlation_id)""",
        values=(attempts, json_text(failure_to_json(failure)) if failure else None, losses, seconds),
        data={"after_seconds": round(seconds, 3), "attempts": attempts, **(_said_of(failure) if failure else {})},
        phase=failure.phase if failure else None,
    )


def _said_of(failure: Failure) -> dict[str, str]:
    """What every event of a failure tells beside its own."""
    said = {"class": str(failure.error_class)}
    return said | ({"correlation_id": failure.correlation_id} if failure.correlation_id else {})
