"""The flow types an orchestrator knows."""

import pytest

from masterflow.errors import ConfigurationInvalid, InvalidInput
from masterflow.orchestrator import FlowTypeRegistry
from masterflow.testing import empty_flow


def test_it_answers_in_catalogue_order() -> None:
    registry = FlowTypeRegistry([empty_flow(1, name="planning"), empty_flow(2, name="discovery")])
    assert registry.names() == ["planning", "discovery"]
    assert [len(kind.phases) for kind in registry.all()] == [1, 2]
    assert registry.find("other") is None


@pytest.mark.parametrize(
    ("asked", "hint"),
    [("discovry", "Did you mean 'discovery'?"), ("xyz", "There are: discovery.")],
)
def test_an_unknown_name_is_answered_with_the_nearest(asked: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        FlowTypeRegistry([empty_flow(1, name="discovery")]).get(asked)
    assert str(refused.value) == f"There is no flow type '{asked}'. {hint}"


def test_an_empty_registry_says_so() -> None:
    with pytest.raises(InvalidInput, match="There are none"):
        FlowTypeRegistry([]).get("discovery")


def test_an_unknown_phase_is_answered_with_the_nearest() -> None:
    registry = FlowTypeRegistry([empty_flow(2)])
    kind = registry.get("empty")
    assert registry.phase(kind, "phase_2").name == "phase_2"
    with pytest.raises(InvalidInput, match=r"'empty' has no phase 'phase_3'\. Did you mean 'phase_"):
        registry.phase(kind, "phase_3")


def test_two_flow_types_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationInvalid, match="two flow types called 'empty'"):
        FlowTypeRegistry([empty_flow(1), empty_flow(2)])
