"""Every hard rule excludes what it must, and nothing else would have done it."""

from typing import Any

import pytest

from masterflow.analysis.six_r.gates import GATES, obstacles
from masterflow.analysis.six_r.situation import situation
from masterflow.analysis.six_r.strategies import Strategy
from tests.analysis.assessment_data import TODAY
from tests.analysis.six_r.applications import IDLE, PACKAGED, application

MOVES_ASIDE_RELOCATE = {Strategy.REHOST, Strategy.REPLATFORM, Strategy.REFACTOR}
VMWARE: dict[str, Any] = {"target_platform": "vmware_cloud"}

# gate: facts under which it alone excludes these strategies
EXAMPLES: dict[str, tuple[dict[str, Any], set[Strategy]]] = {
    "residency": ({**VMWARE, "data_residency": "own datacentre by law"}, MOVES_ASIDE_RELOCATE | {Strategy.RELOCATE}),
    "service_abroad": (
        {**PACKAGED, "saas_alternative": "vendor cloud, hosted abroad", "data_residency": "stays in the EU"},
        {Strategy.REPURCHASE},
    ),
    "mainframe": ({"mainframe": True}, {Strategy.REHOST, Strategy.REPLATFORM}),
    "other_processor": ({"os": "AIX 7.2", "virtual": False, "hypervisor": None}, {Strategy.REHOST}),
    "sealed": ({"appliance": True}, {Strategy.REHOST, Strategy.REPLATFORM, Strategy.REFACTOR}),
    "vendor_refuses": ({**VMWARE, "vendor_supports_cloud": False}, MOVES_ASIDE_RELOCATE | {Strategy.RELOCATE}),
    "licence": ({**VMWARE, "licence_constraint": "USB dongle"}, {Strategy.REHOST, Strategy.RELOCATE}),
    "latency": ({**VMWARE, "max_latency_ms_to_plant": 5}, MOVES_ASIDE_RELOCATE | {Strategy.RELOCATE}),
    "ended_system": ({**VMWARE, "os_status": "ended"}, {Strategy.REHOST, Strategy.RELOCATE}),
    "ended_engine": ({**VMWARE, "database_engine": "Oracle 12.2"}, {Strategy.REHOST, Strategy.RELOCATE}),
    "relocate_needs_vmware": ({}, {Strategy.RELOCATE}),
    "refactor_needs_source": ({"source_available": None}, {Strategy.REFACTOR}),
    "refactor_needs_time": ({"datacentre_exit_months": 6}, {Strategy.REFACTOR}),
    "repurchase_needs_an_offer": (PACKAGED, {Strategy.REPURCHASE}),
    "retire_needs_proof": ({"inbound_connections_35d": 0, "monthly_users": 0}, {Strategy.RETIRE}),
    "nothing_left_to_move": (IDLE, MOVES_ASIDE_RELOCATE),
    "replaced_before_the_exit": (
        {**VMWARE, "planned_replacement": "in month 6"},
        {Strategy.REPLATFORM, Strategy.REFACTOR, Strategy.RELOCATE},
    ),
}


def excluded(facts: dict[str, Any], *, without: str | None = None) -> set[Strategy]:
    gates = tuple(gate for gate in GATES if gate.name != without)
    found = obstacles(situation(application(**facts), at=TODAY), gates)
    return {strategy for obstacle in found for strategy in obstacle.excludes}


def test_every_gate_has_an_example() -> None:
    assert [gate.name for gate in GATES] == list(EXAMPLES)


@pytest.mark.parametrize("gate", EXAMPLES)
def test_a_gate_excludes_what_it_must(gate: str) -> None:
    facts, strategies = EXAMPLES[gate]
    assert strategies <= excluded(facts)


@pytest.mark.parametrize("gate", EXAMPLES)
def test_without_the_gate_it_would_be_allowed(gate: str) -> None:
    facts, strategies = EXAMPLES[gate]
    assert not strategies & excluded(facts, without=gate)


