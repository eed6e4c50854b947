"""Moving things between waves at the gate: what a preview says, and what a decision takes."""

from datetime import date
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masterflow.analysis.waves.plan import BrokenWish
from masterflow.errors import EditRejected
from masterflow.flows.planning.flow import FLOW
from masterflow.flows.planning.wave_planning import Hybrid, Output, PlannedSubject, Stays, _measured
from masterflow.orchestrator import gates
from masterflow.orchestrator.cells import CellEdit
from masterflow.orchestrator.gates import Trial
from masterflow.records.plans.types import PlanStatus
from tests.analysis.waves.tasks import app, edge, instance, task, wave

PHASE = FLOW.phase("wave_planning")
SPACE = UUID(int=7)
DAYS = {"start": "2027-01-04", "end": "2027-01-29"}


def id_of(name: str) -> str:
    return str(uuid5(SPACE, name))


def plan(waves: dict[str, int], **constraints: Any) -> Output:
    """A plan of these things over three waves; c needs b, b needs a, and a needs what stays."""
    known = {name: id_of(name) for name in waves}
    rows = [{**app(known[name]), "name": name, **constraints.pop(name, {})} for name in waves]
    limits = constraints.pop("limits", {})
    days = [wave(number, **DAYS, **limits.get(number, {})) for number in (1, 2, 3)]
    edges = [edge(known["c"], known["b"], weight=2), edge(known["b"], known["a"], kind="hard")]
    named = {rule: [[known[name] for name in pair] for pair in pairs] for rule, pairs in constraints.items()}
    the_task = instance(task(rows, days, edges, **named))
    output = Output(
        plan_id=UUID(int=1),
        assessment_id=UUID(int=2),
        status=PlanStatus.OPTIMAL,
        objective=0.0,
        bound=0.0,
        seconds=0.1,
        subjects=[subject(name, wave_) for name, wave_ in sorted(waves.items(), key=lambda i: (i[1], i[0]))],
        planned_waves=[],
        unplanned=[Stays(subject_id=UUID(int=3), name="mainframe", reason="retained")],
        hybrid_dependencies=[
            Hybrid(source="a", target="mainframe", wave=waves["a"], risk="far", moves=UUID(known["a"]))
        ],
        broken_wishes=[],
        confidence="high",
        confidence_note="",
        assumptions=[],
        instance=the_task,
    )
    return _measured(output)


def subject(name: str, in_wave: int) -> PlannedSubject:
    return PlannedSubject(
        subject_id=UUID(id_of(name)),
        name=name,
        is_application=True,
        wave=in_wave,
        strategy="rehost",
        servers=1,
        storage_gb=1,
        hours=1,
        environment="prod",
        criticality=None,
        move_group=None,
    )


def move(output: Output, **waves: object) -> Trial:
    cells = [CellEdit(id_of(name), "wave", to) for name, to in waves.items()]
    return gates.tried(PHASE, gates.table_of(PHASE), output, cells)


def test_a_move_is_measured_anew() -> None:
    found = move(plan({"a": 1, "b": 1, "c": 1}), a=3)
    moved: Any = found.output
    assert found.problems == ()
    assert [(w.number, w.applications, w.hours) for w in moved.planned_waves] == [(1, 2, 2), (2, 0, 0), (3, 1, 1)]
    assert moved.objective == pytest.approx(1 / 3)
    assert [(h.source, h.target, h.wave) for h in moved.hybrid_dependencies] == [("b", "a", 1), ("a", "mainframe", 3)]
    assert "target_moves_later" in {wish.wish for wish in moved.broken_wishes}
    assert moved.planned_waves[0].start == date(2027, 1, 4)


def test_dependencies_on_what_stays_are_kept_where_an_older_plan_does_not_say_what_moves() -> None:
    output = plan({"a": 1, "b": 1, "c": 1})
    older = output.model_copy(
        update={"hybrid_dependencies": [h.model_copy(update={"moves": None}) for h in output.hybrid_dependencies]}
    )
    moved: Any = move(older, a=2).output
    assert [(h.source, h.target, h.wave) for h in moved.hybrid_dependencies] == [("a", "mainframe", 1), ("b", "a", 1)]


