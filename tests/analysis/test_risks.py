"""The register: each fact that makes an entry, and its order."""

from datetime import date

import pytest

from masterflow.analysis.eol.operating_systems import identify_os
from masterflow.analysis.risks import ApplicationFacts, application_risks, impact_of, server_risks
from masterflow.analysis.servers import MIB_PER_TIB, ServerFacts
from masterflow.inventory.types import Criticality
from tests.analysis.assessment_data import TODAY


def server(system: str = "RHEL 9", **known: object) -> ServerFacts:
    return ServerFacts(name="app01", os_text=system, os=identify_os(system), **known)


@pytest.mark.parametrize(
    ("facts", "code", "score"),
    [
        (server("CentOS 7"), "os.ended", 12),
        (server("CentOS 7", criticality=Criticality.CRITICAL), "os.ended", 20),
        (server("RHEL 7"), "os.extended_only", 9),
        (server("Windows Server 2016", criticality=Criticality.LOW), "os.within_12_months", 4),
        (server("Linux", criticality=Criticality.HIGH), "os.unknown", 12),
        (server(disk_mib=11 * MIB_PER_TIB), "disk.oversized", 12),
        (server(concerns=frozenset({"disk.rdm", "snapshot"})), "copy.hindered", 12),
        (server(power_state="poweredOff"), "powered_off", 6),
    ],
)
def test_a_fact_of_a_server_makes_an_entry(facts: ServerFacts, code: str, score: int) -> None:
    (risk,) = server_risks(facts, at=TODAY)
    assert (risk.code, risk.score) == (code, score)
    assert risk.mitigation
    assert risk.trigger


def test_a_sound_server_has_no_entry() -> None:
    assert server_risks(server(disk_mib=10 * MIB_PER_TIB), at=TODAY) == []


def test_a_server_is_judged_on_the_day_of_its_wave() -> None:
    assert [r.code for r in server_risks(server(), at=date(2037, 1, 1))] == ["os.ended"]


@pytest.mark.parametrize(
    ("known", "code", "score"),
    [
        ({"owner": None}, "owner.missing", 12),
        ({"membership_proposed": True}, "membership.proposed", 9),
        ({"circle": ("Shop", "Stock")}, "dependency.circle", 16),
        ({"dependents": 8}, "dependency.hub", 15),
        ({"observed": False}, "observation.missing", 12),
        ({"data_residency": "own site"}, "rule.data_residency", 15),
        ({"licence_constraint": "dongle"}, "rule.licence_constraint", 15),
        ({"criticality": Criticality.CRITICAL, "servers": 1}, "server.single", 15),
    ],
)
def test_a_fact_of_an_application_makes_an_entry(known: dict[str, object], code: str, score: int) -> None:
    (risk,) = application_risks(ApplicationFacts(**{"name": "Billing", "owner": "team", **known}))
    assert (risk.code, risk.subject, risk.score) == (code, "Billing", score)


def test_a_sound_application_has_no_entry() -> None:
    sound = ApplicationFacts(
        name="Billing", owner="team", observed=True, dependents=7, servers=1, criticality=Criticality.LOW
    )
    assert application_risks(sound) == []


def test_the_register_puts_the_gravest_first_and_reads_the_same_every_time() -> None:
    facts = ApplicationFacts(
        name="Billing", circle=("Shop", "Stock", "Rates"), observed=False, data_residency="own site"
    )
    codes = [r.code for r in application_risks(facts)]
    assert codes == ["dependency.circle", "rule.data_residency", "observation.missing", "owner.missing"]


def test_the_impact_follows_the_criticality_and_not_known_is_the_middle() -> None:
    assert [impact_of(c) for c in (None, *Criticality)] == [3, 2, 3, 4, 5]
