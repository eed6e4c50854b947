from datetime import UTC, datetime, timedelta

import pytest

from masterflow.analysis.dependencies.relations import RelationRow, relations_of
from masterflow.analysis.estate import dependencies
from masterflow.analysis.estate.build import build_estate
from masterflow.analysis.estate.dependencies import resolve_dependencies
from masterflow.analysis.estate.flows import FlowRow
from masterflow.errors import Place
from masterflow.inventory.types import DependencyKind
from tests.analysis.estate.sheets import mapped
from tests.analysis.estate.truth import NAMESPACE

START, END = datetime(2026, 10, 19, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)
HEAD = ["Name", "IP", "App", "Status"]
FIELDS = {"Name": "hostname", "IP": "ip_address", "App": "application_name", "Status": "operational_status"}


def estate(*rows):
    return build_estate([mapped(HEAD, [[*r, None][:4] for r in rows], FIELDS)], namespace=NAMESPACE)


ESTATE = estate(
    ("web1.x.example", "10.1.1.1", "Shop"),
    ("db1", "10.1.1.2", "Shop"),
    ("pay1", "10.1.1.3", "Payroll"),
    ("lone1", "10.1.1.4", None),
    ("dc1", "10.1.1.5", "Active Directory"),
)
NAMES = {a.id: a.name for a in ESTATE.applications} | {a.id: a.name for a in ESTATE.assets}


def flow(source="10.1.1.1", target="10.1.1.3", port=443, connections=5000, *, first=START, last=END, **more):
    return FlowRow(
        place=Place("flows.csv", "csv", 2),
        source=source,
        target=target,
        port=port,
        protocol="tcp",
        connections=connections,
        bytes_total=1000,
        first_seen=first,
        last_seen=last,
        **more,
    )


def found(*rows, within=ESTATE):
    return resolve_dependencies(rows, within)


def reasons(*rows, within=ESTATE):
    result = found(*rows, within=within)
    return {s.reason: s.rows for s in result.set_aside}


def edges(*rows, within=ESTATE):
    return {(NAMES.get(d.source_id), NAMES.get(d.target_id)): d for d in found(*rows, within=within).dependencies}


def test_rows_between_two_applications_add_up_to_one_dependency_with_its_evidence():
    dependency = edges(flow(), flow(source="10.1.1.2", port=8443, connections=3000))["Shop", "Payroll"]
    assert (dependency.connections, dependency.bytes_total, dependency.port) == (8000, 2000, 443)
    assert (dependency.first_seen, dependency.last_seen, dependency.protocol) == (START, END, "tcp")
    assert dependency.evidence == ("flows.csv: 2 rows", "ports 443, 8443", "2 pairs of machines")


@pytest.mark.parametrize(
    ("port", "connections", "kind"),
    [
        (443, 2000, DependencyKind.HARD),
        (1433, 50_000, DependencyKind.HARD),
        (443, 600, DependencyKind.HARD),
        (443, 20, DependencyKind.SOFT),
        (7777, 9000, DependencyKind.HARD),
        (445, 300, DependencyKind.SOFT),
        (445, 9000, DependencyKind.SOFT),
        (5672, 300, DependencyKind.SOFT),
        (None, 9000, DependencyKind.SOFT),
        (443, None, DependencyKind.HARD),
        (22, None, DependencyKind.SOFT),
    ],
)
def test_requests_and_databases_bind_hard_and_transfers_and_rare_talk_softly(port, connections, kind):
    assert edges(flow(port=port, connections=connections))["Shop", "Payroll"].kind is kind


def test_what_is_seen_more_often_is_surer():
    confidences = [edges(flow(connections=count))["Shop", "Payroll"].confidence for count in (None, 20, 600, 50_000)]
    assert confidences == sorted(set(confidences))
    assert 0.3 < confidences[0] < confidences[-1] < 1


