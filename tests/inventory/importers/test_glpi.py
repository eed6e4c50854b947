"""Inventories by GLPI and FusionInventory agents."""

import json
from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.inventory.importers.catalog import open_file
from masterflow.inventory.importers.glpi import IMPORTER
from tests.inventory.machine_files import (
    MACHINES,
    estate_of,
    fields,
    read_json,
    rows,
    sheets_that_name_machines,
)
from tests.inventory.makers import DATA, text_file, text_head

COMPUTER = MACHINES / "glpi_computer_small.json"
DATABASES = DATA / "glpi_dbs_partial.json"
GUESTS = MACHINES / "glpi_vms_partial.json"


def inventory(**content: object) -> dict[str, object]:
    return {"deviceid": "web01-2024", "action": "inventory", "content": {"hardware": {"name": "web01"}, **content}}


def test_a_computer_is_one_server_with_what_is_inside_it() -> None:
    (asset,) = estate_of(COMPUTER).assets
    assert (asset.hostname, asset.operating_system) == ("glpixps", "Fedora 31 (Workstation Edition)")
    assert (asset.cpu_cores, asset.memory_mib, asset.disk_count, asset.virtual) == (4, 7800, 1, False)
    assert asset.disk_capacity_mib == 256060
    assert asset.ip_addresses == ("192.168.1.142", "192.168.1.118"), "bridges and loopback are not the machine's"
    assert asset.mac_addresses == ("00:e0:4c:68:01:db", "44:85:00:2b:90:bc")
    assert "4c4c4544-0034-3010-8048-b6c04f503732" in {identity.value for identity in asset.identities}


@pytest.mark.parametrize("path", [COMPUTER, DATABASES, GUESTS], ids=lambda path: path.stem)
def test_only_the_computer_makes_a_machine(path: Path) -> None:
    assert sheets_that_name_machines(path) == {"computer"}


def test_software_is_kept_with_its_machine() -> None:
    found = rows(open_file(COMPUTER), "software")
    assert len(found) == 6
    assert found[0]["hardware.name"] == "glpixps"
    assert (found[0]["name"], found[0]["version"]) == ("gitg", "3.32.1-1.fc31")
    assert fields(COMPUTER, "software") == {}


def test_databases_stand_with_their_service() -> None:
    read = open_file(DATABASES)
    assert [row["name"] for row in rows(read, "databases_services")] == ["MariaDB", "PostgreSQL 13"]
    assert [(row["name"], row["service.type"], row["size"]) for row in rows(read, "databases")] == [
        ("glpi", "mysql", 52000),
        ("dotclear", "mysql", 32000),
        ("galette", "postgres", 2048000),
    ]
    assert fields(DATABASES, "databases_services") == {"name": "database_instance", "version": "database_version"}
    assert read.traits["partial"]


def test_virtual_machines_and_containers_on_a_host_are_listed() -> None:
    assert [row["vmtype"] for row in rows(open_file(GUESTS), "virtual_machines")] == ["docker"] * 5 + ["virtualbox"]


def test_partial_inventories_of_one_machine_are_one_machine() -> None:
    (asset,) = estate_of(DATABASES, GUESTS).assets
    assert (asset.hostname, asset.serial_number, asset.memory_mib) == ("comp1", "2FAGP34", 7830)


def test_switches_and_printers_are_no_servers(tmp_path: Path) -> None:
    device = {
        "name": "sw01",
        "ips": ["10.0.0.2"],
        "mac": "b0:5a:da:10:10:80",
        "serial": "CN5BFP62CP",
        "type": "Networking",
    }
    value = {"content": {"network_device": device, "versionclient": "2.5"}, "itemtype": "NetworkEquipment"}
    (asset,) = estate_of(text_file(tmp_path, json.dumps(value), name="switch.json")).assets
    assert (str(asset.asset_type), asset.hostname, asset.ip_addresses) == ("network", "sw01", ("10.0.0.2",))
    value["itemtype"] = "Printer"
    (asset,) = estate_of(text_file(tmp_path, json.dumps(value), name="printer.json")).assets
    assert str(asset.asset_type) == "other"


def test_what_concerns_people_processes_and_variables_is_not_read(tmp_path: Path) -> None:
    content = inventory(
        users=[{"login": "jane"}],
        envs=[{"key": "DB_PASSWORD", "val": "hunter2"}],
        processes=[{"cmd": "mysql -phunter2"}],
        licenseinfos=[{"key": "hunter2"}],
        virtualmachines=[{"name": "guest", "owner": "jane"}],
    )
    content["content"]["hardware"]["lastloggeduser"] = "jane"  # type: ignore[index]
    read = read_json(tmp_path, content)
    text = repr(read)
    assert "jane" not in text
    assert "hunter2" not in text
    assert read.traits["left_out"] == "users: 1, envs: 1, processes: 1, licenseinfos: 1"


def test_sums_are_not_made_of_parts_that_are_unknown(tmp_path: Path) -> None:
    parts = {"cpus": [{"core": 4, "thread": "8"}, {"core": None, "thread": 8}], "storages": [{"disksize": "x"}]}
    (row,) = rows(read_json(tmp_path, inventory(**parts)), "computer")
    assert row["cpus.thread"] == 16
    assert "cpus.core" not in row
    assert "storages.disksize" not in row


def test_optical_drives_and_sticks_are_no_disks(tmp_path: Path) -> None:
    storages = [{"disksize": 100, "type": "disk"}, {"disksize": 700, "type": "CD-ROM"}, {"disksize": 8, "model": "USB"}]
    (row,) = rows(read_json(tmp_path, inventory(storages=storages)), "computer")
    assert (row["storages.number"], row["storages.disksize"]) == (1, 100)


@pytest.mark.parametrize(
    "content", [{"networks": 3, "cpus": "x"}, {"networks": [1], "databases_services": [{"databases": 4}]}]
)
def test_sections_of_another_shape_do_no_harm(tmp_path: Path, content: dict[str, object]) -> None:
    assert len(rows(read_json(tmp_path, inventory(**content)), "computer")) == 1


def test_a_file_without_inventory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="no inventory of a machine") as refused:
        open_file(text_file(tmp_path, '{"content": {"deviceid": 1}, "a": {"bios": 2}, "content": 5}', name="a.json"))
    assert refused.value.reason == "no_records"


def test_other_json_is_not_claimed(tmp_path: Path) -> None:
    assert IMPORTER.recognises(text_head(tmp_path, json.dumps({"content": {"a": 1}}), name="a.json")) == 0.0
