"""Who may answer a gate, and what an answer must bring. Pure."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from masterflow.errors import Conflict, EditRejected, InvalidInput, NotAllowed
from masterflow.orchestrator import workbook
from masterflow.orchestrator.rows import json_text
from masterflow.orchestrator.types import GateStatus, OpenQuestion, Verdict
from masterflow.spec import EditableTable, Phase, Row
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Principal


def require_decider(actor: Principal, question: OpenQuestion) -> None:
    """Let the gate's approver or a lead decide.

    Raises:
        NotAllowed: the person is neither.
    """
    deciders = {question.approver_role, str(Role.LEAD)}
    if actor.roles.isdisjoint(deciders):
        held = ", ".join(sorted(actor.roles)) or "no role"
        raise NotAllowed(
            f"{actor.email} has {held}; the gate of '{question.phase}' is decided by {' or '.join(sorted(deciders))}.",
            hint="Ask one of them, or a lead for the role.",
        )


def require_other_eyes(
    actor: Principal,
    question: OpenQuestion,
    *,
    started_by: frozenset[str],
    self_approval: bool | None,
    members: int,
) -> None:
    """Keep people from approving what they started, where that is not allowed.

    A four-eyes gate never allows it. Others follow the engagement; its default, None, allows it while the engagement
    has one member.

    Raises:
        NotAllowed: the person started the flow.
    """
    if actor.email not in started_by:
        return
    if question.four_eyes:
        raise NotAllowed(
            f"{actor.email} started this flow, and the gate of '{question.phase}' needs four eyes.",
            hint="Ask another person to decide.",
        )
    allowed = members <= 1 if self_approval is None else self_approval
    if not allowed:
        raise NotAllowed(
            f"{actor.email} started this flow, and this engagement does not allow approving one's own work.",
            hint="Ask another member to decide.",
        )


def require_open(
    question: OpenQuestion, verdict: Verdict, *, reason: str | None, edited: bool, content_hash: str | None
) -> None:
    """Check that an answer fits the question as it stands.

    Raises:
        Conflict: the gate was decided before, or another content was looked at than is asked about.
        InvalidInput: a rejection without a reason, or with an edited output.
    """
    if question.status is not GateStatus.OPEN:
        by = f" by {question.decided_by}" if question.decided_by else ""
        raise Conflict(f"This gate was {question.status}{by} already.", hint="Read the flow again.")
    if content_hash is not None and content_hash != question.content_hash:
        raise Conflict(
            "The decision was made on another content than the gate asks about.",
            hint="Read the gate again, look at its output, and decide with its content hash.",
        )
    if verdict is Verdict.REJECT and not (reason and reason.strip()):
        raise InvalidInput("A rejection needs a reason.", hint="Say what has to be different.")
    if verdict is Verdict.REJECT and edited:
        raise InvalidInput("A rejection brings no edited output.", hint="Approve with it, or reject without it.")


def accepted(phase: Phase[Any, Any], output: Mapping[str, Any]) -> BaseModel:
    """An output from elsewhere, once it has passed the phase's model and checks like a computed one.

    Raises:
        EditRejected: a sentence for every rule it breaks.
    """
    return _checked(phase, _parsed(phase, output))


def edited(phase: Phase[Any, Any], shown: Mapping[str, Any], output: Mapping[str, Any]) -> BaseModel:
    """The edit `output` of the output that was `shown`, held to the same rules.

    Where the gate has a table, only what the table lets a person edit may differ; whatever follows from the edit is
    computed anew from what was shown, so that ids, rules and figures cannot be rewritten on the way.

    Raises:
        EditRejected: a sentence for every rule it breaks.
    """
    model = _parsed(phase, output)
    table = phase.gate.table if phase.gate else None
    if table is None:
        return _checked(phase, model)
    original = output_of(phase, shown)
    return edited_by_table(phase, table, original, workbook.rows_of(table, original, model))


def edited_by_table(
    phase: Phase[Any, Any], table: EditableTable[Any], original: BaseModel, rows: list[Row]
) -> BaseModel:
    """The output that edited rows describe, held to the same rules.

    Raises:
        EditRejected: the table cannot take a cell, or the output breaks a rule.
    """
    try:
        changed: BaseModel = table.apply(original, rows)
    except ValidationError as error:
        raise EditRejected(sentences(error), hint="Correct the edited cells.") from error
    return _checked(phase, output_of(phase, changed.model_dump(mode="json")))


def _parsed(phase: Phase[Any, Any], output: Mapping[str, Any]) -> BaseModel:
    try:
        return output_of(phase, output)
    except ValidationError as error:
        raise EditRejected(sentences(error), hint="Correct the edited output.") from error


def _checked(phase: Phase[Any, Any], model: BaseModel) -> BaseModel:
    problems = [problem.message for check in phase.checks for problem in check(model)]
    if problems:
        raise EditRejected(problems, hint="Correct the edited output.")
    return model


def output_of(phase: Phase[Any, Any], output: Mapping[str, Any]) -> BaseModel:
    """The phase's output from its JSON."""
    model: BaseModel = phase.gives.model_validate_json(json_text(output))
    return model


def sentences(error: ValidationError) -> list[str]:
    """What a model refuses: one sentence a field, with the value where it is short."""
    return [_sentence(found) for found in error.errors(include_url=False)]


def _sentence(found: Any) -> str:
    place = ".".join(str(part) for part in found["loc"]) or "the whole"
    value = repr(found["input"])
    shown = f" ({value})" if found["type"] != "missing" and len(value) <= 80 else ""
    return f"{place}{shown}: {found['msg'].lower()}"
