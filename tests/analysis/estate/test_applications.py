from uuid import UUID

import pytest

from masterflow.analysis.estate.applications import (
    Machine,
    application_folder,
    application_key,
    group_applications,
    readable,
)
from masterflow.analysis.estate.shared_services import service_evidence
from masterflow.analysis.estate.tabular import ApplicationRow
from masterflow.inventory.types import AssetId, Criticality, Environment, Membership, Source

NAMESPACE = UUID(int=9)
CELL = Source("r.xlsx", "vInfo", 2, "App Name")


def machine(number, name, *, stated=(), note=None, folder=None, **more):
    return Machine(
        asset_id=AssetId(UUID(int=number)),
        name=name,
        stated=tuple((text, CELL) for text in stated),
        note=(note, CELL) if note else None,
        folder=(folder, CELL) if folder else None,
        places=frozenset({"vm", "dc1"}),
        name_source=CELL,
        **more,
    )


def group(*machines, rows=()):
    return group_applications(machines, rows, namespace=NAMESPACE)


def members(grouped):
    """Members and proposed members of each application by the machines' numbers."""
    return {a.name: ([i.int for i in a.asset_ids], [i.int for i in a.proposed_asset_ids]) for a in grouped.applications}


@pytest.mark.parametrize(
    "text",
    [
        "Billing Core",
        "BILLING CORE",
        "billing-core",
        "Billing_Core (PROD)",
        "Billing Core - Test",
        "Billing Core [dev]",
    ],
)
def test_spellings_of_one_application_share_a_key(text):
    assert application_key(text) == "billing core"


def test_a_word_in_brackets_that_is_no_environment_belongs_to_the_name():
    assert application_key("Payroll (Germany)") == "payroll germany"
    assert application_key("Test") == "test"


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("old-intranet", "Old Intranet"),
        ("EDI GATEWAY", "EDI Gateway"),
        ("hr_self_service", "HR Self Service"),
        ("PATCH AND DEPLOYMENT", "Patch and Deployment"),
        ("SAP", "SAP"),
        ("PAYROLL", "Payroll"),
    ],
)
def test_a_name_in_one_case_becomes_a_title(spelling, expected):
    assert readable(spelling) == expected


def test_the_name_shown_is_the_spelling_a_person_would_print_and_the_others_are_variants():
    grouped = group(machine(1, "a", stated=["BILLING CORE"]), machine(2, "b", stated=["Billing Core (PROD)"]),
                    machine(3, "c", stated=["Billing Core"]))  # fmt: skip
    (application,) = grouped.applications
    assert application.name == "Billing Core"
    assert application.variants == ("BILLING CORE", "Billing Core", "Billing Core (PROD)")
    assert application.membership is Membership.STATED
    assert application.evidence == ("stated in r.xlsx vInfo App Name: 3 servers",)


def test_a_code_in_the_place_of_a_name_is_a_spelling_of_the_name():
    grouped = group(
        machine(1, "x-bil-web-1", stated=["Billing Core"]),
        machine(2, "x-bil-db-1", stated=["Billing Core"]),
        machine(3, "x-pay-web-1", stated=["Pay Roll"]),
        machine(4, "x-pay-db-1", stated=["Pay Roll"]),
        machine(5, "x-bil-app-1", stated=["BIL"]),
    )
    assert members(grouped) == {"Billing Core": ([1, 2, 5], []), "Pay Roll": ([3, 4], [])}


def test_a_note_a_folder_and_a_code_propose_and_leave_a_fact_with_its_confidence():
    grouped = group(
        machine(1, "x-bil-web-1", stated=["Billing"]),
        machine(2, "x-bil-db-1", stated=["Billing"]),
        machine(3, "x-pay-web-1", folder="DC1/vm/Payroll"),
        machine(4, "x-pay-db-1", note="App: Payroll; backup daily"),
        machine(5, "x-bil-app-1"),
        machine(6, "unlike"),
    )
    assert members(grouped) == {"Billing": ([1, 2, 5], [5]), "Payroll": ([3, 4], [3, 4])}
    found = {i.int: [(f.rule, f.confidence) for f in facts] for i, facts in grouped.proposals.items()}
    assert found == {
        3: [("proposed_by_folder", 0.7), ("proposed_by_code", 0.6)],
        4: [("proposed_by_note", 0.8), ("proposed_by_code", 0.6)],
        5: [("proposed_by_code", 0.6)],
    }


def test_what_is_stated_is_never_overruled_by_a_proposal():
    grouped = group(machine(1, "a", stated=["Billing"], folder="DC1/vm/Payroll", note="App: CRM"))
    assert members(grouped) == {"Billing": ([1], [])}
    assert grouped.proposals == {}


def test_evidence_that_is_even_for_two_applications_proposes_none():
    def evidence(folder):
        return group(
            *[machine(n, f"x-bil-{n}", stated=["Billing"]) for n in (1, 2)],
            *[machine(n, f"x-pay-{n}", stated=["Payroll"]) for n in (3, 4)],
            machine(5, "x-bil-9", folder=folder, note="App: Payroll" if folder else None),
        )

    assert 5 in members(evidence(None))["Billing"][1]
    assert 5 in members(evidence("DC1/vm/Payroll"))["Payroll"][1]


