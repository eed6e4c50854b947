"""What a story looks like on a terminal."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
import typer
from rich.console import Console

from masterflow.cli.telling import Asking, Lines, outline, somebody_is_there, why_stopped
from masterflow.db.status import FlowStatus
from masterflow.orchestrator.types import Failure, Flow, Progress, Verdict
from masterflow.tenancy.types import Tenant

NOW = datetime(2026, 11, 23, tzinfo=UTC)
FLOW = Flow(
    flow_id=uuid4(),
    flow_type="discovery",
    flow_name=None,
    tenant=Tenant(uuid4(), uuid4()),
    user_id="u",
    status=FlowStatus.RUNNING,
    current_phase="data_import",
    phase_index=0,
    phase_count=6,
    version=1,
    definition_version=1,
    iteration=1,
    runs_here=True,
    pause_requested=False,
    attempts=0,
    last_error=None,
    parent_flow_id=None,
    created_at=NOW,
    updated_at=NOW,
    status_changed_at=NOW,
    deleted_at=None,
    configuration={},
    phase_execution_times={},
    memory_usage_metrics={},
    progress=None,
)


def test_a_terminal_shows_how_far_the_running_phase_is(monkeypatch: pytest.MonkeyPatch) -> None:
    lines, screen = Lines(), io.StringIO()
    monkeypatch.setattr(lines, "_console", Console(file=screen, force_terminal=True, width=100))
    lines.begins(FLOW, number=1, of=3)
    lines.moves(FLOW)
    lines.moves(replace(FLOW, progress=Progress(phase="data_import", done=5, total=20, what="rows")))
    lines.moves(replace(FLOW, progress=Progress(phase="data_import", done=1500, total=2000, what="rows")))
    lines.moves(replace(FLOW, status=FlowStatus.COMPLETED))
    shown = screen.getvalue()
    assert "[1/3] discovery" in shown
    assert shown.count("data import") == 1
    assert "rows: 1,500 of 2,000" in shown


def test_an_output_is_outlined_by_its_figures_and_the_length_of_its_lists() -> None:
    output = {"merged": 0, "counts": {"servers": 3, "by": {"a": 1}}, "issues": [1, 2], "note": None, "empty": {}}
    assert outline(output) == [("merged", "0"), ("counts", "servers 3"), ("issues", "2")]


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (FlowStatus.FAILED, "The discovery flow failed at data import:\n  It broke.\nTry again."),
        (FlowStatus.PAUSED, "The discovery flow was paused at data import:\n  It broke.\nTry again."),
    ],
)
def test_the_reason_of_a_stop_is_told_with_what_to_do(status: FlowStatus, says: str) -> None:
    failure = Failure(code="x", message="It broke.", hint="Try again.")
    assert why_stopped(replace(FLOW, status=status, last_error=failure)) == says


def test_what_is_missing_is_told_once() -> None:
    failure = Failure(code="x", message="needs y", missing=({"field": "y", "reason": "because"},))
    told = why_stopped(replace(FLOW, status=FlowStatus.WAITING_FOR_INPUT, last_error=failure))
    assert told == "The discovery flow waits for input at data import:\n  y: because"


def test_a_flow_that_was_cancelled_needs_no_reason() -> None:
    cancelled = replace(FLOW, status=FlowStatus.CANCELLED, current_phase=None)
    assert why_stopped(cancelled) == "The discovery flow was cancelled."


def test_a_pipe_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert not somebody_is_there()


def test_a_question_about_the_estate_begins_with_what_it_changes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: "a")
    question = SimpleNamespace(asks="Is this the estate?", output={"changes": {"told": "Nothing changes."}})
    assert Asking(tmp_path)._ask(question, None).verdict is Verdict.APPROVE
    out = capsys.readouterr().out
    assert out.index("Nothing changes.") < out.index("Is this the estate?")
    Asking(tmp_path)._ask(SimpleNamespace(asks="Right?", output={}), None)
    assert "Nothing changes." not in capsys.readouterr().out
