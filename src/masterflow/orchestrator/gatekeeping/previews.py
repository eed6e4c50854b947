"""A gate's table a page at a time, and what an edit of it would come to. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from masterflow.db.keyset import LONGEST_PAGE, clean_limit, cursor_of, parts_of, whole_of
from masterflow.orchestrator import gates
from masterflow.orchestrator.cells import CellEdit, Chosen, chosen_rows, columns_of
from masterflow.orchestrator.gatekeeping.edits import table_edits
from masterflow.orchestrator.gatekeeping.types import Answer, Preview, TablePage
from masterflow.orchestrator.rows import content_hash, json_text
from masterflow.orchestrator.types import OpenQuestion, Verdict
from masterflow.orchestrator.upgrades import Landing
from masterflow.spec import EditableTable, Phase, Row


def table_page(
    question: OpenQuestion, phase: Phase[Any, Any], chosen: Chosen, *, cursor: str | None, limit: int
) -> TablePage:
    """A part of the table of what a gate asks about, at most 1,000 rows.

    Raises:
        Conflict: the gate has no table, or an older version computed what it asks about.
        InvalidInput: no list gave the cursor, or a page cannot be that long.
    """
    table = gates.table_of(phase)
    rows = table.rows(gates.shown(phase, question.output))
    found = chosen_rows(table, rows, chosen)
    start = whole_of(parts_of(cursor, count=1)[0], cursor) if cursor is not None else 0
    end = start + clean_limit(limit, LONGEST_PAGE)
    return TablePage(
        title=table.title,
        key=table.key,
        content_hash=question.content_hash,
        columns=columns_of(table, rows),
        rows=tuple(found[start:end]),
        total=len(found),
        cursor=cursor_of([str(end)]) if end < len(found) else None,
    )


def approval_of(question: OpenQuestion, content: str | None) -> Answer:
    """The approval that a preview stands for: of the content that was looked at, or of what the gate asks now."""
    return Answer(verdict=Verdict.APPROVE, content_hash=content or question.content_hash)


def named_by(question: OpenQuestion, to: Landing) -> OpenQuestion:
    """A gate under the name that its phase has where its flow goes on."""
    return replace(question, phase=to.name_of(question.phase) or question.phase)


def previewed(question: OpenQuestion, phase: Phase[Any, Any], cells: Sequence[CellEdit]) -> Preview:
    """What an approval with these cells would come to, by the same steps.

    Raises:
        Conflict: the gate has no table, or an older version computed what it asks about.
    """
    table = gates.table_of(phase)
    before = gates.shown(phase, question.output)
    trial = gates.tried(phase, table, before, cells)
    output = trial.output.model_dump(mode="json")
    text = json_text(output)
    return Preview(
        content_hash=question.content_hash if text == json_text(question.output) else content_hash(text).hex(),
        diff=table_edits(table, before, trial.output),
        problems=trial.problems,
        summary=_summary(table, trial.output),
        output=output,
    )


def _summary(table: EditableTable[Any], output: BaseModel) -> Row | None:
    return None if table.summary is None else table.summary(output)
