"""A flow type that does not fit together is refused when it is built, with a sentence."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from masterflow.errors import ConfigurationInvalid, ErrorClass
from masterflow.spec import FlowType, Gate, Phase, PhaseContext, Upgrade
from masterflow.spec.phase import RetryPolicies, RetryPolicy
from masterflow.testing import toy_flow, toy_phase


class Config(BaseModel):
    size: int = 3
    label: str | None = None


class Nothing(BaseModel):
    pass


class Count(BaseModel):
    count: int


async def body(ctx: PhaseContext, given: BaseModel) -> Any:
    raise NotImplementedError


def phase(
    name: str, takes: type[BaseModel] = Nothing, gives: type[BaseModel] = Nothing, **more: Any
) -> Phase[Any, Any]:
    return Phase(name=name, title=name, takes=takes, gives=gives, run=body, **more)


def flow_type(*phases: Phase[Any, Any]) -> FlowType:
    return FlowType(name="discovery", title="t", summary="s", config=Config, phases=phases)


def test_a_flow_type_without_phases_is_refused() -> None:
    with pytest.raises(ConfigurationInvalid, match="'discovery' has no phases"):
        flow_type()


def test_two_phases_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationInvalid, match="two phases called 'count'"):
        flow_type(phase("count"), phase("count"))


def test_a_need_that_nobody_gives_is_refused_with_what_there_is() -> None:
    with pytest.raises(ConfigurationInvalid, match=r"discovery\.use needs 'count'.*label, size"):
        flow_type(phase("use", takes=Count), phase("count", gives=Count))


def test_a_need_given_as_another_type_is_refused() -> None:
    class Text(BaseModel):
        count: str

    with pytest.raises(ConfigurationInvalid, match=r"takes 'count' as <class 'int'>, but it is given as <class 'str'>"):
        flow_type(phase("give", gives=Text), phase("use", takes=Count))


def test_a_need_may_be_wider_or_have_a_default() -> None:
    class Wide(BaseModel):
        count: int | None
        absent: list[str] = Field(default_factory=list)

    class Label(BaseModel):
        label: str

    built = flow_type(phase("give", gives=Count), phase("use", takes=Wide), phase("label", takes=Label))
    assert built.index_of("use") == 1
    assert built.phase("give").gives is Count


def test_a_gate_rejects_only_to_this_phase_or_an_earlier_one() -> None:
    gate: Gate[Any] = Gate(asks="?", rejects_to="second")
    with pytest.raises(ConfigurationInvalid, match=r"discovery\.first rejects to 'second'"):
        flow_type(phase("first", gate=gate), phase("second"))
    assert flow_type(phase("first"), phase("second", gate=gate)).phase("second").gate is gate


def test_an_unknown_phase_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        flow_type(phase("only")).phase("other")


@pytest.mark.parametrize(
    ("upgrades", "about"),
    [
        ({0: Upgrade()}, "upgrade from version 0, but is version 2"),
        ({2: Upgrade()}, "upgrade from version 2, but is version 2"),
        ({1: Upgrade(phases={"old": "gone"})}, "leads to 'gone', which is no phase"),
    ],
)
def test_an_upgrade_leads_from_an_older_version_to_a_phase(upgrades: dict[int, Upgrade], about: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=about):
        toy_flow(toy_phase("only"), version=2, upgrades=upgrades)


def test_each_class_of_error_has_its_policy_and_what_is_final_is_tried_once() -> None:
    policies = RetryPolicies(bug=RetryPolicy(attempts=2))
    assert {found: policies.of(found).attempts for found in ErrorClass} == {
        ErrorClass.INPUT: 1,
        ErrorClass.TRANSIENT: 5,
        ErrorClass.PERMANENT: 1,
        ErrorClass.BUG: 2,
    }


@given(st.integers(min_value=1, max_value=50), st.text())
def test_the_jitter_of_a_rest_follows_from_who_rests(attempt: int, who: str) -> None:
    policy = RetryPolicy(jitter=0.5)
    rest, full = policy.delay_after(attempt, of=who), policy.delay_after(attempt)
    assert full / 2 <= rest <= full
    assert policy.delay_after(attempt, of=who) == rest


@given(st.integers(min_value=1, max_value=32_000))
def test_delays_double_and_never_pass_the_longest(attempt: int) -> None:
    policy = RetryPolicy(first_delay=timedelta(seconds=2), longest_delay=timedelta(minutes=1))
    expected = [timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8)][attempt - 1 : attempt]
    assert (
        policy.delay_after(attempt) == expected[0] if expected else policy.delay_after(attempt) <= timedelta(minutes=1)
    )
    assert policy.delay_after(attempt + 1) >= policy.delay_after(attempt)


@pytest.mark.parametrize("wrong", [{"approver_roles": ()}, {"quorum": 0}])
def test_a_gate_that_nobody_could_pass_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationInvalid, match=r"The gate '\?' is decided by"):
        Gate(asks="?", **wrong)


@pytest.mark.parametrize("name", ["due_in", "remind_every", "expires_in"])
def test_a_gate_waits_for_more_than_no_time(name: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=f"has {name} = 0:00:00"):
        Gate(asks="?", **{name: timedelta(0)})
    assert getattr(Gate(asks="?", **{name: timedelta(hours=1)}), name) == timedelta(hours=1)
