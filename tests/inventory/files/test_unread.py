"""Formats that are known and not read."""

from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.inventory.importers.catalog import open_file
from tests.inventory.makers import DATA, text_file, zipped

OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)
FORMATS = {
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(range(200)), "unread.picture", "a picture"),
    "jpeg": (b"\xff\xd8\xff\xe0" + bytes(range(200)), "unread.picture", "as CSV or .xlsx"),
    "webp": (b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(200), "unread.picture", "a picture"),
    "bmp": (b"BM" + bytes(range(200)) * 3, "unread.picture", "a picture"),
    "svg": (b'<?xml version="1.0"?>\n<svg xmlns="x"><g/></svg>', "unread.svg", "a picture"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(100), "unread.pdf", "the table it was made from"),
    "parquet": (b"PAR1" + bytes(100), "unread.parquet", "Parquet"),
    "avro": (b"Obj\x01" + bytes(100), "unread.avro", "Avro"),
    "sqlite": (b"SQLite format 3\x00" + bytes(100), "unread.sqlite", "SQLite"),
    "elf": (b"\x7fELF" + bytes(100), "unread.program", "a program"),
    "gzip": (b"\x1f\x8b\x08\x00" + bytes(100), "archive", "Unpack it"),
    "zip": (zipped({"vInfo.csv": b"VM\nx\n"}), "zip", "Unpack it"),
    "ods": (zipped({"content.xml": b"<x/>"}), "opendocument", "save it as .xlsx"),
    "xlsb": (zipped({"xl/workbook.bin": b"x"}), "xlsb", "save it as .xlsx"),
    "docx": (zipped({"word/document.xml": b"<x/>"}), "office", "Word"),
    "xls": (OLE + "Workbook".encode("utf-16-le") + bytes(50), "xls", "save it as .xlsx"),
    "doc": (OLE + "WordDocument".encode("utf-16-le") + bytes(50), "ole", "old Office document"),
    "html": (b"<!DOCTYPE html><html><body>Sign in</body></html>", "unread.html", "Sign in, export again"),
    "xml": (b'<?xml version="1.0"?>\n<servers><server/></servers>', "unread.xml", "an XML document"),
    "yaml": (b"---\nservers:\n  - web01\n", "unread.yaml", "a YAML document"),
    "pem": (b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "unread.certificate", "a certificate"),
    "netbox": (b'[{"model": "dcim.device", "pk": 1, "fields": {"name": "a"}}]', "unread.netbox", "NetBox"),
    "tfstate": (b'{"version": 4, "terraform_version": "1.9", "resources": []}', "unread.terraform", "Terraform"),
    "loki": (b'{"status": "success", "data": {"resultType": "streams", "result": []}}', "unread.loki", "Loki"),
    "dmi": (
        b'[{"handle": "0x0000", "description": "BIOS Information", "values": {}}]',
        "unread.dmidecode",
        "dmidecode",
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_not_read_is_named_with_the_next_step(tmp_path: Path, name: str) -> None:
    content, code, words = FORMATS[name]
    with pytest.raises(FileRejected) as refused:
        open_file(text_file(tmp_path, content, name="upload.csv"))
    assert refused.value.reason == code
    assert words in str(refused.value)
    assert refused.value.place.file == "upload.csv"


@pytest.mark.parametrize(
    ("file", "code", "words"),
    [
        (
            "encrypted_clash.xlsx",
            "encrypted",
            "encrypted or rights-protected. Remove the protection, or save a copy without",
        ),
        ("nmap_2_hosts_version.xml", "unread.nmap", "an nmap scan (XML), which is not read. Read today: "),
        ("facter_debian-12.json", "unread.facter", "facts of one machine"),
        ("glpi_dbs_partial.json", "unread.glpi", "GLPI"),
        ("dmidecode_cut.out", "unread.dmidecode", "dmidecode"),
    ],
)
def test_real_files_that_are_not_read_are_named(file: str, code: str, words: str) -> None:
    with pytest.raises(FileRejected) as refused:
        open_file(DATA / file)
    assert refused.value.reason == code
    assert words in str(refused.value)


def test_the_refusal_says_what_is_read_today() -> None:
    with pytest.raises(FileRejected, match=r"Read today: .*RVTools workbook \(\.xlsx\)"):
        open_file(DATA / "nmap_2_hosts_version.xml")


@pytest.mark.parametrize("name", ["server list.yml", "server list.yaml"])
def test_a_file_called_yaml_is_taken_at_its_word(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileRejected) as refused:
        open_file(text_file(tmp_path, "servers:\n  - web01\n", name=name))
    assert refused.value.reason == "unread.yaml"


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04" + b"x" * 100, zipped({"xl/workbook.xml": b"<broken"}), zipped({"a.xml": b"<a/>"})]
)
def test_a_workbook_that_lists_no_sheet_is_damaged(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileRejected, match="damaged or was not uploaded completely") as refused:
        open_file(text_file(tmp_path, content, name="servers.xlsx"))
    assert refused.value.reason == "damaged"


def test_a_csv_about_pictures_and_bitmaps_is_still_a_csv(tmp_path: Path) -> None:
    assert open_file(text_file(tmp_path, "BM server,ip\nweb01,10.0.0.1\n")).sheets[0].headers == ("BM server", "ip")
