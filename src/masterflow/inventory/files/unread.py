"""Formats that are known by their looks and not read: what a file seems to be, and what to do instead."""

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from masterflow.inventory.files.delimited import encoding_of, is_text
from masterflow.inventory.files.workbooks import sheet_names
from masterflow.inventory.reading import FileHead

CERTAIN = 0.8  # more than an importer of any table or any JSON claims, less than one that knows its format
OLE_START = bytes.fromhex("d0cf11e0a1b11ae1")
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
OLE_SEARCH_BYTES = 4 * 1024 * 1024  # the directory of an OLE container lies anywhere in it


@dataclass(frozen=True, slots=True)
class UnreadFormat:
    """A format that is not read.

    `what` is a sentence for a container, and completes "This seems to be …" for a format; `next_step` says how to bring
    the data.
    """

    name: str
    what: str
    next_step: str
    looks_like: Callable[[FileHead], bool]


def container_of(head: FileHead) -> UnreadFormat | None:
    """The wrapping that keeps a file from being read; None when there is none."""
    return next((known for known in CONTAINERS if known.looks_like(head)), None)


def unread_format(head: FileHead) -> UnreadFormat | None:
    """The unread format that a file is of; None when it is of none."""
    return next((known for known in (*BINARIES, *DOCUMENTS) if known.looks_like(head)), None)


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
SAVE_AS_XLSX = "Open it in Excel, save it as .xlsx and upload that."
UNPACK = "Unpack it and upload the files inside."
ENDS_AS_CSV = 'Export the connections as CSV with the columns "source", "destination" and "port".'
PICTURE_STARTS = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")


def is_picture(head: FileHead) -> bool:
    """PNG, JPEG, GIF, TIFF, WebP, and bitmaps that do not read like text."""
    riff = head.start[:4] == b"RIFF" and head.start[8:12] == b"WEBP"
    bitmap = head.start.startswith(b"BM") and not text_start(head)
    return riff or bitmap or head.start.startswith(PICTURE_STARTS)


def is_damaged_zip(head: FileHead) -> bool:
    """Begins like a zip archive and cannot be opened as one, or should be a workbook and lists no sheet."""
    if not head.start.startswith(ZIP_STARTS):
        return False
    is_workbook = zip_with("xl/workbook.xml")(head) or head.name.lower().endswith((".xlsx", ".xlsm"))
    return not is_sound_zip(head) or (is_workbook and not sheet_names(head))


def is_other_zip(head: FileHead) -> bool:
    """A zip archive that is no workbook."""
    return is_sound_zip(head) and not zip_with("xl/workbook.xml")(head)


def is_yaml(head: FileHead) -> bool:
    """Called YAML, or begins like it."""
    named = head.name.lower().endswith((".yaml", ".yml"))
    return (named and bool(text_start(head))) or contains(r"\A(#.*\n)*---\s*\n")(head)


def is_dmidecode(head: FileHead) -> bool:
    """What dmidecode prints, or that as JSON."""
    printed = contains(r"^# dmidecode \d|^Handle 0x[0-9A-F]{4}, DMI type")(head)
    return printed or json_with(r'"handle"\s*:\s*"0x', r'"description"\s*:\s*"(BIOS|System|Base Board|Processor)')(head)


