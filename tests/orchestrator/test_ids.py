"""Ids of flows grow with time."""

from masterflow.orchestrator.ids import new_flow_id


def test_ids_are_of_version_seven_and_differ() -> None:
    made = [new_flow_id() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert {(made_id.version, made_id.variant) for made_id in made} == {(7, "specified in RFC 4122")}


def test_a_later_id_is_greater() -> None:
    milliseconds = [new_flow_id().int >> 80 for _ in range(1000)]
    assert milliseconds == sorted(milliseconds)
