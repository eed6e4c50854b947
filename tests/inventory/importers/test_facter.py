"""Facts by Puppet's facter."""

import json
from pathlib import Path

import pytest

from masterflow.analysis.eol.operating_systems import identify_os
from masterflow.errors import FileRejected
from masterflow.inventory.importers.catalog import open_file, recognise
from masterflow.inventory.importers.facter import IMPORTER
from tests.inventory.machine_files import (
    MACHINES,
    estate_of,
    fields,
    read_json,
    rows,
    sheet_named,
    sheets_that_name_machines,
)
from tests.inventory.makers import DATA, text_file, text_head

FACTS = sorted((MACHINES / "facter").glob("*.json"))
ANSWERS = json.loads((DATA.parent / "assessment" / "os_eol.json").read_text())["facter_files"]
DEBIAN = DATA / "facter_debian-12.json"
FLAT = {
    "architecture": "x86_64",
    "facterversion": "2.4.6",
    "fqdn": "db01.example.com",
    "hostname": "db01",
    "ipaddress": "10.1.2.3",
    "is_virtual": "true",
    "kernelrelease": "3.10.0-1160.el7.x86_64",
    "macaddress": "00:50:56:AB:00:01",
    "manufacturer": "VMware, Inc.",
    "memorysize": "7.64 GB",
    "memorysize_mb": "7821.48",
    "operatingsystem": "CentOS",
    "operatingsystemrelease": "7.9.2009",
    "physicalprocessorcount": "2",
    "processorcount": "4",
    "productname": "VMware Virtual Platform",
    "serialnumber": "VMware-42 06 0f 4d 00 00 00 00-00 00 00 00 00 00 00 01",
    "uuid": "4D0F0642-0000-0000-0000-000000000001",
    "virtual": "vmware",
}


def test_the_facts_of_a_machine_are_one_row_under_their_own_names() -> None:
    read = open_file(DEBIAN)
    (row,) = rows(read, "facts")
    assert row["os.name"] == "Debian"
    assert row["memory.system.total_bytes"] == 479518720
    assert row["networking.interfaces.ip"] == "10.0.2.15, fe80::a00:27ff:fe8d:c04d"
    assert row["disks.size_bytes"] == 107374182400
    assert str(row["ssh.rsa.fingerprints.sha256"]).startswith("SSHFP 1 2 ")
    assert read.traits == {"facter": "4.8.0"}


def test_disks_mount_points_interfaces_and_keys_are_sheets_with_the_name_of_their_machine() -> None:
    read = open_file(DEBIAN)
    assert [sheet.name for sheet in read.sheets] == [
        *("facts", "disks", "partitions", "mountpoints", "interfaces", "ssh"),
    ]
    assert rows(read, "disks")[0]["networking.fqdn"] == "foo.example.com"
    assert rows(read, "mountpoints")[0]["mountpoint"] == "/"
    assert {str(row["interface"]) for row in rows(read, "interfaces")} == {"eth0", "lo"}


@pytest.mark.parametrize("path", FACTS, ids=lambda path: path.stem)
def test_only_the_row_of_facts_makes_a_machine(path: Path) -> None:
    assert sheets_that_name_machines(path) == {"facts"}


def test_machines_that_all_call_themselves_alike_stay_apart() -> None:
    estate = estate_of(*FACTS)
    assert len(estate.assets) == len(FACTS) == 8
    assert {asset.name for asset in estate.assets} == {"foo"}
    assert estate.conflicts == ()


@pytest.mark.parametrize("path", FACTS, ids=lambda path: path.stem)
def test_system_processors_memory_addresses_and_identifiers_arrive_in_the_estate(path: Path) -> None:
    facts = json.loads(path.read_text())
    (asset,) = estate_of(path).assets
    assert asset.cpu_cores == facts["processors"]["count"]
    assert asset.memory_mib == round(facts["memory"]["system"]["total_bytes"] / 2**20)
    assert "10.0.2.15" in asset.ip_addresses
    assert asset.mac_addresses == (facts["networking"]["mac"].lower(),)
    assert facts["dmi"]["product"]["uuid"].lower() in {identity.value for identity in asset.identities}
    assert asset.virtual is True
    assert asset.operating_system
    found = identify_os(asset.operating_system, version=asset.os_version)
    assert found.product == ANSWERS[f"inventory/facter/{path.name}"]["product"]
    assert str(found.cycle).startswith(ANSWERS[f"inventory/facter/{path.name}"]["cycle"] or "")


