"""Device42's devices."""

import json
from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.inventory.importers.catalog import open_file
from masterflow.inventory.importers.device42 import IMPORTER
from tests.inventory.machine_files import estate_of, fields, read_json, rows, sheets_that_name_machines
from tests.inventory.makers import DATA, text_file, text_head

DEVICES = DATA / "device42_devices.json"
TRUTH = json.loads((DATA / "field_mapping.json").read_text())["inventory/device42_devices.json"]


def server(**more: object) -> dict[str, object]:
    return {
        "device_id": 7, "name": "db01", "type": "virtual", "is_it_virtual_host": "no", "is_it_switch": "no",
        "is_it_blade_host": "no", "virtual_host_name": "esx1", "asset_no": "", "serial_no": "S-1234", "hw_model": "VM",
        "osver": "8.9", "os": "Red Hat Enterprise Linux", "cpucount": 2, "cpucore": 4, "ram": 16384, "hddsize": 200,
        "service_level": "Production", **more,
    }  # fmt: skip


def test_every_header_of_the_real_list_is_there_and_means_what_it_should() -> None:
    (sheet, *_) = open_file(DEVICES).sheets
    assert set(sheet.headers) == set(TRUTH)
    found = fields(DEVICES, sheet.name)
    assert {header: found.get(header) for header in TRUTH} == TRUTH


def test_addresses_stand_bare_with_the_device_and_in_full_beside() -> None:
    read = open_file(DEVICES)
    device = rows(read, "devices")[1]
    assert device["ip_addresses"] == "10.10.25.79"
    assert str(device["mac_addresses"]).startswith("ab:cd:ef:12:34:56, ")
    (address,) = rows(read, "ip_addresses")
    assert (address["device.id"], address["label"], address["subnet"]) == (2, "mgmt0", "Management-10.10.25.0/24")
    assert len(rows(read, "mac_addresses")) == 4
    assert sheets_that_name_machines(DEVICES) == {"devices"}


def test_an_answer_of_the_api_is_read_and_says_when_devices_are_missing(tmp_path: Path) -> None:
    read = read_json(tmp_path, {"total_count": 3, "limit": 1, "Devices": [server()]})
    assert rows(read, "devices")[0]["name"] == "db01"
    (reject,) = read.rejects
    assert reject.code == "file.incomplete"
    assert "lists 1 of 3 devices" in reject.message
    assert read_json(tmp_path, {"total_count": 1, "Devices": [server()]}).rejects == ()


def test_memory_is_in_mb_unless_the_record_says_otherwise(tmp_path: Path) -> None:
    devices = [server(), server(name="db02", serial_no="S-2", ram=16, ram_size_type="GB"), server(name="x", ram="n/a")]
    read = read_json(tmp_path, devices)
    assert [row["ram"] for row in rows(read, "devices")] == [16384, "16 GB", "n/a"]
    path = text_file(tmp_path, json.dumps(devices[:2]), name="d42.json")
    assert [asset.memory_mib for asset in estate_of(path).assets] == [16384, 16384]


def test_addresses_of_another_shape_are_kept(tmp_path: Path) -> None:
    (row,) = rows(
        read_json(tmp_path, [server(ip_addresses="10.0.0.9", mac_addresses=["00:50:56:00:00:01"])]), "devices"
    )
    assert (row["ip_addresses"], row["mac_addresses"]) == ("10.0.0.9", "00:50:56:00:00:01")


def test_a_list_without_devices_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="lists no device"):
        IMPORTER.reads(text_head(tmp_path, json.dumps({"Devices": []}), name="d42.json"))


def test_other_json_is_not_claimed(tmp_path: Path) -> None:
    assert IMPORTER.recognises(text_head(tmp_path, json.dumps([{"device_id": 1, "osver": "8"}]))) == 0.0
    assert IMPORTER.recognises(text_head(tmp_path, "device_id,osver\n")) == 0.0