def test_a_week_of_observation_needs_a_fifth_of_the_connections():
    week = {"first": START, "last": START + timedelta(days=7)}
    assert edges(flow(connections=110, **week))["Shop", "Payroll"].kind is DependencyKind.HARD
    assert edges(flow(connections=110))["Shop", "Payroll"].kind is DependencyKind.SOFT
    assert edges(flow(connections=450, first=None, last=None))["Shop", "Payroll"].kind is DependencyKind.SOFT


def test_one_hard_pair_of_machines_makes_the_dependency_hard():
    rows = [flow(port=445, connections=10), flow(source="10.1.1.2", port=1433, connections=9000)]
    assert edges(*rows)["Shop", "Payroll"].kind is DependencyKind.HARD


def test_a_machine_without_an_application_stands_for_itself():
    assert set(edges(flow(target="10.1.1.4"))) == {("Shop", "lone1")}


def test_membership_that_is_only_proposed_lowers_the_confidence():
    rows = [("a-bil-web-1", "10.1.1.1", "Shop"), ("a-bil-web-2", "10.1.1.2", "Shop"), ("a-pay-db-1", "10.1.1.3", "Pay"),
            ("a-pay-db-2", "10.1.1.4", "Pay"), ("a-pay-db-3", "10.1.1.5", None)]  # fmt: skip
    (dependency,) = found(flow(target="10.1.1.5"), within=estate(*rows)).dependencies
    (stated,) = found(flow(), within=ESTATE).dependencies
    assert dependency.confidence == round(0.8 * stated.confidence, 2)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (flow(target="10.1.1.255"), "broadcast"),
        (flow(target="224.0.0.251"), "broadcast"),
        (flow(port=53), "housekeeping"),
        (flow(port=55228, connections=3), "dynamic_port"),
        (flow(source="10.200.1.9"), "client"),
        (flow(source="10.1.77.20"), "unresolved"),
        (flow(target="8.8.8.8"), "external"),
        (flow(target="unheard-of"), "unresolved"),
        (flow(target="10.1.1.2"), "inside_application"),
        (flow(target="10.1.1.1"), "same_machine"),
        (flow(target="10.1.1.5"), "shared_service"),
    ],
)
def test_what_binds_no_applications_is_set_aside_with_its_reason(row, reason):
    result = found(row)
    assert [(s.reason, s.rows, s.connections) for s in result.set_aside] == [(reason, 1, row.connections)]
    assert result.set_aside[0].example == row
    assert result.set_aside[0].message
    assert result.dependencies == ()


def test_names_and_addresses_that_nobody_knows_are_listed():
    rows = [flow(source="10.1.77.20"), flow(target="unheard-of"), flow(source="10.200.1.9")]
    assert found(*rows).unresolved == ("10.1.77.20", "unheard-of")


def test_ends_are_found_by_short_name_full_name_and_application():
    assert set(edges(flow(source="WEB1", target="pay1"))) == {("Shop", "Payroll")}
    assert set(edges(flow(source="web1.x.example", target="payroll"))) == {("Shop", "Payroll")}
    by_host = flow(source=None, target=None, source_hostname="web1", target_hostname="pay1")
    assert set(edges(by_host)) == {("Shop", "Payroll")}
    stated = flow(source=None, target=None, source_application="SHOP", target_application="Payroll (PROD)")
    assert set(edges(stated)) == {("Shop", "Payroll")}
    overruled = flow(source="10.1.1.4", source_application="Shop")
    assert set(edges(overruled)) == {("Shop", "Payroll")}


def test_a_name_or_address_of_several_machines_is_ambiguous():
    twins = estate(("a", "10.1.1.1", "One"), ("b", "10.1.1.1", "Two"), ("c", "10.1.1.3", "Three"))
    assert reasons(flow(), within=twins) == {"ambiguous_end": 1}
    homonyms = estate(
        ("a.x.example", "10.1.1.8", "One"), ("a.y.example", "10.1.1.9", "Two"), ("c", "10.1.1.3", "Three")
    )
    assert reasons(flow(source="a"), within=homonyms) == {"ambiguous_end": 1}