def test_the_full_name_of_a_system_says_its_edition() -> None:
    systems = {asset.operating_system for asset in estate_of(*FACTS).assets}
    assert {"Windows Server 2022 Standard Evaluation", "Red Hat Enterprise Linux release 9.3 (Plow)"} <= systems
    assert "FreeBSD" in systems


def test_nothing_has_to_be_asked_about_known_facts() -> None:
    meant = fields(DEBIAN, "facts")
    assert meant["os.release.full"] == "os_version"
    assert meant["dmi.product.uuid"] == "uuid"
    assert meant["networking.interfaces.mac"] == "mac_address"
    assert "memory.system.used_bytes" not in meant


def test_flat_facts_of_old_versions_are_read(tmp_path: Path) -> None:
    path = text_file(tmp_path, json.dumps(FLAT), name="db01.json")
    assert open_file(path).format == "facter"
    (asset,) = estate_of(path).assets
    assert (asset.hostname, asset.fqdn, asset.cpu_cores, asset.memory_mib) == ("db01", "db01.example.com", 4, 7821)
    assert (asset.operating_system, asset.os_version) == ("CentOS", "7.9.2009")
    assert asset.serial_number is None, "it is the UUID in disguise"


def test_memory_of_the_first_versions_has_its_unit_in_the_text(tmp_path: Path) -> None:
    facts = {key: value for key, value in FLAT.items() if key != "memorysize_mb"}
    (asset,) = estate_of(text_file(tmp_path, json.dumps(facts), name="db01.json")).assets
    assert asset.memory_mib == 7823


def test_several_machines_as_puppetdb_and_puppet_facts_wrap_them(tmp_path: Path) -> None:
    facts = {"os": {"name": "Debian"}, "kernel": "Linux", "facterversion": "4.2"}
    listed = [{"certname": "a", "facts": facts}, {"name": "b", "values": facts}, {"unrelated": 1}]
    assert [row.get("certname", row.get("name")) for row in rows(read_json(tmp_path, listed), "facts")] == ["a", "b"]
    one_a_row = [
        {"certname": "a", "name": "facterversion", "value": "4.2"},
        {"certname": "a", "name": "os", "value": {"name": "Debian"}},
        {"certname": "b", "name": "os", "value": {"name": "Ubuntu"}},
    ]
    text = json.dumps(one_a_row).replace('"facterversion"', '"facterversion" ')
    read = IMPORTER.reads(text_head(tmp_path, text, name="puppetdb.json"))
    assert [(row["certname"], row["os.name"]) for row in rows(read, "facts")] == [("a", "Debian"), ("b", "Ubuntu")]


def test_flat_facts_of_interfaces_and_disks_become_sheets(tmp_path: Path) -> None:
    more = {
        "ipaddress_eth0": "10.1.2.3",
        "macaddress_eth0": "00:50:56:AB:00:01",
        "ipaddress_eth1": "10.9.0.3",
        "ipaddress_lo": "127.0.0.1",
        "mtu_eth0": "1500",
        "blockdevice_sda_size": "42949672960",
        "blockdevice_sda_vendor": "VMware",
        "blockdevice_sr0_size": "1073741312",
    }
    path = text_file(tmp_path, json.dumps({**FLAT, **more}), name="db01.json")
    read = open_file(path)
    assert [row["interface"] for row in rows(read, "interfaces")] == ["eth0", "eth1", "lo"]
    assert rows(read, "disks")[0]["size_bytes"] == 42949672960
    assert not {
        header for header in rows(read, "facts")[0] if header.endswith(("_eth0", "_lo")) or "blockdevice" in header
    }
    (asset,) = estate_of(path).assets
    assert asset.ip_addresses == ("10.1.2.3", "10.9.0.3")
    assert (asset.disk_count, asset.disk_capacity_mib) == (1, 40960)


