"""NetBox dumps and answers of its API."""

import json
from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.inventory.importers.catalog import open_file, recognise
from masterflow.inventory.importers.netbox import IMPORTER
from tests.inventory.machine_files import MACHINES, estate_of, fields, read_json, rows, sheets_that_name_machines
from tests.inventory.makers import text_file, text_head

DUMP = MACHINES / "netbox_dump.json"
API = "https://netbox.example/api"


def brief(kind: str, number: int, name: str, **more: object) -> dict[str, object]:
    return {"id": number, "url": f"{API}/{kind}/{number}/", "display": name, "name": name, "slug": name.lower(), **more}


def device(number: int, name: str, role: str) -> dict[str, object]:
    maker = brief("dcim/manufacturers", 2, "Dell")
    return {
        "id": number,
        "url": f"{API}/dcim/devices/{number}/",
        "display": name,
        "name": name,
        "device_type": {"id": 4, "url": "x", "display": "R640", "manufacturer": maker, "model": "R640", "slug": "r640"},
        "role": brief("dcim/device-roles", 1, role),
        "tenant": None,
        "platform": brief("dcim/platforms", 3, "Ubuntu 22.04"),
        "serial": f"SN{number:04}",
        "site": brief("dcim/sites", 5, "Zürich"),
        "rack": {"id": 9, "url": "x", "display": "R1"},
        "status": {"value": "active", "label": "Active"},
        "primary_ip": {"id": 1, "url": "x", "display": "10.0.0.7/24", "address": "10.0.0.7/24", "family": 4},
        "primary_ip4": {"id": 1, "url": "x", "display": "10.0.0.7/24", "address": "10.0.0.7/24", "family": 4},
        "cluster": None,
        "tags": [brief("extras/tags", 1, "gold"), brief("extras/tags", 2, "pci")],
        "custom_fields": {"owner_team": "Payments"},
        "config_context": {"a": 1},
        "local_context_data": None,
    }


def machine(number: int, name: str, **more: object) -> dict[str, object]:
    return {
        "id": number,
        "url": f"{API}/virtualization/virtual-machines/{number}/",
        "display": name,
        "name": name,
        "status": {"value": "offline", "label": "Offline"},
        "cluster": brief("virtualization/clusters", 1, "prod-a"),
        "role": brief("dcim/device-roles", 8, "Database Server"),
        "platform": brief("dcim/platforms", 3, "Ubuntu 22.04"),
        "primary_ip4": None,
        "vcpus": 4.0,
        "memory": 8192,
        "disk": 100,
        **more,
    }


def answer(*results: object, count: int | None = None) -> dict[str, object]:
    return {"count": len(results) if count is None else count, "next": None, "previous": None, "results": [*results]}


def django(model: str, key: int, **values: object) -> dict[str, object]:
    return {"model": model, "pk": key, "fields": values}


def test_the_references_of_a_dump_are_followed() -> None:
    read = open_file(DUMP)
    router = rows(read, "devices")[0]
    assert router["name"] == "dmi01-akron-rtr01"
    assert (router["device_type.manufacturer.name"], router["device_type.model"]) == ("Cisco", "ISR 1111-8P")
    assert (router["site.name"], router["device_role.name"]) == ("DM-Akron", "Router")
    assert (router["rack.name"], router["platform.name"]) == ("Comms closet", "Cisco IOS")
    guest = rows(read, "virtual_machines")[0]
    assert (guest["cluster.name"], guest["cluster.type.name"]) == ("DO-AMS3", "DigitalOcean")
    assert guest["platform.name"] == "Ubuntu Linux 20.04"
    assert "dcim.site: " in read.traits["beside"]


def test_switches_panels_and_power_strips_are_no_servers() -> None:
    kinds = {(str(asset.asset_type), asset.model) for asset in estate_of(DUMP).assets if asset.model}
    assert ("network", "ISR 1111-8P") in kinds
    assert not any(kind in ("server", "virtual_machine") for kind, _ in kinds)
    machines = [asset for asset in estate_of(DUMP).assets if asset.asset_type == "virtual_machine"]
    assert len(machines) == 4
    assert {asset.cluster for asset in machines} <= {
        row["cluster.name"] for row in rows(open_file(DUMP), "virtual_machines")
    }


def test_interfaces_are_listed_with_their_devices_and_make_none() -> None:
    interface, *_ = rows(open_file(DUMP), "interfaces")
    assert interface["device.name"] == "dmi01-akron-rtr01"
    assert interface["name"] == "GigabitEthernet0/0/0"
    assert sheets_that_name_machines(DUMP) == {"devices", "virtual_machines"}
    assert fields(DUMP, "interfaces") == {}


