"""What dmidecode says of a machine's hardware: its printed text, or that text as JSON by jc.

A machine is one row, with its processors and memory modules summed up; each of those stands in a sheet of its own.
Firmware fills what it does not know with words such as "Not Specified"; they are kept.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files.cells import cleaned
from masterflow.inventory.files.json_documents import (
    Cells,
    JsonObject,
    cell_of,
    details,
    json_of,
    objects,
    table_of,
    text_of_file,
)
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.unread import contains, json_with
from masterflow.inventory.reading import CellValue, FileHead, FileRead, Importer

CERTAIN = 0.95
MACHINES = "machine"
SYSTEM, PROCESSOR, MEMORY_DEVICE, END_OF_TABLE = 1, 4, 17, 127
OF_THE_MACHINE = (0, 1, 2, 3)  # BIOS, system, base board, chassis
HANDLE = re.compile(r"Handle 0x[0-9A-Fa-f]{1,8}, DMI type (\d{1,3}), \d+ bytes")
SIZE = re.compile(r"(\d{1,12}) ?(bytes|[kKMGT]i?B)", re.IGNORECASE)
KIB_PER_UNIT = {"b": 1 / 1024, "k": 1, "m": 1024, "g": 1024**2, "t": 1024**3}
NO_MAIN_MEMORY = ("flash", "rom", "eeprom")  # types of memory devices that hold the firmware

is_printed = contains(r"^# dmidecode \d|^Handle 0x[0-9A-Fa-f]{4,8}, DMI type \d")
is_json = json_with(r'"handle"\s*:\s*"0x', r'"description"\s*:\s*"[A-Z]', r'"(type|bytes)"\s*:\s*\d')


@dataclass(slots=True)
class Structure:
    """One structure of the firmware's table; `number` is the line or the place where it begins."""

    number: int
    kind: int
    title: str = ""
    values: dict[str, CellValue] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A value by its name in any spelling ("Core Count", "core_count"); "" when there is none."""
        wanted = spelled(name)
        return next((str(value).strip() for key, value in self.values.items() if spelled(key) == wanted), "")


def recognises(head: FileHead) -> float:
    """Text that dmidecode prints, or that as JSON."""
    return CERTAIN if is_printed(head) or is_json(head) else 0.0


def reads(head: FileHead) -> FileRead:
    """One row for each machine, mostly one, and sheets with its processors and memory modules.

    Raises:
        FileRejected: the file is no valid JSON, or describes no machine.
    """
    if is_printed(head):
        machines = machines_of(printed(text_of_file(head)))
    else:
        machines = machines_of(structures_of(json_of(head)))
    rows = [(found[0].number, row_of(found)) for found in machines]
    sheet = table_of(head, MACHINES, rows)
    if not sheet.rows:
        message = "dmidecode printed nothing about the system, its board or its processors."
        raise FileRejected(Place(head.name), message, hint="Run it as root again.", code="no_records")
    others, rejects = details(
        head, {"processors": parts_of(machines, PROCESSOR), "memory": parts_of(machines, MEMORY_DEVICE)}
    )
    return FileRead("dmidecode", (sheet, *others), rejects, traits_of(machines), head.name)


def printed(text: str) -> Iterator[Structure]:
    """The structures of a printed table; indented lines are values, deeper ones a list below a value."""
    current: Structure | None = None
    last = ""
    for number, line in enumerate(text.splitlines(), start=1):
        found = HANDLE.match(line)
        if found:
            yield from (current,) if current else ()
            current, last = Structure(number, int(found.group(1))), ""
        elif current is not None and line.startswith(("\t\t", "        ")):
            add_item(current, last, line)
        elif current is not None and line.startswith(("\t", "    ")):
            last, _, value = line.strip().partition(":")
            current.values[last] = cleaned(value.strip())
        elif current is not None and line.strip() and not current.title:
            current.title = str(cleaned(line.strip()) or "")
    yield from (current,) if current else ()


def add_item(structure: Structure, name: str, line: str) -> None:
    """Add one line of a list to the value it stands below."""
    if name in structure.values:
        before = structure.values[name]
        structure.values[name] = cleaned(f"{before}, {line.strip()}" if before else line.strip())


def structures_of(value: Json) -> Iterator[Structure]:
    """The structures that jc made of the printed table."""
    for number, item in enumerate(objects(value), start=1):
        kind, values = item.get("type"), item.get("values")
        if isinstance(kind, int) and isinstance(values, dict):
            yield Structure(number, kind, str(cell_of(item.get("description")) or ""), cells_of(values))


def cells_of(values: JsonObject) -> dict[str, CellValue]:
    """The values of one structure."""
    return {str(cleaned(key) or "unnamed"): cell_of(value) for key, value in values.items()}


def machines_of(structures: Iterable[Structure]) -> list[list[Structure]]:
    """The structures of each machine: a table ends where it says so, or where another system begins."""
    machines: list[list[Structure]] = [[]]
    for structure in structures:
        begins_anew = structure.kind in (0, SYSTEM) and any(s.kind == structure.kind for s in machines[-1])
        if begins_anew or any(s.kind == END_OF_TABLE for s in machines[-1]):
            machines.append([])
        machines[-1].append(structure)
    return [found for found in machines if any(s.kind != END_OF_TABLE for s in found)]


def row_of(structures: Sequence[Structure]) -> dict[str, CellValue]:
    """A machine in a row: its firmware, system, board and chassis, and what its parts come to."""
    cells: dict[str, CellValue] = {}
    for structure in structures:
        if structure.kind in OF_THE_MACHINE:
            for name, value in structure.values.items():
                cells.setdefault(f"{structure.title}.{name}", value)
    cells.update(processors_of([s for s in structures if s.kind == PROCESSOR]))
    modules = [s for s in structures if s.kind == MEMORY_DEVICE]
    sizes = [size for module in modules if (size := installed_kib(module)) is not None]
    if sizes:
        cells["Memory Device.Size"] = round(sum(sizes) / 1024)
        cells["Memory Device.Number"] = len(sizes)
    return cells


def processors_of(sockets: Sequence[Structure]) -> Iterator[tuple[str, CellValue]]:
    """What the processors in use come to: hypervisors list many sockets that are empty or switched off."""
    used = [s for s in sockets if is_used(s.text("Status"))]
    if not used:
        return
    yield "Processor Information.Number", len(used)
    yield "Processor Information.Version", cleaned(used[0].text("Version"))
    yield "Processor Information.Max Speed", cleaned(used[0].text("Max Speed"))
    for name in ("Core Enabled", "Core Count", "Thread Count"):
        counts = [int(text) for s in used if (text := s.text(name)).isascii() and text.isdigit() and len(text) < 9]
        if len(counts) == len(used):
            yield f"Processor Information.{name}", sum(counts)


def is_used(status: str) -> bool:
    """Whether a socket holds a processor that runs; a table that does not say lists those that do."""
    said = status.casefold()
    return not said or ("populated" in said and "unpopulated" not in said and "disabled" not in said)


def installed_kib(module: Structure) -> float | None:
    """The size of a memory module in KiB; None for an empty slot and for memory that holds firmware."""
    found = SIZE.fullmatch(module.text("Size"))
    if found is None or module.text("Type").casefold() in NO_MAIN_MEMORY:
        return None
    return int(found.group(1)) * KIB_PER_UNIT[found.group(2)[0].casefold()]


def parts_of(machines: Sequence[Sequence[Structure]], kind: int) -> list[tuple[int, Cells]]:
    """The structures of one kind, each with the UUID of its machine."""
    rows: list[tuple[int, Cells]] = []
    for structures in machines:
        uuid = next((s.text("UUID") for s in structures if s.kind == SYSTEM), "")
        owner = {"System Information.UUID": cleaned(uuid)}
        rows += [(s.number, {**owner, **s.values}) for s in structures if s.kind == kind]
    return rows


def traits_of(machines: Sequence[Sequence[Structure]]) -> Mapping[str, str]:
    """How many structures there are beside those that are read."""
    read = {*OF_THE_MACHINE, PROCESSOR, MEMORY_DEVICE, END_OF_TABLE}
    others = Counter(s.title for structures in machines for s in structures if s.kind not in read and s.title)
    return {"left_out": ", ".join(f"{title}: {count}" for title, count in others.most_common(12))} if others else {}


def spelled(name: str) -> str:
    """A name as dmidecode and jc spell it alike."""
    return name.casefold().replace(" ", "_")


FIELDS = {
    "System Information.UUID": "smbios_uuid",
    "System Information.Serial Number": "serial_number",
    "System Information.Manufacturer": "manufacturer",
    "System Information.Product Name": "model",
    "System Information.Family": "model_family",
    "System Information.SKU Number": "model_number",
    "Chassis Information.Asset Tag": "asset_tag",
    "Processor Information.Number": "cpu_sockets",
    "Processor Information.Version": "cpu_model",
    "Processor Information.Max Speed": "cpu_speed_mhz",
    "Processor Information.Core Enabled": "physical_cores",
    "Processor Information.Core Count": "physical_cores",
    "Processor Information.Thread Count": "cpu_cores",
    "Memory Device.Size": "memory_mb",
}
WITHOUT_FIELD = {
    "BIOS Information": "Vendor;Version;Release Date;Address;Runtime Size;ROM Size;Characteristics;BIOS Revision;"
    "Firmware Revision",
    "System Information": "Version;Wake-up Type",
    "Base Board Information": "Manufacturer;Product Name;Version;Serial Number;Asset Tag;Features;"
    "Location In Chassis;Chassis Handle;Type;Contained Object Handles",
    "Chassis Information": "Manufacturer;Type;Lock;Version;Serial Number;Boot-up State;Power Supply State;"
    "Thermal State;Security Status;OEM Information;Height;Number Of Power Cords;Contained Elements;SKU Number",
    "Memory Device": "Number",
}
PARTS_WITHOUT_FIELD = {
    "processors": "System Information.UUID;Socket Designation;Type;Family;Manufacturer;ID;Signature;Flags;Version;"
    "Voltage;External Clock;Max Speed;Current Speed;Status;Upgrade;L1 Cache Handle;L2 Cache Handle;L3 Cache Handle;"
    "Serial Number;Asset Tag;Part Number;Core Count;Core Enabled;Thread Count;Characteristics",
    "memory": "System Information.UUID;Array Handle;Error Information Handle;Total Width;Data Width;Size;Form Factor;"
    "Set;Locator;Bank Locator;Type;Type Detail;Speed;Manufacturer;Serial Number;Asset Tag;Part Number;Rank;"
    "Configured Memory Speed;Configured Clock Speed;Minimum Voltage;Maximum Voltage;Configured Voltage;"
    "Memory Technology;Memory Operating Mode Capability;Firmware Version;Module Manufacturer ID;Module Product ID;"
    "Memory Subsystem Controller Manufacturer ID;Memory Subsystem Controller Product ID;Non-Volatile Size;"
    "Volatile Size;Cache Size;Logical Size",
}


def aliases() -> dict[tuple[str, str], str]:
    """(sheet, header) to field, "" for values that no field stands for."""
    found = {(MACHINES, f"{title}.{name}"): "" for title, names in WITHOUT_FIELD.items() for name in names.split(";")}
    found |= {(sheet, name): "" for sheet, names in PARTS_WITHOUT_FIELD.items() for name in names.split(";")}
    return {**found, **{(MACHINES, header): name for header, name in FIELDS.items()}}


IMPORTER = Importer(
    name="dmidecode",
    title="Output of dmidecode (text, or JSON by jc)",
    recognises=recognises,
    reads=reads,
    aliases=aliases(),
    units={(MACHINES, "Memory Device.Size"): "MiB"},
)