def test_an_address_that_a_retired_machine_also_had_belongs_to_the_living_one():
    rows = [
        ("old", "10.1.1.1", "Old", "Retired"),
        ("new", "10.1.1.1", "New", "Operational"),
        ("c", "10.1.1.3", "Three"),
    ]
    within = estate(*rows)
    names = {a.id: a.name for a in within.applications}
    (dependency,) = found(flow(), within=within).dependencies
    assert (names[dependency.source_id], names[dependency.target_id]) == ("New", "Three")


def test_talk_from_before_an_address_changed_hands_is_set_aside():
    change = datetime(2026, 10, 30, tzinfo=UTC)
    before = flow(target="10.1.1.4", port=1433, last=change)
    after = [flow(port=p, first=change + timedelta(days=1)) for p in (443, 8443)]
    rows = [before, *after, flow(source="10.1.1.2", target="10.1.1.4")]
    assert reasons(*rows)["address_handover"] == 1
    assert ("Shop", "lone1") in edges(*rows)
    # the same peers before and after the silence are one machine that was switched off for a while
    same = [flow(last=change), *after]
    assert "address_handover" not in reasons(*same)
    # a first talk at the edge of the window proves no change
    early = [flow(target="10.1.1.4", last=START + timedelta(hours=2)), flow(first=START + timedelta(hours=20))]
    assert "address_handover" not in reasons(*early, flow(source="10.1.1.2"))


def crowd(count=30):
    rows = [(f"s{n}", f"10.2.{n}.1", f"App {n}") for n in range(count)]
    return estate(("hub", "10.2.200.1", "Hub Owner"), *rows), [f"10.2.{n}.1" for n in range(count)]


def test_a_scanner_is_known_by_asking_many_machines_on_many_ports():
    within, addresses = crowd()
    scan = [flow(source="10.2.200.1", target=a, port=p, connections=2) for a in addresses for p in range(1000, 1012)]
    assert reasons(*scan, within=within) == {"scan": len(scan)}
    busy = [flow(source="10.2.200.1", target=a, port=p, connections=900) for a in addresses for p in range(1000, 1012)]
    assert reasons(*busy, within=within) == {}


@pytest.mark.parametrize("outward", [True, False])
def test_a_hub_on_a_service_port_is_set_aside_and_listed_whoever_asks(outward):
    within, addresses = crowd()
    ends = [("10.2.200.1", a) if outward else (a, "10.2.200.1") for a in addresses]
    result = resolve_dependencies([flow(s, t, port=13724) for s, t in ends], within)
    assert [(h.name, h.ports, h.peers) for h in result.hubs] == [("hub", (13724,), 30)]
    assert {s.reason for s in result.set_aside} == {"shared_service"}


def test_a_database_that_many_use_is_no_shared_service():
    within, addresses = crowd()
    result = resolve_dependencies([flow(a, "10.2.200.1", port=1433) for a in addresses], within)
    assert len(result.dependencies) == 30
    assert result.hubs == ()


def test_rows_in_another_order_give_the_same_dependencies():
    rows = [flow(), flow(source="10.1.1.3", target="10.1.1.2"), flow(target="10.1.1.4"), flow(port=53)]
    assert found(*rows).dependencies == found(*reversed(rows)).dependencies


def stated(parent, child, kind="Depends on::Used by"):
    return relations_of([RelationRow(Place("rel.csv", "csv", 9), parent, kind, child)]).rows[0]


def test_a_stated_relation_is_a_dependency_of_applications_or_machines():
    assert set(edges(stated("SHOP", "Payroll (PROD)"))) == {("Shop", "Payroll")}
    assert set(edges(stated("pay1", "web1", "Used by::Depends on"))) == {("Shop", "Payroll")}
    dependency = edges(stated("Shop", "Payroll"))["Shop", "Payroll"]
    assert (dependency.kind, dependency.connections, dependency.port) == (DependencyKind.SOFT, None, None)
    assert "stated in rel.csv, sheet csv, row 9" in dependency.evidence
    assert "no traffic seen; what was watched does not show whether it is still used" in dependency.evidence


