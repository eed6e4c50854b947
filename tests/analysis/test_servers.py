"""The rules' view of an inventory asset."""

from decimal import Decimal
from uuid import uuid4

import pytest

from masterflow.analysis.servers import ServerFacts, operating_system_of, server_facts, total_disk_mib
from masterflow.inventory.types import Asset, AssetId, AssetType, Criticality


def asset(**known: object) -> Asset:
    return Asset(
        **{"id": AssetId(uuid4()), "name": "app01", "asset_type": AssetType.VIRTUAL_MACHINE, **known}  # type: ignore[arg-type]
    )


def test_an_asset_becomes_server_facts() -> None:
    facts = server_facts(
        asset(
            operating_system="Red Hat Enterprise Linux 8 (64-bit)",
            fqdn="app01.example",
            disk_capacity_mib=2 * 1024 * 1024,
            storage_provisioned_mib=5,
            technical_owner="team",
            criticality=Criticality.HIGH,
            cpu_p95_pct=Decimal("1.5"),
            cpu_max_pct=Decimal(30),
            power_state="poweredOff",
            concerns=("snapshot",),
        )
    )
    assert (facts.os.cycle, facts.hostname, facts.disk_tib, facts.owner) == ("8", "app01.example", 2.0, "team")
    assert (facts.cpu_p95_pct, facts.cpu_max_pct, facts.powered_off, facts.virtual) == (1.5, 30.0, True, True)
    assert (facts.concerns, facts.runs_database) == (frozenset({"snapshot"}), None)


def test_what_an_asset_does_not_say_stays_unknown() -> None:
    facts = server_facts(asset(asset_type=AssetType.SERVER, storage_provisioned_mib=1024))
    assert (facts.os.product, facts.virtual, facts.cpu_p95_pct, facts.cpu_max_pct) == (None, None, None, None)
    assert (facts.disk_mib, facts.powered_off) == (1024, False)
    assert ServerFacts(name="x").disk_tib is None


def test_a_database_asset_runs_a_database() -> None:
    assert server_facts(asset(asset_type=AssetType.DATABASE, virtual=False)).runs_database is True


@pytest.mark.parametrize(
    ("known", "cycle"),
    [
        ({"operating_system": "Ubuntu Linux (64-bit)", "os_version": "22.04"}, "22.04"),
        ({"operating_system": "Red Hat Enterprise Linux 9 (64-bit)", "os_version": "8.4"}, "9"),
        ({"operating_system": None, "os_version": "Debian 11"}, "11"),
        (
            {"operating_system": "Ubuntu Linux (64-bit)", "attributes": {"detail": "prettyName='Ubuntu 20.04.6 LTS'"}},
            "20.04",
        ),
        ({"operating_system": "Ubuntu Linux (64-bit)", "attributes": {"note": "App: Shop"}}, None),
    ],
)
def test_version_and_guest_details_complete_the_operating_system(known: dict[str, object], cycle: str | None) -> None:
    assert operating_system_of(asset(**known)).cycle == cycle


def test_disks_add_up_as_far_as_they_are_known() -> None:
    assert total_disk_mib([ServerFacts(name="a", disk_mib=3), ServerFacts(name="b")]) == 3
    assert total_disk_mib([ServerFacts(name="b")]) is None
