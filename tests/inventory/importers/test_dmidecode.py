"""Output of dmidecode."""

import json
from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.inventory.importers.catalog import open_file
from masterflow.inventory.importers.dmidecode import IMPORTER
from tests.inventory.machine_files import MACHINES, estate_of, fields, rows, sheets_that_name_machines
from tests.inventory.makers import DATA, text_file, text_head

PRINTED, AS_JSON = MACHINES / "dmidecode_centos7.out", MACHINES / "dmidecode_centos7.json"
SERVER = """# dmidecode 3.3
Getting SMBIOS data from sysfs.

Handle 0x0100, DMI type 1, 27 bytes
System Information
\tManufacturer: Dell Inc.
\tProduct Name: PowerEdge R640
\tSerial Number: {serial}
\tUUID: 4c4c4544-0035-4810-8058-b4c04f4d4e32

Handle 0x0400, DMI type 4, 48 bytes
Processor Information
\tVersion: Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz
\tStatus: Populated, Enabled
\tCore Count: 16
\tCore Enabled: 14
\tThread Count: 32
\tCharacteristics:
\t\t64-bit capable
\t\tMulti-Core

Handle 0x0401, DMI type 4, 48 bytes
Processor Information
\tStatus: {second}
\tCore Count: 16
\tCore Enabled: 14
\tThread Count: 32

Handle 0x1100, DMI type 17, 84 bytes
Memory Device
\tSize: 16 GB
\tType: DDR4

Handle 0x1101, DMI type 17, 84 bytes
Memory Device
\tSize: 16384 MB
\tType: DDR4

Handle 0x1102, DMI type 17, 84 bytes
Memory Device
\tSize: No Module Installed

Handle 0x1103, DMI type 17, 84 bytes
Memory Device
\tSize: 8192 kB
\tType: Flash

Handle 0x7F00, DMI type 127, 4 bytes
End Of Table
"""


def server(serial: str = "ABC1234", second: str = "Populated, Enabled") -> str:
    return SERVER.format(serial=serial, second=second)


@pytest.mark.parametrize("path", [PRINTED, AS_JSON], ids=["printed", "json"])
def test_a_virtual_machine_has_the_processors_that_run_and_the_modules_that_are_there(path: Path) -> None:
    read = open_file(path)
    assert [(sheet.name, len(sheet.rows)) for sheet in read.sheets] == [
        ("machine", 1),
        ("processors", 3),
        ("memory", 3),
    ]
    (row,) = rows(read, "machine")
    assert (row["Processor Information.Number"], row["Memory Device.Size"]) == (1, 4096)
    assert "Cache Information: 1" in read.traits["left_out"]


def test_text_and_json_of_one_machine_are_one_machine() -> None:
    estate = estate_of(PRINTED, AS_JSON)
    (asset,) = estate.assets
    assert (asset.vendor, asset.model) == ("VMware, Inc.", "VMware Virtual Platform")
    assert (asset.cpu_cores, asset.memory_mib, asset.serial_number) == (1, 4096, None)
    assert "28fd4d56-3389-e2f8-6474-0159923b580e" in {identity.value for identity in asset.identities}
    assert estate.conflicts == ()


def test_the_parts_of_a_machine_make_no_machines() -> None:
    assert sheets_that_name_machines(PRINTED) == sheets_that_name_machines(AS_JSON) == {"machine"}


def test_sockets_cores_threads_and_modules_are_added_up(tmp_path: Path) -> None:
    (row,) = rows(open_file(text_file(tmp_path, server(), name="r640.txt")), "machine")
    assert row["Processor Information.Number"] == 2
    assert row["Processor Information.Core Enabled"] == 28
    assert row["Processor Information.Thread Count"] == 64
    assert (row["Memory Device.Size"], row["Memory Device.Number"]) == (32 * 1024, 2), "flash memory is no main memory"


@pytest.mark.parametrize("state", ["Unpopulated", "Populated, Disabled By BIOS", "Populated, Disabled By User"])
def test_a_socket_that_is_empty_or_off_does_not_count(tmp_path: Path, state: str) -> None:
    (row,) = rows(open_file(text_file(tmp_path, server(second=state), name="r640.txt")), "machine")
    assert (row["Processor Information.Number"], row["Processor Information.Thread Count"]) == (1, 32)


def test_columns_mean_the_same_in_text_and_json() -> None:
    assert set(fields(PRINTED, "machine").values()) == set(fields(AS_JSON, "machine").values())
    assert fields(AS_JSON, "machine")["System Information.uuid"] == "smbios_uuid"


@pytest.mark.parametrize("word", ["Not Specified", "To Be Filled By O.E.M.", "None", "Default string", "0"])
def test_what_the_factory_left_in_the_firmware_is_kept_raw_and_identifies_nothing(tmp_path: Path, word: str) -> None:
    path = text_file(tmp_path, server(serial=word), name="r640.txt")
    assert rows(open_file(path), "machine")[0]["System Information.Serial Number"] == word
    if word != "Default string":
        assert estate_of(path).assets[0].serial_number is None


def test_lists_below_a_value_are_one_cell(tmp_path: Path) -> None:
    (first, *_) = rows(open_file(text_file(tmp_path, server(), name="r640.txt")), "processors")
    assert first["Characteristics"] == "64-bit capable, Multi-Core"


def test_outputs_one_after_the_other_are_several_machines(tmp_path: Path) -> None:
    other = server(serial="XYZ9876").replace("4c4c4544", "5c4c4544")
    read = open_file(text_file(tmp_path, server() + "\n" + other, name="rack.txt"))
    assert [row["System Information.Serial Number"] for row in rows(read, "machine")] == ["ABC1234", "XYZ9876"]
    without_end = server().replace("DMI type 127", "DMI type 126") + other
    assert len(rows(open_file(text_file(tmp_path, without_end, name="rack.txt")), "machine")) == 2


def test_an_output_that_was_cut_off_gives_what_it_has() -> None:
    (row,) = rows(open_file(DATA / "dmidecode_cut.out"), "machine")
    assert row["BIOS Information.Vendor"] == "Phoenix Technologies LTD"


def test_an_output_without_structures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="Run it as root again") as refused:
        open_file(text_file(tmp_path, "# dmidecode 3.2\n/dev/mem: Permission denied\n", name="empty.txt"))
    assert refused.value.reason == "no_records"


def test_json_of_another_shape_is_refused_or_read_without_harm(tmp_path: Path) -> None:
    items = [{"handle": "0x1", "type": "x", "description": "A", "values": {}}, {"type": 4, "values": []}, 3]
    with pytest.raises(FileRejected):
        IMPORTER.reads(text_head(tmp_path, json.dumps(items), name="jc.json"))
    assert IMPORTER.recognises(text_head(tmp_path, "name,ip\na,1\n")) == 0.0