def test_addresses_and_hardware_addresses_come_from_what_is_assigned(tmp_path: Path) -> None:
    card = {"assigned_object_type": ["dcim", "interface"]}
    dump = [
        django("ipam.ipaddress", 5, address="10.0.0.5/24", **card, assigned_object_id=7),
        django("ipam.ipaddress", 6, address="10.0.1.5/24", **card, assigned_object_id=8),
        django("ipam.ipaddress", 9, address="10.9.9.9/24", assigned_object_type=None, assigned_object_id=None),
        django("dcim.device", 1, name="web01", device_role=1, primary_ip4=5, serial="A1234"),
        django("dcim.devicerole", 1, name="Server"),
        django("dcim.interface", 7, device=1, name="eth0", mac_address="00:50:56:00:00:07"),
        django("dcim.interface", 8, device=1, name="eth1", mac_address=None),
        django("dcim.macaddress", 1, mac_address="00:50:56:00:00:08", **card, assigned_object_id=8),
    ]
    path = text_file(tmp_path, json.dumps(dump), name="dump.json")
    (asset,) = estate_of(path).assets
    assert asset.ip_addresses == ("10.0.0.5", "10.0.1.5")
    assert asset.mac_addresses == ("00:50:56:00:00:07", "00:50:56:00:00:08")
    assert asset.asset_type == "server"


def test_answers_of_the_api_are_read_with_the_names_they_hold(tmp_path: Path) -> None:
    path = text_file(tmp_path, json.dumps(answer(device(1, "web01", "Web Server"), device(2, "sw1", "Switch"))))
    row = rows(open_file(path), "devices")[0]
    assert (row["device_type.manufacturer.name"], row["role.name"], row["status.value"]) == (
        "Dell",
        "Web Server",
        "active",
    )
    assert (row["tags"], row["custom_fields.owner_team"], row["rack.name"]) == ("gold, pci", "Payments", "R1")
    assert "config_context.a" not in row
    switch, server = sorted(estate_of(path).assets, key=lambda asset: asset.name)
    assert (str(switch.asset_type), str(server.asset_type)) == ("network", "server")
    assert (server.serial_number, server.datacenter, server.operating_system) == ("SN0001", "Zürich", "Ubuntu 22.04")
    assert server.ip_addresses == ("10.0.0.7",)


def test_virtual_machines_of_the_api_are_virtual_machines(tmp_path: Path) -> None:
    path = text_file(tmp_path, json.dumps(answer(machine(1, "db01"))), name="vms.json")
    (asset,) = estate_of(path).assets
    assert (str(asset.asset_type), asset.cpu_cores, asset.memory_mib) == ("virtual_machine", 4, 8192)
    assert (asset.disk_capacity_mib, asset.cluster, asset.power_state) == (102400, "prod-a", "poweredOff")


def test_since_version_4_1_disks_are_counted_in_mb(tmp_path: Path) -> None:
    path = text_file(tmp_path, json.dumps(answer(machine(1, "db01", disk=102400, serial=""))), name="vms.json")
    assert estate_of(path).assets[0].disk_capacity_mib == 102400


def test_a_page_of_several_says_what_is_missing(tmp_path: Path) -> None:
    (reject,) = read_json(tmp_path, answer(machine(1, "db01"), count=250)).rejects
    assert reject.code == "file.incomplete"
    assert "1 of 250 objects" in reject.message


@pytest.mark.parametrize(
    "value",
    [
        [answer(machine(1, "a")), answer(device(1, "b", "Server"))],
        [machine(1, "a"), device(1, "b", "Server")],
        {"machines": [machine(1, "a")], "devices": [device(1, "b", "Server")]},
    ],
)
def test_answers_in_a_list_and_bare_objects_are_read_too(tmp_path: Path, value: object) -> None:
    read = read_json(tmp_path, value)
    assert [(sheet.name, len(sheet.rows)) for sheet in read.sheets] == [("devices", 1), ("virtual_machines", 1)]


def test_a_dump_that_comes_to_its_devices_late_is_known(tmp_path: Path) -> None:
    before = [django("auth.permission", number, name="x" * 200) for number in range(500)]
    path = text_file(tmp_path, json.dumps([*before, django("dcim.device", 1, name="web01")]), name="dump.json")
    assert recognise(path).name == "netbox"
    assert rows(open_file(path), "devices")[0]["name"] == "web01"
    assert recognise(text_file(tmp_path, json.dumps(before), name="other.json")).name == "json_records"


@pytest.mark.parametrize(
    "value",
    [
        [django("dcim.site", 1, name="Zürich")],
        [{"model": "dcim.device", "pk": {}, "fields": 3}],
        {"count": 1, "results": 3, "x": {"url": f"{API}/dcim/devices/1/"}},
    ],
)
def test_an_export_without_machines_is_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(FileRejected, match="neither devices nor virtual machines") as refused:
        read_json(tmp_path, value)
    assert refused.value.reason == "no_records"


def test_references_that_lead_nowhere_are_empty(tmp_path: Path) -> None:
    dump = [
        django("dcim.device", 1, name="a", site=99, device_type=[], tenant={}, primary_ip4="x", custom_field_data={})
    ]
    (row,) = rows(read_json(tmp_path, dump), "devices")
    assert row == {"content_type": "dcim.device", "id": 1, "name": "a"}


def test_other_json_is_not_claimed(tmp_path: Path) -> None:
    assert IMPORTER.recognises(text_head(tmp_path, json.dumps([{"model": "R640", "pk": 1}]))) == 0.0