CONTAINERS: tuple[UnreadFormat, ...] = (
    UnreadFormat(
        "encrypted",
        "The workbook is encrypted or rights-protected",
        "Remove the protection, or save a copy without sensitivity label in Excel, and upload that again.",
        ole_with("EncryptedPackage", "EncryptionInfo", "DRMEncrypted"),
    ),
    UnreadFormat("xls", "The file is an old Excel workbook (.xls)", SAVE_AS_XLSX, ole_with("Workbook", "Book")),
    UnreadFormat("ole", "The file is an old Office document (.doc, .ppt, .msg)", AS_CSV, begins(OLE_START)),
    UnreadFormat("xlsb", "The file is an Excel binary workbook (.xlsb)", SAVE_AS_XLSX, zip_with("xl/workbook.bin")),
    UnreadFormat("opendocument", "The file is an OpenDocument file (.ods)", SAVE_AS_XLSX, zip_with("content.xml")),
    UnreadFormat("office", "The file is a Word or PowerPoint document", AS_CSV, zip_with("word/", "ppt/")),
    UnreadFormat(
        "damaged",
        "The workbook or zip archive is damaged or was not uploaded completely",
        "Export it again, or open it in Excel and save it as a new .xlsx, and upload that.",
        is_damaged_zip,
    ),
    UnreadFormat("zip", "The file is a zip archive", UNPACK, is_other_zip),
    UnreadFormat(
        "archive",
        "The file is a compressed archive",
        UNPACK,
        begins(b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x28\xb5\x2f\xfd"),
    ),
)
BINARIES: tuple[UnreadFormat, ...] = (
    UnreadFormat("pdf", "a PDF document", "Upload the table it was made from, as CSV or .xlsx.", begins(b"%PDF-")),
    UnreadFormat("picture", "a picture", "Upload the table it shows, as CSV or .xlsx.", is_picture),
    UnreadFormat("parquet", "a Parquet file", "Export it as CSV.", begins(b"PAR1")),
    UnreadFormat("avro", "an Avro file", "Export it as CSV.", begins(b"Obj\x01")),
    UnreadFormat(
        "sqlite", "an SQLite database", "Export the table with the servers as CSV.", begins(b"SQLite format 3")
    ),
    UnreadFormat("program", "a program", AS_CSV, begins(b"\x7fELF", b"\xca\xfe\xba\xbe")),
)
DOCUMENTS: tuple[UnreadFormat, ...] = (
    UnreadFormat(
        "nmap",
        "an nmap scan (XML)",
        "Export address, name, system and open ports of the hosts as CSV.",
        contains(r"<nmaprun[\s>]"),
    ),
    UnreadFormat(
        "html",
        "a web page, perhaps the sign-in page of the tool instead of its export",
        "Sign in, export again as CSV or .xlsx and upload that.",
        contains(r"(?i)\A\s*(<!doctype html|<html[\s>])"),
    ),
    UnreadFormat(
        "svg", "a picture (SVG)", "Upload the table it shows, as CSV or .xlsx.", contains(r"\A\s*<", r"<svg[\s>]")
    ),
    UnreadFormat("xml", "an XML document", AS_CSV, contains(r"\A\s*<(\?xml\s|[A-Za-z][\w.:-]*[\s>/])")),
    UnreadFormat(
        "netbox",
        "a NetBox dump (JSON)",
        "Export devices and virtual machines from NetBox's lists as CSV.",
        json_with(r'"model"\s*:\s*"(dcim|ipam|virtualization|circuits|tenancy|extras)\.\w+"', r'"pk"\s*:'),
    ),
    UnreadFormat(
        "terraform",
        "a Terraform or OpenTofu state",
        "Export the list of instances from the cloud as CSV.",
        json_with(r'"terraform_version"\s*:'),
    ),
    UnreadFormat(
        "facter",
        "facts of one machine by Puppet facter (JSON)",
        AS_CSV,
        json_with(r'"(facterversion|aio_agent_version)"\s*:'),
    ),
    UnreadFormat(
        "glpi",
        "an inventory of one machine by a GLPI or FusionInventory agent (JSON)",
        "Export the computers from GLPI's list as CSV.",
        json_with(r'"content"\s*:\s*\{', r'"(versionclient|deviceid|hardware|softwares|virtualmachines)"\s*:'),
    ),
    UnreadFormat("dmidecode", "output of dmidecode", AS_CSV, is_dmidecode),
    UnreadFormat(
        "loki",
        "an answer of Loki with log streams other than flow records (JSON)",
        ENDS_AS_CSV,
        json_with(r'"resultType"\s*:\s*"streams"'),
    ),
    UnreadFormat("certificate", "a certificate or key", AS_CSV, contains(r"^-----BEGIN [A-Z ]+-----")),
    UnreadFormat("yaml", "a YAML document", AS_CSV, is_yaml),
)
