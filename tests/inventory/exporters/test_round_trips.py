"""What leaves by an exporter comes back by our own importers as it was."""

import string
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masterflow.analysis.estate.build import Estate
from masterflow.inventory.exporting import Exported
from masterflow.inventory.types import SERVER_TYPES, Asset, AssetId, AssetType, Environment
from tests.inventory.exporters.journeys import SPACE, applications_of, carried, files_of, imported, written
from tests.inventory.exporters.journeys import mapped as mapped_sheets

DATA = Path(__file__).parents[2] / "data" / "estate"
SYSTEMS = ("Microsoft Windows Server 2019", "Red Hat Enterprise Linux 9", "Ubuntu Linux (64-bit)", "SUSE Linux 15")
APPLICATIONS = ("Billing", "Payroll", "Web Shop", "Überweisung")
GENERIC = (
    "name", "vm_name", "fqdn", "ip_addresses", "mac_addresses", "operating_system", "cpu_cores", "memory_mib",
    "disk_capacity_mib", "storage_provisioned_mib", "storage_used_mib", "disk_count", "power_state", "environment",
)  # fmt: skip
CARRIED = {
    "csv": GENERIC,
    "xlsx": GENERIC,
    "azure_migrate": (
        "name", "ip_addresses", "operating_system", "cpu_cores", "memory_mib", "storage_used_mib", "disk_count",
    ),
    "google_migration_center": (
        "name", "ip_addresses", "operating_system", "cpu_cores", "memory_mib", "disk_capacity_mib", "storage_used_mib",
    ),
    "aws_cmf": ("name", "fqdn", "environment"),
}  # fmt: skip
WITH_APPLICATIONS = ("csv", "xlsx", "aws_cmf")

names = st.text(string.ascii_lowercase, min_size=1, max_size=8).map("srv-{}".format)  # "none" is no name
memories = st.integers(256, 2**23)  # up to 8 TiB: beyond, the unit in a header is doubted
sizes = st.integers(1024, 2**28)


@st.composite
def servers(draw: st.DrawFn) -> list[Exported]:
    """Servers of different names, with everything that some format carries."""
    found = []
    for number, name in enumerate(draw(st.lists(names, min_size=1, max_size=5, unique=True))):
        asset = Asset(
            id=AssetId(SPACE),
            name=name,
            asset_type=AssetType.VIRTUAL_MACHINE,
            vm_name=name,
            hostname=name,
            fqdn=f"{name}.northwind.example",
            ip_addresses=tuple(f"10.{number}.0.{last}" for last in range(1, draw(st.integers(2, 4)))),
            mac_addresses=(f"00:50:56:00:00:{number:02x}",),
            operating_system=draw(st.sampled_from(SYSTEMS)),
            cpu_cores=draw(st.integers(1, 512)),
            memory_mib=draw(memories),
            disk_capacity_mib=draw(sizes),
            storage_provisioned_mib=draw(sizes),
            storage_used_mib=draw(sizes),
            disk_count=draw(st.integers(1, 20)),
            power_state=draw(st.sampled_from(["poweredOn", "poweredOff"])),
            environment=draw(st.sampled_from(list(Environment))),
            virtual=True,
        )
        found.append(Exported(asset, (draw(st.sampled_from(APPLICATIONS)),)))
    return found


def journey(name: str, sent: list[Exported]) -> Estate:
    """Export the servers and import what came out; the tables of machines only."""
    content, left_out = written(name, sent)
    assert left_out == []
    with tempfile.TemporaryDirectory() as folder:
        paths = files_of(name, content, Path(folder))
        return imported([path for path in paths if path.name not in {"diskInfo.csv", "tagInfo.csv"}])


@pytest.mark.parametrize("name", CARRIED)
@given(sent=servers())
@settings(max_examples=10, deadline=None)
def test_servers_sizes_systems_and_applications_come_back(name: str, sent: list[Exported]) -> None:
    back = journey(name, sent)
    assert back.rejects == ()
    fields = CARRIED[name]
    expected = sorted((carried(one.asset, *fields) for one in sent), key=lambda values: str(values["name"]))
    assert sorted((carried(a, *fields) for a in back.assets), key=lambda values: str(values["name"])) == expected
    if name in WITH_APPLICATIONS:
        assert {(app, server) for app, members in applications_of(back).items() for server in members} == {
            (one.applications[0], one.asset.name) for one in sent
        }


@pytest.mark.parametrize("name", CARRIED)
def test_a_real_estate_comes_back_with_the_same_sums(name: str) -> None:
    estate = imported([DATA / "rvtools_estate.xlsx"])
    owned: dict[AssetId, tuple[str, ...]] = {}
    for one in estate.applications:
        for asset_id in one.asset_ids:
            owned[asset_id] = (one.name,)
    sent = [Exported(a, owned.get(a.id, ())) for a in estate.assets if a.asset_type in SERVER_TYPES]
    content, left_out = written(name, sent)
    unwritable = [one.name for one in left_out]
    kept = [one for one in sent if one.asset.name not in unwritable or unwritable.remove(one.asset.name)]
    with tempfile.TemporaryDirectory() as folder:
        back = imported(files_of(name, content, Path(folder))[:1])
    assert len(kept) > 100
    assert sorted(asset.name for asset in back.assets) == sorted(one.asset.name for one in kept)
    for field in ("cpu_cores", "memory_mib", "disk_capacity_mib", "storage_used_mib"):
        if field in CARRIED[name]:
            total = sum(getattr(one.asset, field) or 0 for one in kept)
            assert sum(getattr(asset, field) or 0 for asset in back.assets) == total


def test_tags_and_disks_of_google_name_their_machine() -> None:
    asset = Asset(
        id=AssetId(SPACE),
        name="web",
        asset_type=AssetType.SERVER,
        cpu_cores=2,
        memory_mib=1536,
        disk_count=1,
        disk_capacity_mib=10_241,
        storage_used_mib=512,
        environment=Environment.TEST,
    )
    content, _ = written("google_migration_center", [Exported(asset, ("Billing", "Ledger"))])
    with tempfile.TemporaryDirectory() as folder:
        found = {
            sheet.sheet.name: [row.cells for row in sheet.sheet.rows]
            for path in files_of("google_migration_center", content, Path(folder))
            for sheet in mapped_sheets(path)
        }
    machine = str(SPACE)
    assert found["vmInfo"][0][:2] == (machine, "web")
    assert [cells[:4] for cells in found["diskInfo"]] == [(machine, "disk 1", "10.0009765625", "0.5")]
    assert found["tagInfo"] == [
        (machine, "application", "Billing"),
        (machine, "application", "Ledger"),
        (machine, "environment", "test"),
    ]
