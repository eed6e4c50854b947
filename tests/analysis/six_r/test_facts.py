"""Facts are read strictly, and the servers of an application give theirs."""

import pytest

from masterflow.analysis.eol.operating_systems import identify_os, identify_os_from_texts
from masterflow.analysis.servers import ServerFacts
from masterflow.analysis.six_r.estate import facts_for_application
from masterflow.analysis.six_r.facts import WEIGHTS, Facts, completeness, missing_facts, read_facts
from masterflow.analysis.six_r.recommendation import recommend
from masterflow.errors import InvalidInput
from masterflow.inventory.types import Criticality, Environment
from tests.analysis.assessment_data import TODAY, answers


def test_an_unknown_key_is_refused_with_near_misses() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_facts({"sorce_available": True, "zzz": 1}, where="case 4")
    assert str(refused.value) == (
        "case 4: 'sorce_available' is no known fact, did you mean source_available?; 'zzz' is no known fact."
        " Correct or remove the key."
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("servers", "many"),
        ("servers", -1),
        ("cpu_p95_pct", 101),
        ("os_status", "fine"),
        ("business_value", "huge"),
        ("virtual", "perhaps"),
        ("max_latency_ms_to_plant", float("inf")),
    ],
)
def test_an_impossible_value_is_refused_with_its_key(key: str, value: object) -> None:
    with pytest.raises(InvalidInput, match=f"facts: '{key}' is .*Use null for what is not known."):
        read_facts({key: value})


def test_ids_and_names_are_allowed_and_empty_texts_are_not_known() -> None:
    facts = read_facts({"id": "case-1", "name": "Shop", "os": "  ", "owner_team": " team "})
    assert (facts.name, facts.os, facts.owner_team) == ("Shop", None, "team")


def test_known_facts_come_back_as_plain_values() -> None:
    facts = read_facts({"os_status": "ended", "datacentre_exit_months": 5, "business_value": None})
    assert facts.known("os_status", "datacentre_exit_months", "business_value") == {
        "os_status": "ended",
        "datacentre_exit_months": 5,
    }


def test_every_fact_but_the_name_has_a_weight() -> None:
    assert set(WEIGHTS) == set(Facts.model_fields) - {"name"}


def test_what_hardly_applies_counts_almost_as_known() -> None:
    own, unclear = Facts(cots=False), Facts()
    assert completeness(unclear) == 0
    assert completeness(own) > WEIGHTS["cots"] / sum(WEIGHTS.values())
    assert "vendor_product" not in missing_facts(own)
    assert "hypervisor" not in missing_facts(Facts(virtual=False))
    assert missing_facts(unclear)[0] == "os_status"


def server(name: str, system: str, **known: object) -> ServerFacts:
    return ServerFacts(name=name, os_text=system, os=identify_os(system), **known)


def test_the_server_whose_support_is_worst_decides() -> None:
    facts = facts_for_application(
        [server("a", "RHEL 9", virtual=True, hypervisor="vmware"), server("b", "CentOS 7", virtual=True)], at=TODAY
    )
    assert (facts.servers, facts.os, facts.os_status) == (2, "CentOS 7", "ended")
    assert (facts.virtual, facts.physical, facts.hypervisor) == (True, False, "vmware")


def test_test_servers_do_not_decide_where_others_exist() -> None:
    rebuilt = server("t", "CentOS 7", environment=Environment.TEST)
    live = server("p", "RHEL 9", environment=Environment.PRODUCTION)
    assert facts_for_application([rebuilt, live], at=TODAY).os_status == "supported"
    assert facts_for_application([rebuilt], at=TODAY).os_status == "ended"


def test_utilisation_counts_only_when_every_server_was_observed() -> None:
    busy = server("a", "RHEL 9", cpu_p95_pct=40.0, cpu_max_pct=90.0)
    idle = server("b", "RHEL 9", cpu_p95_pct=1.0, cpu_max_pct=4.0)
    both = facts_for_application([busy, idle], at=TODAY)
    assert (both.utilisation_observed, both.cpu_p95_pct, both.cpu_max_pct) == (True, 40.0, 90.0)
    half = facts_for_application([busy, server("c", "RHEL 9")], at=TODAY)
    assert (half.utilisation_observed, half.cpu_p95_pct) == (None, None)


def test_mixed_machines_leave_the_question_open_and_business_facts_take_precedence() -> None:
    servers = [
        server("a", "RHEL 9", virtual=True, owner="one", criticality=Criticality.HIGH),
        server("b", "RHEL 9", virtual=False),
    ]
    facts = facts_for_application(servers, at=TODAY, name="Shop", business={"owner_team": "two", "cots": None})
    assert (facts.virtual, facts.physical, facts.owner_team, facts.criticality) == (None, True, "two", "high")


def test_an_application_without_servers_has_no_facts() -> None:
    assert facts_for_application([], at=TODAY) == Facts()


def test_from_an_rvtools_file_alone_nothing_unacceptable_is_recommended() -> None:
    estate = answers("demo_estate.json")
    by_application: dict[str, list[ServerFacts]] = {}
    for found in estate["servers"]:
        texts = [found["tools"], found["detail"], found["config"]]
        known = ServerFacts(
            name=found["id"],
            os_text=next((t for t in texts if t), None),
            os=identify_os_from_texts(texts),
            virtual=True,
            hypervisor="vmware",
        )
        by_application.setdefault(found["application"], []).append(known)
    right = 0
    for judged in estate["seven_r"]:
        servers = by_application.get(judged["application"])
        if not servers:
            continue
        answer = recommend(facts_for_application(servers, at=TODAY), at=TODAY)
        assert answer.strategy not in {*judged["unacceptable"], *judged["conditional"]}
        assert answer.confidence < 0.5
        right += answer.strategy in judged["acceptable"]
    assert right == 31