def test_a_name_of_several_machines_may_still_be_that_of_an_application():
    twins = estate(("a.x.example", "10.1.1.8", "A"), ("a.y.example", "10.1.1.9", "Two"), ("c", "10.1.1.3", "Three"))
    names = {a.id: a.name for a in twins.applications}
    (dependency,) = found(stated("c", "A"), within=twins).dependencies
    assert (names[dependency.source_id], names[dependency.target_id]) == ("Three", "A")


def test_a_statement_beside_traffic_makes_surer_and_leaves_the_kind():
    alone, both = edges(flow())["Shop", "Payroll"], edges(flow(), stated("Shop", "Payroll"))["Shop", "Payroll"]
    assert both.confidence > alone.confidence
    assert (both.kind, both.port, both.connections) == (alone.kind, alone.port, alone.connections)
    assert "1 pairs of machines" in both.evidence


WATCHED = [
    flow(source="10.1.1.4", target="10.1.1.1", port=8443),
    flow(source="10.1.1.2", target="10.1.1.4", port=8443),
    flow(source="10.1.1.3", target="10.1.1.4", port=8443),
    flow(source="10.1.1.3", target="10.1.1.5", port=53),
    flow(source="10.1.1.1", target="10.1.1.5", port=53),
]


def test_a_statement_that_watched_traffic_does_not_show_is_stale_and_no_dependency():
    result = found(*WATCHED, stated("Shop", "Payroll"))
    assert ("Shop", "Payroll") not in {(NAMES[d.source_id], NAMES[d.target_id]) for d in result.dependencies}
    (stale,) = result.stale
    assert (NAMES[stale.source_id], NAMES[stale.target_id], stale.confidence) == ("Shop", "Payroll", 0.15)
    assert stale.evidence[-1] == "stale: no traffic between the two, though that of both was watched"


def test_a_statement_about_what_nobody_watched_is_not_stale():
    short = [flow(source="10.1.1.4", target=t, last=START + timedelta(days=2)) for t in ("10.1.1.1", "10.1.1.3")]
    assert found(*short, stated("Shop", "Payroll")).stale == ()
    assert found(*WATCHED[:2], stated("Shop", "Payroll")).stale == ()
    listed_only = estate(("web1", "10.1.1.1", "Shop"), ("pay1", "10.1.1.3", "Payroll"), (None, None, "Empty"))
    assert found(stated("Shop", "Payroll"), within=listed_only).stale == ()


def test_circles_follow_hard_dependencies_alone():
    back = flow(source="10.1.1.3", target="10.1.1.2")
    (circle,) = found(flow(), back).circles
    assert {NAMES[end] for end in circle} == {"Shop", "Payroll"}
    soft = flow(source="10.1.1.3", target="10.1.1.2", port=445)
    assert found(flow(), soft).circles == ()


def test_a_server_without_an_application_is_proposed_for_whom_it_talks_to():
    rows = [
        flow("10.1.1.4", "10.1.1.1", port=8443),
        flow("10.1.1.4", "10.1.1.2", port=5432),
        flow("10.1.1.1", "10.1.1.2"),
    ]
    (proposal,) = found(*rows).proposals
    (lonely,) = [a for a in ESTATE.assets if a.name == "lone1"]
    assert (proposal.application, proposal.members) == ("Shop", (str(lonely.id),))
    assert "it talks to web1" in " ".join(proposal.reasons)


def test_hubs_and_noise_propose_nothing():
    rows = [flow("10.1.1.4", "10.1.1.5", port=53), flow("10.1.1.4", "10.1.1.5", port=8530)]
    assert found(*rows).proposals == ()