def test_structured_facts_count_where_a_version_says_both(tmp_path: Path) -> None:
    cards = {"eth0": {"ip": "10.1.2.3"}}
    facts = {
        **FLAT,
        "networking": {"interfaces": cards},
        "ipaddress_eth9": "10.9.9.9",
        "disks": {},
        "blockdevice_sda_size": 1,
    }
    read = read_json(tmp_path, facts)
    assert [row["interface"] for row in rows(read, "interfaces")] == ["eth0"]
    assert "disks" not in {sheet.name for sheet in read.sheets}


def test_a_domain_of_a_sparc_server_is_known_by_its_own_uuid(tmp_path: Path) -> None:
    ldom = {"ldom": {"domain_uuid": "f6c6e7ba-9092-42b2-9604-8ff289bb712a"}}
    facts = {"facterversion": "3.14", "hypervisors": ldom, "networking": {"hostname": "sun1"}}
    (asset,) = estate_of(text_file(tmp_path, json.dumps(facts), name="sun1.json")).assets
    assert "f6c6e7ba-9092-42b2-9604-8ff289bb712a" in {identity.value for identity in asset.identities}


def test_secrets_among_the_facts_are_not_read(tmp_path: Path) -> None:
    secrets = {
        "ec2_userdata": "hunter2",
        "db_password": "hunter2",
        "app": {"token": "hunter2"},
        "gce": {"a": "hunter2"},
    }
    read = read_json(tmp_path, {**FLAT, **secrets})
    assert "hunter2" not in repr(read)
    assert read.traits["kept_back"] == "4 values that may hold secrets"


def test_addresses_that_every_container_host_has_are_not_the_machines(tmp_path: Path) -> None:
    cards = {"eth0": {"ip": "10.0.0.5", "mac": "00:50:56:00:00:01"}, "docker0": {"ip": "172.17.0.1", "mac": "02:42:00"}}
    facts = {"facterversion": "4", "networking": {"hostname": "a", "interfaces": cards}, "disks": {"sr0": {}}}
    read = read_json(tmp_path, facts)
    assert rows(read, "facts")[0]["networking.interfaces.ip"] == "10.0.0.5"
    assert "disks.count" not in rows(read, "facts")[0]
    assert len(rows(read, "interfaces")) == 2


@pytest.mark.parametrize(
    "value",
    [
        {"facterversion": "4.1", "unrelated": 1, "networking": None, "disks": 7, "ssh": []},
        {"facterversion": "4.1", "os": ["x"], "networking": {"interfaces": ["eth0"], "fqdn": {"a": 1}}},
        {"facterversion": "4", "disks": {"sda": {"size_bytes": 1.5}}, "networking": {"interfaces": {"e": {}}}},
    ],
)  # fmt: skip
def test_facts_of_another_shape_are_kept_as_they_are(tmp_path: Path, value: object) -> None:
    assert sheet_named(read_json(tmp_path, value), "facts").rows


@pytest.mark.parametrize(
    "value", [{"facterversion": None}, [{"facterversion": "4"}, 1][1:], {"a": {"facterversion": 1}}]
)
def test_a_file_without_facts_is_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(FileRejected, match=r"facts") as refused:
        IMPORTER.reads(text_head(tmp_path, json.dumps(value), name="facts.json"))
    assert refused.value.reason == "no_records"


def test_other_json_is_not_claimed(tmp_path: Path) -> None:
    assert IMPORTER.recognises(text_head(tmp_path, "facterversion,os\n4,Debian\n")) == 0.0
    assert recognise(text_file(tmp_path, '[{"kernelrelease": "5", "name": "a"}]')).name == "json_records"
