"""Formats that are known by their looks and not read: what a file seems to be, and what to do instead."""

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from masterflow.inventory.files.delimited import encoding_of, is_text
from masterflow.inventory.reading import FileHead

CERTAIN = 0.8  # more than an importer of any table or any JSON claims, less than one that knows its format
OLE_START = bytes.fromhex("d0cf11e0a1b11ae1")
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
OLE_SEARCH_BYTES = 4 * 1024 * 1024  # the directory of an OLE container lies anywhere in it
FLOW_LOG_LINE = re.compile(r"^(version account-id interface-id|\d+ \d{12} eni-[0-9a-f]+ )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class UnreadFormat:
    """A format that is not read. `what` completes "This seems to be …"; `next_step` says how to bring the data."""

    name: str
    what: str
    next_step: str
    looks_like: Callable[[FileHead], bool]


def unread_format(head: FileHead) -> UnreadFormat | None:
    """The unread format that a file is of; None when it is of none."""
    return next((known for known in UNREAD_FORMATS if known.looks_like(head)), None)


def begins(*starts: bytes) -> Callable[[FileHead], bool]:
    """Recognises by the first bytes."""
    return lambda head: head.start.startswith(starts)


def contains(*patterns: str) -> Callable[[FileHead], bool]:
    """Recognises text in which every pattern is found within the first 64 KiB."""
    compiled = [re.compile(pattern, re.MULTILINE) for pattern in patterns]

    def looks_like(head: FileHead) -> bool:
        text = text_start(head)
        return bool(text) and all(pattern.search(text) for pattern in compiled)

    return looks_like


def json_with(*patterns: str) -> Callable[[FileHead], bool]:
    """Recognises JSON in which every pattern is found within the first 64 KiB."""
    found = contains(*patterns)
    return lambda head: text_start(head).lstrip()[:1] in ("{", "[") and found(head)


def text_start(head: FileHead) -> str:
    """The first 64 KiB as text; "" for bytes that are none."""
    encoding = encoding_of(head)
    text = head.start.decode(encoding, errors="ignore") if encoding else ""
    return text if is_text(text) else ""


def ole_with(*stream_names: str) -> Callable[[FileHead], bool]:
    """Recognises an OLE container that names one of these streams."""
    wanted = [name.encode("utf-16-le") for name in stream_names]

    def looks_like(head: FileHead) -> bool:
        if not head.start.startswith(OLE_START):
            return False
        with head.path.open("rb") as file:
            content = file.read(OLE_SEARCH_BYTES)
        return any(name in content for name in wanted)

    return looks_like


def zip_with(*parts: str) -> Callable[[FileHead], bool]:
    """Recognises a zip archive that holds a part whose name begins so."""

    def looks_like(head: FileHead) -> bool:
        if not head.start.startswith(ZIP_STARTS):
            return False
        try:
            with zipfile.ZipFile(head.path) as archive:
                return any(name.startswith(parts) for name in archive.namelist())
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return False

    return looks_like


def is_sound_zip(head: FileHead) -> bool:
    """A zip archive of anything else."""
    return head.start.startswith(ZIP_STARTS) and zipfile.is_zipfile(head.path)


AS_CSV = "Export the list as CSV or .xlsx with one row for each server."
UNREAD_FORMATS: tuple[UnreadFormat, ...] = (
    UnreadFormat(
        "encrypted", "a workbook that is encrypted or rights-protected",
        "Remove the password, or save a copy without sensitivity label in Excel, and upload that.",
        ole_with("EncryptedPackage", "EncryptionInfo", "DRMEncrypted"),
    ),
    UnreadFormat(
        "xls", "an Excel workbook of the old kind (.xls)",
        "Open it in Excel, save it as .xlsx and upload that.", ole_with("Workbook", "Book"),
    ),
    UnreadFormat("ole", "an Office document of the old kind (.doc, .ppt, .msg)", AS_CSV, begins(OLE_START)),
    UnreadFormat(
        "xlsb", "an Excel binary workbook (.xlsb)",
        "Open it in Excel, save it as .xlsx and upload that.", zip_with("xl/workbook.bin"),
    ),
    UnreadFormat(
        "opendocument", "an OpenDocument file (.ods)",
        "Open it, save it as .xlsx or CSV and upload that.", zip_with("content.xml"),
    ),
    UnreadFormat("office", "a Word or PowerPoint file", AS_CSV, zip_with("word/", "ppt/")),
    UnreadFormat(
        "damaged_zip", "a workbook or zip archive that is damaged or was not uploaded completely",
        "Export or upload it again.", lambda head: head.start.startswith(ZIP_STARTS) and not is_sound_zip(head),
    ),
    UnreadFormat(
        "zip", "a zip archive", "Unpack it and upload the files inside.",
        lambda head: is_sound_zip(head) and not zip_with("xl/workbook.xml")(head),
    ),
    UnreadFormat(
        "archive", "a compressed archive", "Unpack it and upload the files inside.",
        begins(b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x28\xb5\x2f\xfd"),
    ),
    UnreadFormat("pdf", "a PDF document", "Upload the table it was made from, as CSV or .xlsx.", begins(b"%PDF-")),
    UnreadFormat(
        "picture", "a picture", "Upload the table it shows, as CSV or .xlsx.",
        lambda head: begins(b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")(head)
        and not text_start(head) or head.start[:4] == b"RIFF" and head.start[8:12] == b"WEBP"
        or contains(r"^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]")(head),
    ),
    UnreadFormat("parquet", "a Parquet file", "Export it as CSV.", begins(b"PAR1")),
    UnreadFormat("avro", "an Avro file", "Export it as CSV.", begins(b"Obj\x01")),
    UnreadFormat("sqlite", "an SQLite database", "Export the table with the servers as CSV.", begins(b"SQLite format 3")),
    UnreadFormat("program", "a program", AS_CSV, begins(b"\x7fELF", b"\xca\xfe\xba\xbe")),
    UnreadFormat(
        "nmap", "an nmap scan (XML)", "Export address, name, system and open ports of the hosts as CSV.",
        contains(r"<nmaprun[\s>]"),
    ),
    UnreadFormat("html", "a web page; perhaps the sign-in page of the tool instead of its export",
                 "Sign in, export again as CSV or .xlsx and upload that.", contains(r"(?i)\A\s*(<!doctype html|<html[\s>])")),
    UnreadFormat("xml", "an XML document", AS_CSV, contains(r"\A\s*<(\?xml\s|[A-Za-z][\w.:-]*[\s>/])")),
    UnreadFormat(
        "netbox", "a NetBox dump (JSON)", "Export devices and virtual machines from NetBox's lists as CSV.",
        json_with(r'"model"\s*:\s*"(dcim|ipam|virtualization|circuits|tenancy|extras)\.\w+"', r'"pk"\s*:'),
    ),
    UnreadFormat(
        "terraform", "a Terraform or OpenTofu state", "Export the list of instances of the cloud as CSV.",
        json_with(r'"terraform_version"\s*:'),
    ),
    UnreadFormat(
        "facter", "facts of one machine by Puppet facter (JSON)", AS_CSV,
        json_with(r'"(facterversion|aio_agent_version)"\s*:'),
    ),
    UnreadFormat(
        "glpi", "an inventory of one machine by a GLPI or FusionInventory agent (JSON)", "Export the computers from GLPI's list as CSV.",
        json_with(r'"(versionclient|versionprovider|deviceid|itemtype|hardware)"\s*:', r'\A\s*\{[^\[]{0,200}?"content"\s*:\s*\{|"deviceid"\s*:'),
    ),
    UnreadFormat(
        "dmidecode", "output of dmidecode", AS_CSV,
        lambda head: contains(r"^# dmidecode \d|^Handle 0x[0-9A-F]{4}, DMI type")(head)
        or json_with(r'"handle"\s*:\s*"0x', r'"description"\s*:\s*"(BIOS|System|Base Board|Processor)')(head),
    ),
    UnreadFormat(
        "kiali", "a service graph by Kiali (JSON)", 'Export the edges as CSV with the columns "source" and "destination".',
        json_with(r'"graphType"\s*:', r'"elements"\s*:'),
    ),
    UnreadFormat(
        "loki", "an answer of Loki with log streams (JSON)", "Export the flows as CSV with source, destination, port and bytes.",
        json_with(r'"resultType"\s*:\s*"streams"'),
    ),
    UnreadFormat(
        "vpc_flow_log", "an AWS VPC flow log", "Sum it up by source, destination and port, and export that as CSV.",
        contains(FLOW_LOG_LINE.pattern),
    ),
    UnreadFormat(
        "sockets", "output of ss or netstat", 'Write the connections as CSV with the columns "source", "destination" and "port".',
        contains(r"^(Active Internet connections|Netid\s+State|Proto\s+Recv-Q)"),
    ),
    UnreadFormat("certificate", "a certificate or key", AS_CSV, contains(r"^-----BEGIN [A-Z ]+-----")),
    UnreadFormat("yaml", "a YAML document", AS_CSV, lambda head: head.name.lower().endswith((".yaml", ".yml"))
                 or contains(r"\A(#.*\n)*---\s*\n")(head)),
)  # fmt: skip