def test_each_distinct_end_is_looked_up_once(monkeypatch):
    looked_up = []
    found_behind = dependencies._AddressBook._found

    def counted(book, address, host, stated):
        looked_up.append((address, host, stated))
        return found_behind(book, address, host, stated)

    monkeypatch.setattr(dependencies._AddressBook, "_found", counted)
    found(*(flow(port=port) for port in (443, 8443, 1433)), flow(source="10.1.1.3", target="10.9.9.9"))
    assert sorted(looked_up) == [("10.1.1.1", None, None), ("10.1.1.3", None, None), ("10.9.9.9", None, None)]


def test_each_row_is_judged_for_noise_once(monkeypatch):
    judged = []
    reason = dependencies.Noise.reason

    def counted(noise, row):
        judged.append(row)
        return reason(noise, row)

    monkeypatch.setattr(dependencies.Noise, "reason", counted)
    rows = [flow(), flow(source="10.1.1.4"), flow(source="10.9.9.9")]
    found(*rows)
    assert judged == rows


@pytest.mark.parametrize("known", [("cloud1", None, "Loyalty"), ("old1", "10.1.9.9", "Loyalty", "Retired")])
def test_machines_without_an_address_or_without_life_leave_an_address_to_their_application(known):
    within = estate(("web1", "10.1.1.1", "Shop"), ("pay1", "10.1.1.3", "Payroll"), ("hr1", "10.1.1.4", "People"), known)
    named = {a.id: a.name for a in within.applications}
    needs = [
        FlowRow(
            Place("rel.csv"), None, None, source_application=name, target_application="Loyalty", oriented=True,
            origin="relation",
        )
        for name in ("Shop", "Payroll")
    ]  # fmt: skip
    seen = [flow("10.1.1.1", "10.1.7.7"), flow("10.1.1.3", "10.1.7.7"), flow("10.1.1.4", "10.1.7.7")]
    result = resolve_dependencies([*needs, *seen], within)
    pairs = {(named[d.source_id], named[d.target_id]): d.kind for d in result.dependencies}
    assert pairs[("People", "Loyalty")] is DependencyKind.HARD


LISTED = build_estate(
    [
        mapped(HEAD, [["web1", "10.1.1.1", "Shop", None], ["pay1", "10.1.1.3", "Payroll", None]], FIELDS),
        mapped(["Application"], [["Partner CRM"]], {"Application": "application_name"}, file="apps.csv"),
    ],
    namespace=NAMESPACE,
)


def test_a_public_address_that_is_taken_for_an_application_is_used_for_it():
    stated = relations_of(
        RelationRow(Place("rel.csv", "csv", 2), name, "Depends on::Used by", "Partner CRM")
        for name in ("Shop", "Payroll")
    ).rows
    seen = [flow(source=source, target="52.1.2.3") for source in ("10.1.1.1", "10.1.1.3")]
    result = found(*stated, *seen, within=LISTED)
    assert [one.address for one in result.placed] == ["52.1.2.3"]
    assert [s.reason for s in result.set_aside] == []
    assert [d.connections for d in result.dependencies] == [5000, 5000]


def test_an_address_that_ends_in_255_is_a_machine_where_an_inventory_or_the_traffic_says_so():
    large = estate(("web1", "10.1.1.1", "Shop"), ("pay1", "10.1.15.255", "Payroll"))
    assert reasons(flow(target="10.1.15.255"), within=large) == {}
    assert reasons(flow(target="10.1.14.255"), within=large) == {"broadcast": 1}
    assert reasons(flow(target="10.1.14.255"), flow(source="10.1.14.255"), within=large) == {"unresolved": 2}
    assert reasons(flow(target="255.255.255.255"), flow(source="255.255.255.255"), within=large) == {"broadcast": 2}


def test_a_name_of_another_domain_is_another_machine():
    assert reasons(flow(source="web1.partner.example")) == {"unresolved": 1}
    assert reasons(flow(source="web1.x.example")) == {}
    assert reasons(flow(source="pay1.partner.example", target="10.1.1.1")) == {}