@pytest.mark.parametrize("gate", EXAMPLES)
def test_an_obstacle_is_a_sentence_with_known_facts(gate: str) -> None:
    facts, _ = EXAMPLES[gate]
    for obstacle in obstacles(situation(application(**facts), at=TODAY)):
        assert obstacle.sentence.endswith(".")
        assert "None" not in obstacle.sentence
        assert None not in obstacle.facts.values()


@pytest.mark.parametrize(
    ("facts", "allowed"),
    [
        ({**VMWARE}, Strategy.RELOCATE),
        ({**VMWARE, "hypervisor": "VMware ESXi 8"}, Strategy.RELOCATE),
        ({**VMWARE, "appliance": True}, Strategy.RELOCATE),
        ({**VMWARE, "licence_constraint": "bound to MAC address"}, Strategy.RELOCATE),
        ({**VMWARE, "os_status": "ended", "extended_support_bought": True}, Strategy.RELOCATE),
        ({"os_status": "extended_only", "extended_support_bought": True}, Strategy.REHOST),
        ({"os_status": "extended_only", "extended_support_bought": None}, Strategy.REHOST),
        ({"database_engine": "Oracle 12.2", "extended_support_bought": True}, Strategy.REHOST),
        ({"database_engine": "Oracle 12.2", "datacentre_exit_months": 3}, Strategy.REHOST),
        ({"database_engine": "PostgreSQL 14"}, Strategy.REHOST),
        ({"licence_constraint": "bound to hosts", "managed_database_target": "x"}, Strategy.REPLATFORM),
        ({"appliance": True, "vendor_supports_cloud": True}, Strategy.REPURCHASE),
        ({"max_latency_ms_to_plant": 30}, Strategy.REHOST),
        ({"mainframe": True}, Strategy.REFACTOR),
        ({"os": "Oracle Solaris 10"}, Strategy.REHOST),
        ({"planned_replacement": "in month 30"}, Strategy.REPLATFORM),
        (IDLE, Strategy.RETIRE),
        ({**IDLE, "monthly_users": None}, Strategy.RETIRE),
    ],
)
def test_what_is_possible_stays_possible(facts: dict[str, Any], allowed: Strategy) -> None:
    assert allowed not in excluded(facts)


@pytest.mark.parametrize(
    ("facts", "forbidden"),
    [
        ({**VMWARE, "physical": True}, Strategy.RELOCATE),
        ({**VMWARE, "virtual": None}, Strategy.RELOCATE),
        ({**VMWARE, "hypervisor": "hyper-v"}, Strategy.RELOCATE),
        ({**VMWARE, "appliance": True, "vendor_supports_cloud": False}, Strategy.RELOCATE),
        ({"os_status": "extended_only", "extended_support_bought": False}, Strategy.REHOST),
        ({"os": "IBM z/OS 2.5"}, Strategy.REHOST),
        ({"os": "HP-UX 11.31"}, Strategy.REHOST),
        ({"os": "Oracle Solaris 10", "hypervisor": None}, Strategy.REHOST),
        ({**PACKAGED, "licence_constraint": "bound to MAC address"}, Strategy.REPLATFORM),
        ({"cots": True}, Strategy.REFACTOR),
        ({"saas_alternative": "none"}, Strategy.REPURCHASE),
        ({**IDLE, "criticality": "critical"}, Strategy.RETIRE),
        ({**IDLE, "business_value": "high"}, Strategy.RETIRE),
        ({**IDLE, "data_residency": "kept by law"}, Strategy.RETIRE),
        ({**IDLE, "cpu_max_pct": 97}, Strategy.RETIRE),
        ({**IDLE, "cpu_max_pct": None}, Strategy.RETIRE),
        ({**IDLE, "flows_observed": None}, Strategy.RETIRE),
        ({**IDLE, "utilisation_observed": False}, Strategy.RETIRE),
        ({**IDLE, "monthly_users": 3}, Strategy.RETIRE),
        ({"planned_replacement": "accepted by owner"}, Strategy.RETIRE),
        ({"owner_team": None, "cpu_p95_pct": None, "cpu_max_pct": None}, Strategy.RETIRE),
    ],
)
def test_what_is_not_possible_is_excluded(facts: dict[str, Any], forbidden: Strategy) -> None:
    assert forbidden in excluded(facts)
