"""What an edited output is held to."""

import pytest
from pydantic import BaseModel, Field

from masterflow.errors import EditRejected
from masterflow.orchestrator.gates import edited, told
from masterflow.spec import Problem
from masterflow.testing import toy_phase


class Plan(BaseModel):
    waves: dict[str, int] = Field(min_length=1)


def no_wave_zero(plan: Plan) -> list[Problem]:
    return [Problem("wave", f"'{name}' is in wave 0") for name, wave in plan.waves.items() if wave == 0]


PHASE = toy_phase("plan", gives=Plan, checks=[no_wave_zero])


def test_an_edited_output_passes_the_model_and_the_checks() -> None:
    assert edited(PHASE, {"waves": {"crm": 1}}, {"waves": {"crm": 2}}) == Plan(waves={"crm": 2})


def test_an_edited_output_that_the_model_refuses_names_the_field_and_the_value() -> None:
    with pytest.raises(EditRejected, match=r"waves\.crm \('second'\): input should be a valid integer"):
        edited(PHASE, {"waves": {"crm": 1}}, {"waves": {"crm": "second"}})
    with pytest.raises(EditRejected, match="waves: field required"):
        edited(PHASE, {"waves": {"crm": 1}}, {})


def test_an_edited_output_that_a_check_refuses_says_the_checks_sentences() -> None:
    with pytest.raises(EditRejected) as refused:
        edited(PHASE, {"waves": {"crm": 1, "erp": 1}}, {"waves": {"crm": 0, "erp": 1}})
    assert refused.value.problems == ["'crm' is in wave 0"]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Value error, Ask for 'RHEL' first", "ask for 'RHEL' first"),
        ("String should match pattern '^[A-Z]+$'", "string should match pattern '^[A-Z]+$'"),
        ("JSON input should be an object", "JSON input should be an object"),
        ("", ""),
    ],
)
def test_what_a_model_says_keeps_the_letters_of_values_and_patterns(message: str, said: str) -> None:
    assert told({"loc": ("name",), "msg": message}) == ("name", said)
