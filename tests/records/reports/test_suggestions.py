from dataclasses import replace
from decimal import Decimal

from masterflow.inventory.types import Criticality, Membership
from masterflow.records.reports.figures import servers_of
from masterflow.records.reports.suggestions import suggest_next_files
from tests.records.reports.sample import make_estate

ESTATE = make_estate(20, 5)


def test_an_rvtools_export_alone_asks_for_applications_first() -> None:
    suggestions = suggest_next_files(make_estate(9, 0).assets)
    assert [suggestion.text.split(":")[0] for suggestion in suggestions] == [
        "A list of applications and their servers",
        "Connections between servers",
        "Business context",
        "Utilisation over at least a month",
    ]
    assert "9\u00a0servers without an application" in suggestions[0].unlocks
    assert "servers without owner or criticality" in suggestions[2].unlocks


def test_nothing_is_asked_for_when_nothing_is_missing() -> None:
    assets = [
        replace(asset, cpu_p95_pct=Decimal(3), operating_system="Debian 12") for asset in servers_of(ESTATE.assets)
    ]
    applications = [
        replace(application, membership=Membership.STATED, criticality=Criticality.LOW, business_owner="a@example.com")
        for application in ESTATE.applications
    ]
    assert suggest_next_files(assets, applications, dependencies=ESTATE.dependencies) == ()


def test_each_gap_is_counted() -> None:
    assets = [replace(asset, operating_system=None) for asset in servers_of(ESTATE.assets)]
    applications = [replace(application, membership=Membership.PROPOSED) for application in ESTATE.applications]
    suggestions = suggest_next_files(assets, applications, dependencies=ESTATE.dependencies)
    said = " ".join(suggestion.unlocks for suggestion in suggestions).replace("\u00a0", " ")
    assert "(5 applications only inferred from names)" in said
    assert "end-of-support dates for 20 servers" in said
    assert "15 servers not observed" in said


def test_without_servers_an_inventory_is_asked_for() -> None:
    (only,) = suggest_next_files([])
    assert "inventory of servers" in only.text