@pytest.mark.parametrize(
    ("rules", "moves", "code", "row", "said"),
    [
        ({"a": {"pin": 1}}, {"a": 2}, "planning.pin", "a", "a is pinned to wave 1. The plan has a in wave 2."),
        ({"limits": {2: {"freeze": "all"}}}, {"b": 2}, "planning.freeze", "b", "Wave 2 is frozen for all applications"),
        ({"limits": {2: {"hours": 0}}}, {"b": 2}, "planning.capacity_hours", "b", "Wave 2 carries at most 0 hours"),
        ({"limits": {2: {"servers": 0}}}, {"b": 2}, "planning.capacity_servers", "b", "at most 0 servers"),
        ({"limits": {2: {"storage_gb": 0}}}, {"b": 2}, "planning.capacity_storage_gb", "b", "0 GB of storage"),
        ({"together": [("a", "b")]}, {"b": 2}, "planning.together", "b", "a and b have to move together."),
        ({"before": [("a", "c")]}, {"c": 1}, "planning.before", "c", "a has to move in an earlier wave than c."),
        ({"apart": [("a", "c")]}, {"a": 3}, "planning.apart", "a", "a and c may not be in the same wave."),
        (
            {"c": {"latest_wave": 3, "earliest_wave": 3}},
            {"c": 1},
            "planning.earliest_wave",
            "c",
            "not move before wave 3",
        ),
        ({}, {"a": "soon"}, "planning.no_such_wave", "a", "a, column Wave: 'soon' is none of 1 to 3"),
        ({}, {"a": True}, "planning.no_such_wave", "a", "'True' is none of 1 to 3"),
        ({}, {"a": None}, "planning.no_such_wave", "a", "'None' is none of 1 to 3"),
    ],
)
def test_a_move_that_breaks_a_rule_is_named_and_still_measured(
    rules: dict[str, Any], moves: dict[str, object], code: str, row: str, said: str
) -> None:
    output = plan({"a": 1, "b": 1, "c": 3}, **rules)
    found = move(output, **moves)
    [problem] = found.problems
    assert (problem.code, problem.row, problem.field) == (code, id_of(row), "wave")
    assert said in problem.message
    assert (found.output == output) is (code == "planning.no_such_wave")


def test_a_figure_sums_up_an_edit() -> None:
    table = gates.table_of(PHASE)
    assert table.summary is not None
    summary = table.summary(plan({"a": 1, "b": 1, "c": 1}))
    assert (summary["waves"], summary["crossing_share"], summary["hybrid_dependencies"]) == (3, 0.0, 1)


NAMES = st.sampled_from(["a", "b", "c"])
RULES = st.fixed_dictionaries(
    {},
    optional={
        "together": st.just([("a", "b")]),
        "apart": st.just([("b", "c")]),
        "before": st.just([("a", "c")]),
        "a": st.fixed_dictionaries({"pin": st.integers(1, 3)}),
        "limits": st.fixed_dictionaries({2: st.fixed_dictionaries({"hours": st.integers(0, 2)})}),
    },
)


@settings(max_examples=60)
@given(
    waves=st.fixed_dictionaries({name: st.integers(1, 3) for name in "abc"}),
    rules=RULES,
    moves=st.dictionaries(NAMES, st.integers(0, 4) | st.sampled_from(["2", "x", 1.5, None]), max_size=3),
)
def test_a_preview_and_a_decision_take_the_same_edits(
    waves: dict[str, int], rules: dict[str, Any], moves: dict[str, object]
) -> None:
    output = plan(waves, **rules)
    found = move(output, **moves)
    cells = [CellEdit(id_of(name), "wave", to) for name, to in moves.items()]
    table = gates.table_of(PHASE)
    rows = [{**row, **({"wave": moves[row["name"]]} if row["name"] in moves else {})} for row in table.rows(output)]
    if found.problems:
        with pytest.raises(EditRejected) as refused:
            gates.edited_by_cells(PHASE, output, cells)
        assert refused.value.problems == [problem.message for problem in found.problems]
        with pytest.raises(EditRejected):
            gates.edited_by_table(PHASE, table, output, rows)
    else:
        assert found.output == gates.edited_by_cells(PHASE, output, cells)
        assert found.output == gates.edited_by_table(PHASE, table, output, rows)


def test_broken_wishes_are_read_back_as_they_were_written() -> None:
    moved: Any = move(plan({"a": 1, "b": 1, "c": 1}), a=2).output
    again = Output.model_validate_json(moved.model_dump_json())
    assert again == moved
    assert all(isinstance(wish, BrokenWish) for wish in again.broken_wishes)
