"""Where a phase's input comes from."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, model_validator

from masterflow.errors import InputMissing, PhaseFailed
from masterflow.orchestrator.segments.inputs import build_input
from masterflow.testing import toy_phase


class Sample(BaseModel):
    name: str
    count: int = 5
    owner: str | None = None


def build(model: type[BaseModel], configuration: dict, *outputs: dict) -> BaseModel:
    return build_input(toy_phase("only", takes=model), configuration=configuration, outputs=outputs)


names = st.text(min_size=1, max_size=5).filter(lambda text: "\0" not in text and text.isprintable())


@given(st.lists(names, max_size=4), names)
def test_the_latest_output_counts_before_the_configuration(outputs: list[str], configured: str) -> None:
    built = build(Sample, {"name": configured}, *({"name": name} for name in outputs))
    assert built == Sample(name=[configured, *outputs][-1])


def test_what_nobody_gives_is_asked_for_by_name_with_its_description() -> None:
    class Needs(BaseModel):
        owner: str = Field(description="who answers for the server")
        site: str

    with pytest.raises(InputMissing) as asked:
        build(Needs, {"other": 1})
    assert [(missing.field, missing.reason) for missing in asked.value.missing] == [
        ("owner", "who answers for the server"),
        ("site", "it has no default, and no earlier phase gives it"),
    ]


def test_none_means_not_given_unless_the_field_takes_none() -> None:
    assert build(Sample, {"name": "a", "count": None, "owner": None}) == Sample(name="a")
    with pytest.raises(InputMissing, match="name: it has no default"):
        build(Sample, {"name": None})


def test_a_value_of_the_configuration_that_cannot_be_taken_is_asked_for_again() -> None:
    with pytest.raises(InputMissing, match=r"count: count \('many'\): input should be a valid integer"):
        build(Sample, {"name": "a", "count": "many"})


def test_a_value_of_an_earlier_phase_that_cannot_be_taken_is_nobodys_to_mend() -> None:
    with pytest.raises(PhaseFailed, match="'only' cannot take what earlier phases gave: count"):
        build(Sample, {"name": "a"}, {"count": "many"})


def test_a_rule_over_several_fields_is_nobodys_to_mend_either() -> None:
    class Ordered(BaseModel):
        first: int
        last: int

        @model_validator(mode="after")
        def in_order(self) -> "Ordered":
            if self.first > self.last:
                raise ValueError("first is after last")
            return self

    with pytest.raises(PhaseFailed, match="first is after last"):
        build(Ordered, {"first": 2, "last": 1})


class Rich(BaseModel):
    model_config = ConfigDict(strict=True)
    key: UUID
    day: date
    cost: Decimal
    rest: timedelta
    tags: frozenset[str]


def test_what_json_cannot_say_itself_comes_through_a_strict_model() -> None:
    rich = Rich(key=uuid4(), day=date(2026, 1, 2), cost=Decimal("1.10"), rest=timedelta(hours=1), tags=frozenset("ab"))
    assert build(Rich, {}, rich.model_dump(mode="json")) == rich


def test_a_field_is_filled_by_its_name_whatever_its_alias() -> None:
    class Aliased(BaseModel):
        name: str = Field(alias="Name")

    assert build(Aliased, {"name": "a"}).model_dump() == {"name": "a"}
