"""What a waiting flow asks, and what its answer becomes."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from masterflow.db.status import FlowStatus
from masterflow.errors import InputRejected
from masterflow.orchestrator.asking.schema import DIALECT, asked_by, describe, filled
from masterflow.orchestrator.types import Failure, Flow
from masterflow.tenancy.types import Tenant
from masterflow.testing import Nothing, toy_flow, toy_phase


class Wave(BaseModel):
    start: date


class Kind(StrEnum):
    PROD = "prod"
    TEST = "test"


class Config(BaseModel):
    model_config = ConfigDict(extra="forbid")

    target: str | None = Field(None, description="Where the estate goes")
    servers: int | None = Field(None, ge=1)
    scope: Literal["prod", "all"] = "prod"
    kind: Kind | None = None
    waves: list[Wave] = Field(default_factory=list)
    ids: list[UUID] = Field(default_factory=list)
    move: date | None = None
    sure: bool = False


class Needs(BaseModel):
    target: str


KIND = toy_flow(toy_phase("plan", takes=Needs), config=Config)


def flow(**changes: Any) -> Flow:
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "flow_id": uuid4(),
        "flow_type": "toy",
        "flow_name": None,
        "tenant": Tenant(uuid4(), uuid4()),
        "user_id": "u",
        "status": FlowStatus.WAITING_FOR_INPUT,
        "current_phase": "plan",
        "phase_index": 0,
        "phase_count": 1,
        "version": 3,
        "definition_version": 1,
        "iteration": 1,
        "runs_here": True,
        "pause_requested": False,
        "attempts": 0,
        "last_error": None,
        "parent_flow_id": None,
        "created_at": now,
        "updated_at": now,
        "status_changed_at": now,
        "deleted_at": None,
        "configuration": Config().model_dump(mode="json"),
        "phase_execution_times": {},
        "memory_usage_metrics": {},
        "progress": None,
    }
    return Flow(**{**values, **changes})


def asking(*missing: tuple[str, ...], **changes: Any) -> Flow:
    kept = tuple({"field": one[0], "reason": one[1]} | ({"place": one[2]} if len(one) > 2 else {}) for one in missing)
    error = Failure(code="phase.input_missing", message="'plan' needs it", hint="Supply these fields.", missing=kept)
    return flow(last_error=error, **changes)


def test_exactly_the_missing_fields_are_asked_with_reason_place_and_meaning() -> None:
    asked = asked_by(asking(("target", "no target"), ("waves", "bad", "w.csv, row 2"), ("waves", "late")), KIND)
    assert [f.field for f in asked.fields] == ["target", "waves"]
    target, waves = asked.fields
    assert (target.question, target.type, target.required, target.current) == (
        "Where the estate goes",
        "text",
        True,
        None,
    )
    assert (waves.reasons, waves.places, waves.type, waves.required) == (
        ("bad", "late"),
        ("w.csv, row 2",),
        "list of JSON object",
        True,
    )
    assert asked.schema["$schema"] == DIALECT
    assert set(asked.schema["properties"]) == {"target", "waves"}
    assert asked.schema["required"] == ["target", "waves"]
    assert asked.schema["properties"]["waves"]["minItems"] == 1
    assert "minItems" not in asked.schema["properties"]["target"]
    assert set(asked.schema["$defs"]) == {"Wave"}
    assert asked.schema["properties"]["waves"]["x-places"] == ["w.csv, row 2"]
    assert "servers" in asked.also
    assert (asked.hint, asked.waits) == ("Supply these fields.", True)


def test_what_no_field_answers_is_said_apart() -> None:
    asked = asked_by(asking(("assessment", "there is none")), KIND)
    assert asked.fields == ()
    assert [(one.what, one.reason, one.place) for one in asked.elsewhere] == [("assessment", "there is none", None)]
    assert asked.hint == "There is nothing to fill in: supply no input, and the phase runs again."


def test_a_flow_that_does_not_wait_asks_nothing() -> None:
    asked = asked_by(flow(status=FlowStatus.COMPLETED, current_phase=None), KIND)
    assert (asked.waits, asked.fields, asked.hint) == (False, (), None)
    assert asked.message == "The flow is completed and asks for no input."
    assert asked_by(flow(), KIND).message == "The flow waits for input."


@pytest.mark.parametrize(
    ("field", "word", "choices"),
    [
        ("target", "text", ()),
        ("servers", "whole number", ()),
        ("scope", "choice", ("prod", "all")),
        ("kind", "choice", ("prod", "test")),
        ("waves", "list of JSON object", ()),
        ("ids", "list of id", ()),
        ("move", "date", ()),
        ("sure", "true or false", ()),
    ],
)
def test_a_field_is_described_in_a_word_or_two(field: str, word: str, choices: tuple[str, ...]) -> None:
    root = Config.model_json_schema()
    assert describe(root["properties"][field], root) == (word, choices)


def test_what_has_no_type_is_json() -> None:
    assert describe({}, {}) == ("JSON", ())
    assert describe({"const": 4}, {}) == ("choice", ("4",))
    assert describe({"anyOf": [{"type": "string"}, {"type": "integer"}]}, {}) == ("text or whole number", ())


def refused(values: dict[str, Any], waiting: Flow) -> dict[str, str]:
    with pytest.raises(InputRejected) as error:
        filled(waiting, KIND, values)
    return {problem.field: problem.message for problem in error.value.problems}


def test_every_field_that_cannot_be_used_is_named() -> None:
    problems = refused({"server": 3, "servers": 0, "xyz": 1}, asking(("target", "no target")))
    assert problems == {
        "server": "there is no such field; did you mean 'servers'?",
        "xyz": "there is no such field; there are: ids, kind, move, scope, servers, sure, target, waves",
        "target": "it is needed: no target",
        "servers": "input should be greater than or equal to 1",
    }


@pytest.mark.parametrize("values", [{}, {"ids": None}, {"ids": []}, {"target": "x"}])
def test_a_field_that_is_asked_for_by_name_has_to_be_given_though_the_phase_has_a_default(
    values: dict[str, Any],
) -> None:
    waiting = asking(("ids", "no file was named"))
    assert asked_by(waiting, KIND).schema["required"] == ["ids"]
    assert refused(values, waiting) == {"ids": "it is needed: no file was named"}
    assert len(filled(waiting, KIND, {"ids": [str(uuid4())]})["ids"]) == 1


def test_of_several_values_that_do_not_fit_together_one_has_to_change_and_may_be_taken_away() -> None:
    before = Config(ids=[uuid4()], servers=3).model_dump(mode="json")
    waiting = asking(("ids", "too many"), ("servers", "too few"), configuration=before)
    asked = asked_by(waiting, KIND)
    assert (asked.schema["required"], [field.required for field in asked.fields]) == ([], [False, False])
    assert asked.schema["anyOf"] == [{"required": ["ids"]}, {"required": ["servers"]}]
    assert "minItems" not in asked.schema["properties"]["ids"]
    needed = {"ids": "it is needed: too many", "servers": "it is needed: too few"}
    assert (refused({}, waiting), refused({"target": "x"}, waiting)) == (needed, needed)
    assert filled(waiting, KIND, {"ids": []})["ids"] == []
    assert filled(waiting, KIND, {"servers": 4})["servers"] == 4


def test_a_single_value_that_is_asked_for_has_to_be_given_again() -> None:
    before = Config(ids=[uuid4()]).model_dump(mode="json")
    waiting = asking(("ids", "it cannot be read"), configuration=before)
    assert asked_by(waiting, KIND).schema["required"] == ["ids"]
    assert refused({}, waiting) == {"ids": "it is needed: it cannot be read"}


def test_nothing_is_needed_of_a_flow_that_asks_for_nothing() -> None:
    assert filled(flow(), KIND, {})["target"] is None
    assert "none" in refused_by_nothing()


def refused_by_nothing() -> str:
    with pytest.raises(InputRejected) as error:
        filled(flow(configuration={}), toy_flow(toy_phase("plan", takes=Nothing)), {"a": 1})
    return str(error.value)


@given(st.text(min_size=1, max_size=20), st.integers(1, 10_000))
def test_an_answer_is_merged_and_nothing_else_is_lost(target: str, servers: int) -> None:
    before = {**Config().model_dump(mode="json"), "servers": servers}
    after = filled(asking(("target", "no"), configuration=before), KIND, {"target": target})
    assert after == {**before, "target": target}
