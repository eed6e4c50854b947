"""Google Cloud Migration Center: the tables vmInfo, tagInfo, diskInfo and perfInfo, joined by their MachineId.

Each table is known by its headers, whatever its file or sheet is called; all but vmInfo have several rows a machine.
"""

from collections.abc import Sequence
from dataclasses import replace

from masterflow.errors import Place
from masterflow.inventory.fields import KNOWN_NAMES, squashed
from masterflow.inventory.files.documented import (
    CERTAIN,
    Cells,
    Complaint,
    Documented,
    Judge,
    documented_tables,
    judged,
)
from masterflow.inventory.files.glimpses import glimpsed
from masterflow.inventory.files.workbook_tables import read_every_table
from masterflow.inventory.reading import FileHead, FileRead, Importer, RawRow, Reject, Sheet

FORMAT = "google_migration_center"
OPTIONAL = "(optional)"
FEWEST_TELLING = 3
KNOWN_SHARE = 0.5
MACHINE = ("machineid", "machineidoptional")
MACHINE_NAME = ("machinename", "machinenameoptional")


def with_optional(table: Documented) -> Documented:
    """The columns also as templates write them that may be left empty."""
    return Documented(
        fields={**table.fields, **{header + OPTIONAL: name for header, name in table.fields.items()}},
        telling=table.telling | {name + squashed(OPTIONAL) for name in table.telling},
        units={**table.units, **{header + OPTIONAL: unit for header, unit in table.units.items()}},
    )


TABLES = {name: with_optional(table) for name, table in documented_tables("google_migration_center.toml").items()}
NAMES = KNOWN_NAMES.union(*(table.names for table in TABLES.values()))


def recognises(head: FileHead) -> float:
    """Certain by the headers of one of the four tables."""
    return CERTAIN if any(kind_of(sheet.headers) for sheet in glimpsed(head, NAMES)) else 0.0


def kind_of(headers: Sequence[str]) -> str | None:
    """Which of the four tables has these headers; None for another one."""
    cells = Cells(headers)
    if not cells.has(*MACHINE) and not cells.has(*MACHINE_NAME):
        return None
    shares = {name: table.known_share(headers) for name, table in TABLES.items() if telling_enough(table, headers)}
    return max(shares, key=lambda name: shares[name], default=None)


def telling_enough(table: Documented, headers: Sequence[str]) -> bool:
    """Whether enough of the headers are those of a table."""
    fewest = min(FEWEST_TELLING, len(table.telling) // 2)
    return table.telling_in(headers) >= fewest and table.known_share(headers) >= KNOWN_SHARE


def reads(head: FileHead) -> FileRead:
    """The tables as found, each under its documented name; rows that name no machine are rejects.

    Raises:
        FileRejected: there is no table, or none of its rows can be used.
    """
    read = read_every_table(head, format_name=FORMAT, known=NAMES)
    renamed = {sheet.name: name for sheet in read.sheets if (name := kind_of(sheet.headers))}
    names = unique_names([renamed.get(sheet.name, sheet.name) for sheet in read.sheets])
    sheets = tuple(replace(sheet, name=name) for sheet, name in zip(read.sheets, names, strict=True))
    new = dict(zip((sheet.name for sheet in read.sheets), names, strict=True))
    rejects = tuple(moved(reject, new) for reject in read.rejects)
    return judged(replace(read, sheets=sheets, rejects=rejects), judge_of)


def unique_names(names: Sequence[str]) -> list[str]:
    """The names, the second and later ones of each with their number."""
    return [
        name if (times := names[:place].count(name)) == 0 else f"{name} ({times + 1})"
        for place, name in enumerate(names)
    ]


def moved(reject: Reject, names: dict[str, str]) -> Reject:
    """A reject under the name that its sheet goes by."""
    place = reject.place
    return replace(reject, place=Place(place.file, names.get(place.sheet or "", place.sheet), place.row, place.column))


def judge_of(sheet: Sheet) -> Judge | None:
    """The judge of one of the four tables."""
    kind = kind_of(sheet.headers)
    if kind is None:
        return None
    return machine_judge if kind == "vmInfo" else part_judge


def machine_judge(cells: Cells, row: RawRow) -> Complaint | None:
    """Whether a machine has neither id nor name."""
    if cells.text(row, *MACHINE, *MACHINE_NAME):
        return None
    message = "The machine has neither id nor name; the row was left out. Fill the MachineId and upload it again."
    return Complaint("machine.no_identity", message, [cells.header(*MACHINE), cells.header(*MACHINE_NAME)])


def part_judge(cells: Cells, row: RawRow) -> Complaint | None:
    """Whether a tag, disk or measurement belongs to no machine."""
    if cells.text(row, *MACHINE):
        return None
    message = "The row names no machine; it was left out. Fill the MachineId and upload it again."
    return Complaint("machine.no_id", message, [cells.header(*MACHINE)])


IMPORTER = Importer(
    name=FORMAT,
    title="Google Cloud Migration Center tables (.csv, .xlsx)",
    recognises=recognises,
    reads=reads,
    aliases={key: field for name, table in TABLES.items() for key, field in table.aliases(name).items()},
    units={key: unit for name, table in TABLES.items() for key, unit in table.units_of(name).items()},
)
