"""What an edited output, or one from elsewhere, is held to. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from masterflow.errors import Conflict, EditProblem, EditRejected, sentence_of_model
from masterflow.orchestrator import workbook
from masterflow.orchestrator.cells import CellEdit, with_cells
from masterflow.orchestrator.rows import json_text
from masterflow.spec import EditableTable, Phase, Problem, Row


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
    return _checked(phase, _applied(phase, table, original, rows))


@dataclass(frozen=True, slots=True)
class Trial:
    """What an edit would come to: the output as far as it could be computed, and all that is wrong with it."""

    output: BaseModel
    problems: tuple[EditProblem, ...]
    hint: str | None = None


def tried(phase: Phase[Any, Any], table: EditableTable[Any], original: BaseModel, cells: Sequence[CellEdit]) -> Trial:
    """What the edited cells of a gate's table come to; where a cell is refused, that is the output as it was."""
    rows, refused = with_cells(table, original, cells)
    try:
        output = _applied(phase, table, original, rows)
    except EditRejected as rejected:
        return Trial(original, (*refused, *rejected.found), rejected.hint)
    edited_rows = {cell.row for cell in cells}
    found = (_blamed(problem, edited_rows, table) for check in phase.checks for problem in check(output))
    return Trial(output, (*refused, *found), hint="Correct the edited cells.")


def edited_by_cells(phase: Phase[Any, Any], original: BaseModel, cells: Sequence[CellEdit]) -> BaseModel:
    """The output that edited cells of a gate's table describe, held to the same rules.

    Raises:
        EditRejected: a cell cannot be taken, or the output breaks a rule.
        Conflict: the gate has no table.
    """
    trial = tried(phase, table_of(phase), original, cells)
    if trial.problems:
        raise EditRejected(trial.problems, hint=trial.hint)
    return trial.output


def table_of(phase: Phase[Any, Any]) -> EditableTable[Any]:
    """The table in which the gate of a phase can be edited.

    Raises:
        Conflict: it has none.
    """
    if phase.gate is None or phase.gate.table is None:
        raise Conflict(
            f"The output of '{phase.name}' has no table form.", hint="Read the gate, and edit its output as JSON."
        )
    return phase.gate.table


def _applied(phase: Phase[Any, Any], table: EditableTable[Any], original: BaseModel, rows: list[Row]) -> BaseModel:
    try:
        changed: BaseModel = table.apply(original, rows)
    except ValidationError as error:
        raise EditRejected(sentences(error), hint="Correct the edited cells.") from error
    if changed is original:
        return original
    return _reread(phase, changed)


def _reread(phase: Phase[Any, Any], changed: BaseModel) -> BaseModel:
    """The output as the next phase will read it: what a table copied together was not validated yet."""
    try:
        return output_of(phase, changed.model_dump(mode="json"))
    except ValidationError as error:
        raise EditRejected(sentences(error), hint="Correct the edited cells.") from error


def _blamed(problem: Problem, edited_rows: Collection[str], table: EditableTable[Any]) -> EditProblem:
    """A check's problem at the cell that is to blame: an edited row that it concerns, or the only one."""
    edited = [row for row in problem.rows if row in edited_rows]
    row = (edited or problem.rows)[0] if edited or len(problem.rows) == 1 else None
    field = problem.field if problem.field in {column.key for column in table.columns} else None
    return EditProblem(problem.message, problem.code, row, field if row is not None else None)


def _parsed(phase: Phase[Any, Any], output: Mapping[str, Any]) -> BaseModel:
    try:
        return output_of(phase, output)
    except ValidationError as error:
        raise EditRejected(sentences(error), hint="Correct the edited output.") from error


def _checked(phase: Phase[Any, Any], model: BaseModel) -> BaseModel:
    problems = [EditProblem(problem.message, problem.code) for check in phase.checks for problem in check(model)]
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
