"""The schemas of the configurations say enough for a form that knows no flow type."""

from typing import Any

import pytest

from masterflow.analysis.readiness import target_names
from masterflow.bootstrap import load_registry
from masterflow.spec import FlowType

FLOW_TYPES = {flow_type.name: flow_type for flow_type in load_registry().all()}


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = FLOW_TYPES[name].config.model_json_schema()["properties"]
    return found


@pytest.mark.parametrize("flow_type", FLOW_TYPES.values(), ids=lambda flow_type: flow_type.name)
def test_every_field_has_a_title_and_a_description(flow_type: FlowType) -> None:
    schema = flow_type.config.model_json_schema()
    parts = {"": schema, **schema.get("$defs", {})}
    fields = {f"{part}.{name}": field for part, of in parts.items() for name, field in of["properties"].items()}
    silent = [name for name, field in fields.items() if not field.get("description")]
    derived = [
        name
        for name, field in fields.items()
        if "_" in name and field.get("title") in {None, name.split(".")[1].replace("_", " ").title()}
    ]
    assert (silent, derived) == ([], [])


def test_fields_that_hold_ids_or_names_say_where_to_choose_them() -> None:
    discovery, planning = properties("discovery"), properties("planning")
    assert {discovery[name]["x-options"] for name in ("imports", "replaces")} == {"/api/v1/imports"}
    named = ("pins", "together", "apart", "before", "shared_services")
    assert {(planning[name]["x-options"], planning[name]["x-option-value"]) for name in named} == {
        ("/api/v1/applications", "name")
    }


def test_the_fields_of_a_plan_stand_in_groups() -> None:
    groups = {name: field["x-group"] for name, field in properties("planning").items()}
    assert set(groups.values()) == {"Calendar", "Capacity", "Wishes", "Solver"}
    assert (groups["freezes"], groups["engineers"], groups["seed"]) == ("Calendar", "Capacity", "Solver")


def test_a_form_offers_the_targets_that_the_rules_know() -> None:
    assert properties("assessment")["target"]["enum"] == list(target_names())
