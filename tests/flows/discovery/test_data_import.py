"""Bad files are named with their reason and the next step; good ones beside them are kept."""

import threading
import zipfile
from io import BytesIO
from uuid import uuid4

import pytest
from openpyxl import Workbook

from masterflow.errors import InputMissing
from masterflow.flows.discovery import data_import
from masterflow.flows.discovery.files import read_in_full
from masterflow.inventory.imports.types import ImportStatus
from tests.flows.discovery.driving import DATA, Discovery

GOOD = "name,ip address\nweb01,10.0.0.1\n"


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def damaged() -> bytes:
    whole = (DATA / "rvtools_v4.7_small.xlsx").read_bytes()
    return whole[: len(whole) // 2]


def without_a_sheet() -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    return data.getvalue()


BAD = {
    "encrypted.xlsx": ((DATA / "encrypted_clash.xlsx").read_bytes, "encrypt"),
    "damaged.xlsx": (damaged, "damaged"),
    "archive.xlsx": (without_a_sheet, ""),
    "empty.csv": (bytes, "empty"),
    "blank.csv": (lambda: b"\n\n \n", "blank"),
    "header_only.csv": (lambda: b"name,ip address\n", "no row of data"),
    "header_only.xlsx": (lambda: workbook(("name", "ip address")), "no row of data"),
    "picture.png": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(200), ""),
    "scan.xml": (lambda: b'<?xml version="1.0"?>\n<nmaprun scanner="nmap"></nmaprun>', ""),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_file_alone_is_asked_for_again(discovery: Discovery, name: str) -> None:
    content, reason = BAD[name]
    import_id = await discovery.upload(name, content())
    with pytest.raises(InputMissing) as raised:
        await discovery.run("data_import")
    (missing,) = raised.value.missing
    assert missing.field == "imports"
    assert missing.place is not None
    assert missing.place.file == name
    assert missing.reason.startswith(name)
    assert reason in missing.reason.casefold()
    assert missing.reason.count(".") >= 2, "the reason and the next step are sentences"
    assert str(raised.value).endswith("None of the files can be read: upload them corrected and name the new imports.")
    kept = await discovery.inventory.import_(import_id)
    assert kept.status is ImportStatus.UNREADABLE


async def test_bad_files_stop_no_good_one(discovery: Discovery) -> None:
    for name, (content, _) in BAD.items():
        await discovery.upload(name, content())
    good = await discovery.upload("servers.csv", GOOD)
    output = await discovery.run("data_import")
    assert [file.file for file in output.files] == ["servers.csv"]
    assert {file.file for file in output.unreadable} == set(BAD)
    assert all(file.code and file.message for file in output.unreadable)
    assert [row.cells for row in await discovery.inventory.rows(good, "csv")] == [("web01", "10.0.0.1")]
    await discovery.run()
    assert (await discovery.inventory.summary()).servers == 1


async def test_a_corrected_file_answers_the_question(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", "")
    with pytest.raises(InputMissing):
        await discovery.run("data_import")
    discovery.config["imports"] = []
    await discovery.upload("servers.csv", GOOD)
    assert (await discovery.run("data_import")).rows == 1


async def test_a_flow_without_files_asks_for_them(discovery: Discovery) -> None:
    with pytest.raises(InputMissing, match="imports: no file was named"):
        await discovery.run("data_import")


async def test_an_import_that_does_not_exist_is_named(discovery: Discovery) -> None:
    unknown = uuid4()
    await discovery.upload("servers.csv", GOOD)
    discovery.config["imports"].append(str(unknown))
    with pytest.raises(InputMissing, match=f"imports: There is no import {unknown}"):
        await discovery.run("data_import")


async def test_a_file_that_is_named_twice_is_read_once(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", GOOD)
    discovery.config["imports"] *= 2
    assert len((await discovery.run("data_import")).files) == 1


async def test_who_talks_to_whom_alone_is_no_inventory(discovery: Discovery) -> None:
    await discovery.upload("flows.csv", "source,destination,port\n10.0.0.1,10.0.0.2,443\n")
    with pytest.raises(InputMissing, match=r"flows\.csv tells who talks to whom.*Add an inventory"):
        await discovery.run("data_import")


async def test_a_flow_log_alone_is_no_inventory_either(discovery: Discovery) -> None:
    line = "2 111122223333 eni-1 10.0.0.1 10.0.0.2 40001 443 6 17 100 1795133304 1795133327 ACCEPT OK\n"
    await discovery.upload("flow.log", line)
    with pytest.raises(InputMissing, match=r"flow\.log tells who talks to whom.*Add an inventory"):
        await discovery.run("data_import")
    await discovery.upload("servers.csv", GOOD)
    assert len((await discovery.run("data_import")).files) == 2


async def test_running_the_phase_again_changes_nothing(discovery: Discovery) -> None:
    await discovery.upload("servers.csv", GOOD)
    await discovery.upload("empty.csv", "")
    first = await discovery.run("data_import")
    assert await discovery.run("data_import") == first
    assert len(await discovery.inventory.rows(first.files[0].import_id, "csv")) == 1


def test_a_file_over_the_limit_says_so(tmp_path) -> None:
    path = tmp_path / "big.csv"
    path.write_text(GOOD * 1000)
    refused = read_in_full(path, 100)
    assert refused.code == "too_large"
    assert "more than the limit" in refused.message


async def test_importers_are_loaded_beside_the_event_loop(discovery: Discovery, monkeypatch) -> None:
    loaded_in = []
    load = data_import.all_importers
    monkeypatch.setattr(data_import, "all_importers", lambda: loaded_in.append(threading.current_thread()) or load())
    await discovery.upload("servers.csv", GOOD)
    await discovery.run("data_import")
    assert len(loaded_in) == 1
    assert loaded_in[0] is not threading.current_thread()
