"""What an edited output, or one from elsewhere, is held to. Pure."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from masterflow.errors import Conflict, EditRejected, sentence_of_model
from masterflow.orchestrator import workbook
from masterflow.orchestrator.rows import json_text
from masterflow.spec import EditableTable, Phase, Row


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


def shown(phase: Phase[Any, Any], output: Mapping[str, Any]) -> BaseModel:
    """What a gate asks about, as the phase's output.

    Raises:
        Conflict: an older version of the flow type computed it, and the present one cannot read it.
    """
    try:
        return output_of(phase, output)
    except ValidationError as error:
        raise Conflict(
            f"The output of '{phase.name}' was computed by an older version, and this one cannot read it: "
            f"{'; '.join(sentences(error))}.",
            hint="Reject it, so that it is computed anew, or approve it with an edited output.",
        ) from error


def output_of(phase: Phase[Any, Any], output: Mapping[str, Any]) -> BaseModel:
    """The phase's output from its JSON."""
    model: BaseModel = phase.gives.model_validate_json(json_text(output))
    return model


def sentences(error: ValidationError) -> list[str]:
    """What a model refuses: one sentence a field, with the value where it is short."""
    return [_sentence(found) for found in error.errors(include_url=False)]


def _sentence(found: Any) -> str:
    place, said = told(found)
    value = repr(found["input"])
    shown = f" ({value})" if found["type"] != "missing" and len(value) <= 80 else ""
    return f"{place}{shown}: {said}"


def told(found: Any) -> tuple[str, str]:
    """The place that a model's error is about, and what it says."""
    return ".".join(str(part) for part in found["loc"]) or "the whole", sentence_of_model(found["msg"])