def test_a_note_that_begins_with_a_known_application_names_it():
    grouped = group(machine(1, "a", stated=["Rate Engine"]), machine(2, "b", note="Rate Engine db server (prod)"))
    assert members(grouped) == {"Rate Engine": ([1, 2], [2])}
    assert members(group(machine(1, "a", stated=["Rate"]), machine(2, "b", note="Rather slow"))) == {"Rate": ([1], [])}


def test_a_note_ends_where_the_next_label_begins():
    assert list(members(group(machine(1, "a", note="Application: Claims Owner: someone")))) == ["Claims"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("DC1/vm/Billing Core", "Billing Core"),
        ("DC1/vm/Apps/Billing/PROD", "Billing"),
        ("DC1/vm/Linux", None),
        ("DC1/vm/Discovered virtual machine", None),
        ("DC1/vm/Templates", None),
        ("DC1/vm/NonProd", None),
        ("DC1/vm/Windows Servers", None),
        ("DC1/vm", None),
        ("DC1", None),
        ("DC1/vm/2024", None),
        ("/Payroll/", "Payroll"),
    ],
)
def test_a_folder_is_an_application_unless_it_is_a_drawer(path, expected):
    assert application_folder(path, places=frozenset({"vm", "dc1"})) == expected


def test_a_folder_whose_servers_carry_many_codes_is_a_drawer():
    known = [machine(n, f"x-c{n // 2}-web-{n}", stated=[f"App {'ABCDEFG'[n // 2]}"]) for n in range(2, 12)]
    mixed = [machine(20 + n, f"x-c{n}-db-1", folder="DC1/vm/Team Blue") for n in range(1, 6)]
    grouped = group(*known, *mixed)
    assert "Team Blue" not in members(grouped)
    assert all(i.int < 20 or i.int >= 20 for a in grouped.applications for i in a.asset_ids)
    assert sum(len(p) for _, p in members(grouped).values()) == 5


def test_without_any_known_application_codes_before_roles_are_proposed_with_little_confidence():
    grouped = group(
        *[machine(n, name) for n, name in enumerate(["sap-web-1", "sap-db-1", "crm-web-1", "crm-db-1", "x"])]
    )
    assert members(grouped) == {"SAP": ([0, 1], [0, 1]), "CRM": ([2, 3], [2, 3])}
    assert {f.confidence for facts in grouped.proposals.values() for f in facts} == {0.4}
    assert {a.membership for a in grouped.applications} == {Membership.PROPOSED}


def row(name, **more):
    return ApplicationRow(name=name, source=Source("apps.csv", "csv", 2, "name"), **more)


def test_a_list_of_applications_gives_criticality_owner_and_code():
    grouped = group(
        *[machine(n, f"x-bil-{n}") for n in range(1, 5)],
        machine(5, "y", owner="from server", criticality=Criticality.LOW),
        rows=[row("Billing", criticality=Criticality.HIGH, business_owner="t@x",
                  attributes={"short_description": "Application code BIL"})],
    )  # fmt: skip
    (application,) = grouped.applications
    assert (application.criticality, application.business_owner) == (Criticality.HIGH, "t@x")
    assert [i.int for i in application.proposed_asset_ids] == [1, 2, 3, 4]
    assert application.membership is Membership.STATED
    assert "listed in apps.csv, row 2" in application.evidence


def test_what_the_list_leaves_open_comes_from_the_servers():
    grouped = group(
        machine(1, "a", stated=["Billing"], owner="b@x", criticality=Criticality.LOW, environment=Environment.TEST),
        machine(2, "b", stated=["Billing"], owner="a@x", environment=Environment.TEST),
        rows=[row("billing")],
    )
    (application,) = grouped.applications
    assert (application.business_owner, application.criticality) == ("a@x", Criticality.LOW)
    assert application.environment is Environment.TEST


def test_an_application_with_a_productive_part_is_productive_and_a_mixed_one_is_open():
    def environment(*environments):
        machines = [machine(n, "a", stated=["Billing"], environment=e) for n, e in enumerate(environments)]
        return group(*machines).applications[0].environment

    assert environment(Environment.TEST, Environment.PRODUCTION) is Environment.PRODUCTION
    assert environment(Environment.TEST, Environment.DEVELOPMENT) is None
    assert environment(None) is None


def test_ids_come_from_the_namespace_and_the_key():
    one, other = group(machine(1, "a", stated=["BILLING"])), group(machine(2, "b", stated=["billing"]))
    assert one.applications[0].id == other.applications[0].id


@pytest.mark.parametrize(
    ("name", "servers", "expected"),
    [
        ("Active Directory", [], True),
        ("Veeam", ["a"], True),
        ("Security-Scanning", [], True),
        ("Core", ["nf-x-dc-01", "nf-x-dc-02", "nf-x-web-01"], True),
        ("Billing Core", ["nf-bil-web-p01"], False),
        ("Message Hub", ["nf-msg-mq-p01"], False),
    ],
)
def test_a_shared_service_is_recognised_by_words_or_by_the_roles_of_its_servers(name, servers, expected):
    assert bool(service_evidence(name, servers)) is expected
