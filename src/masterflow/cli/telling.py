"""How a story is followed on a terminal: what runs, what is asked, what came of it."""

import asyncio
import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
from python_calamine import CalamineWorkbook
from rich.console import Console
from rich.status import Status
from rich.text import Text

from masterflow.cli.output import console, note, print_table, say
from masterflow.db.status import FlowStatus
from masterflow.demo.documents import Documents
from masterflow.demo.findings import UNREVIEWED
from masterflow.demo.story import Answer, Ending
from masterflow.errors import EditRejected
from masterflow.orchestrator.types import Flow, OpenQuestion, Verdict
from masterflow.orchestrator.workbook import content_of
from masterflow.records.reports.summary import summary_lines
from masterflow.records.reports.types import ProgrammeReport

MOST_SHOWN = 12  # lines of an output that are printed before a question
COLUMNS_SHOWN = 7
CELL_SHOWN = 40  # characters


class Lines:
    """Follows a story on standard error: a line a phase, and on a terminal what the running one is doing."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._status: Status | None = None
        self._phase: tuple[str, str | None] | None = None

    def begins(self, flow: Flow, *, number: int, of: int) -> None:
        """Head a flow."""
        self._quiet()
        self._console.print(Text(f"[{number}/{of}] {flow.flow_type}", style="bold"))

    def moves(self, flow: Flow) -> None:
        """Say which phase runs, and how a flow ended."""
        phase = (flow.flow_type, flow.current_phase)
        if flow.status is FlowStatus.RUNNING and phase != self._phase:
            self._phase = phase
            self._quiet()
            self._console.print(Text(f"      {(flow.current_phase or 'done').replace('_', ' ')}"))
        if flow.status is FlowStatus.RUNNING and flow.progress and self._console.is_terminal:
            self._show(f"{flow.progress.what}: {flow.progress.done:,} of {flow.progress.total:,}")
        elif flow.status is not FlowStatus.RUNNING:
            self._quiet()

    def says(self, sentence: str) -> None:
        """One more line."""
        self._quiet()
        self._console.print(Text(f"      {sentence}"))

    def is_refused(self, error: EditRejected) -> None:
        """Name every cell that cannot be accepted."""
        for problem in error.problems:
            self.says(problem)
        self.says(error.hint or "Correct the workbook and try again.")

    def _show(self, sentence: str) -> None:
        if self._status is None:
            self._status = self._console.status(Text(sentence))
            self._status.start()
        self._status.update(Text(sentence))

    def _quiet(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


class Accepting(Lines):
    """Accepts every proposal unseen, and leaves that word in the gate for the report to print."""

    async def answers(self, question: OpenQuestion, workbook: bytes | None) -> Answer:  # noqa: ARG002 - not looked at
        """Approve, without review."""
        self.says(f"{question.asks} Accepted without review.")
        return Answer(Verdict.APPROVE, reason=UNREVIEWED)


class Asking(Lines):
    """Asks the person at the terminal; workbooks to edit are written to `folder`."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    async def answers(self, question: OpenQuestion, workbook: bytes | None) -> Answer:
        """Print what is asked and wait for the answer."""
        self._quiet()
        return await asyncio.to_thread(self._ask, question, workbook)

    def _ask(self, question: OpenQuestion, workbook: bytes | None) -> Answer:
        say("")
        changes = question.output.get("changes")
        if changes:
            say(changes["told"])
        console().print(Text(question.asks, style="bold"))
        if workbook:
            headers, rows, more = preview(workbook)
            print_table(headers, rows, empty="There is nothing to decide.")
            if more:
                say(f"… and {more:,} more: [e]dit writes them all as a workbook.")
        else:
            print_table(("", ""), outline(question.output), empty="The output is empty.")
        choices = "[a]pprove, [r]eject" + (", [e]dit as a workbook" if workbook else "")
        while True:
            answer = typer.prompt(choices, default="a").strip().lower()[:1]
            if answer == "a":
                return Answer(Verdict.APPROVE)
            if answer == "r":
                return Answer(Verdict.REJECT, reason=typer.prompt("Why"))
            if answer == "e" and workbook:
                return self._edited(question, workbook)
            say(f"Answer one of: {choices}.")

    def _edited(self, question: OpenQuestion, workbook: bytes) -> Answer:
        file = self._folder / f"gate-{question.phase}.xlsx"
        self._folder.mkdir(parents=True, exist_ok=True)
        if not file.exists() or content_of(file.read_bytes()) != question.content_hash:
            file.write_bytes(workbook)
        say(f"Edit and save {file}")
        typer.prompt("Press Enter when it is saved", default="", show_default=False)
        return Answer(Verdict.APPROVE, reason="Edited in a workbook.", workbook=file.read_bytes())


def somebody_is_there() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty()


def preview(workbook: bytes) -> tuple[tuple[str, ...], list[tuple[str, ...]], int]:
    """The first columns and lines of a gate's workbook, and how many lines more it has."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()
    headers = tuple(str(cell) for cell in rows[0][:COLUMNS_SHOWN])
    lines = [tuple(_cell(value) for value in row[:COLUMNS_SHOWN]) for row in rows[1 : MOST_SHOWN + 1]]
    return headers, lines, max(0, len(rows) - 1 - MOST_SHOWN)


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return f"{int(value):,}"
    return str(value)[:CELL_SHOWN]


def outline(output: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an output says, in a few lines: figures as they are, lists by their length."""
    lines: list[tuple[str, str]] = []
    for name, value in output.items():
        label = name.replace("_", " ")
        if isinstance(value, Mapping):
            flat = {key: part for key, part in value.items() if not isinstance(part, Mapping | list)}
            lines.append((label, ", ".join(f"{key.replace('_', ' ')} {part}" for key, part in flat.items())))
        elif isinstance(value, list):
            lines.append((label, f"{len(value):,}"))
        elif value is not None:
            lines.append((label, str(value)))
    return [line for line in lines if line[1]][:MOST_SHOWN]


def print_ending(ending: Ending, documents: Documents | None) -> None:
    """The summary, where the documents are, and why it stopped if it did."""
    if ending.report is not None:
        print_summary(ending.report)
    if documents is not None:
        say("")
        say(f"Report    {documents.report}")
        say(f"Workbook  {documents.workbook}")
        if documents.rejects is not None:
            say(f"Rejects   {documents.rejects}")
        for file in documents.to_correct:
            say(f"Mend      {file}, then bring it with the others")
    if ending.stopped is not None:
        note("")
        note(f"masterflow: {why_stopped(ending.stopped)}")


def print_summary(report: ProgrammeReport) -> None:
    """The key figures as a table."""
    say("")
    rows = [(line.label, f"{line.value} {line.unit}".strip(), line.note) for line in summary_lines(report)]
    print_table(("", "", ""), rows, empty="")


def why_stopped(flow: Flow) -> str:
    """Why a flow could not go on, and what to do."""
    where = f"The {flow.flow_type} flow {_STOPPED.get(flow.status, 'stopped')}"
    if flow.current_phase:
        where += f" at {flow.current_phase.replace('_', ' ')}"
    error = flow.last_error
    if error is None:
        return f"{where}."
    reasons = [f"  {entry['field']}: {entry['reason']}" for entry in error.missing] or [f"  {error.message}"]
    return "\n".join([f"{where}:", *reasons, *([error.hint] if error.hint else [])])


_STOPPED = {
    FlowStatus.FAILED: "failed",
    FlowStatus.WAITING_FOR_INPUT: "waits for input",
    FlowStatus.PAUSED: "was paused",
    FlowStatus.CANCELLED: "was cancelled",
}
