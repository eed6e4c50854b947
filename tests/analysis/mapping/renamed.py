"""Sheets of machines with headers that no table of names was written for: translated, shortened, restyled, in units."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from masterflow.inventory.reading import CellValue

ROWS = 12
Values = Callable[[random.Random], CellValue]


@dataclass(frozen=True, slots=True)
class Known:
    """A column of known meaning: the fields that are right, ways to say it, values, and the units it may be in."""

    fields: tuple[str, ...]
    names: tuple[str, ...]
    values: Values
    units: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class RenamedColumn:
    """A column as it stands in a sheet."""

    header: str
    fields: tuple[str, ...]
    values: tuple[CellValue, ...]


NAMES = ("hostname", "asset_name", "vm_name", "display_name")
MEMORY = ("memory_mb", "memory_gb", "memory_bytes")
COLUMNS = (
    Known(
        NAMES,
        ("Maschinenname", "Nom de la machine", "Nombre de la máquina", "srv name", "Computer nm", "Name of server"),
        lambda chance: f"srv-{chance.choice(('web', 'db', 'app'))}-{chance.randrange(10**6)}",
    ),
    Known(
        ("ip_address",),
        (
            "Server IP addr",
            "IP-Adresse des Servers",
            "Adresse IP principale",
            "Dirección IP",
            "Primary IP v4",
            "Host IP4",
        ),
        lambda chance: f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(1, 255)}",
    ),
    Known(
        ("mac_address",),
        ("MAC-Adressen", "Adresse MAC de la carte", "Dirección MAC", "NIC MAC addr", "MAC addr primary"),
        lambda chance: ":".join(f"{chance.randrange(256):02x}" for _ in range(6)),
    ),
    Known(
        ("os_name", "os_name_configured", "os_family"),
        (
            "Installed operating system",
            "Betriebssystem Name",
            "Système exploitation",
            "Sistema operativo instalado",
            "OS text",
        ),
        lambda chance: chance.choice(("Red Hat Enterprise Linux 8", "Windows Server 2019", "Ubuntu 22.04")),
    ),
    Known(
        ("cpu_cores", "cpu_sockets"),
        (
            "CPU-Anzahl",
            "Anzahl Prozessoren",
            "Nombre de processeurs",
            "Número de CPU",
            "Num of vCPU",
            "CPU cnt",
            "Qty CPUs",
        ),
        lambda chance: chance.choice((2, 4, 8, 16)),
    ),
    Known(
        MEMORY,
        ("Arbeitsspeicher", "Mémoire RAM", "Memoria RAM", "RAM total", "Mem capacity", "Installed RAM"),
        lambda chance: chance.choice((4, 8, 16, 64)),
        (("GB", 1), ("MB", 1024), ("GiB", 1)),
    ),
    Known(
        ("storage_gb", "storage_provisioned_gb"),
        ("Festplatten Gesamt", "Disque total", "Disco total", "Total HDD", "Overall disk capacity", "Storage cap"),
        lambda chance: chance.choice((50, 100, 500)),
        (("GB", 1), ("TB", 0.001)),
    ),
    Known(
        ("storage_used_gb",),
        ("Disk consumed", "HDD usage", "Used drive space", "Consumed disk capacity"),
        lambda chance: chance.choice((20, 40, 400)),
        (("GB", 1), ("GiB", 1)),
    ),
    Known(
        ("environment",),
        ("Deployment env", "Umgebung", "Entorno", "Environnement", "Env. name"),
        lambda chance: chance.choice(("prod", "test", "dev")),
    ),
    Known(
        ("location", "datacenter"),
        ("Standort", "Ubicación", "Emplacement", "Site name", "Loc.", "Campus location"),
        lambda chance: chance.choice(("Hamburg", "Berlin", "Madrid")),
    ),
    Known(
        ("application_name",),
        ("Anwendung", "Application nm", "App title", "Nom application", "Aplicación", "Hosted app"),
        lambda chance: chance.choice(("Shop", "Orders", "Payroll")),
    ),
    Known(
        ("business_owner", "technical_owner"),
        ("Owner of app", "Besitzer", "Propriétaire", "Propietario", "Responsible owner", "Resp. person"),
        lambda chance: chance.choice(("Ada Byron", "Alan Turing")),
    ),
    Known(
        ("department", "business_unit"),
        ("Abteilung", "Département", "Departamento", "Owning dept.", "Dept name"),
        lambda chance: chance.choice(("Sales", "Finance")),
    ),
    Known(
        ("serial_number",),
        ("Seriennr", "Serial no.", "Numéro série", "Número serie", "HW serial number", "SerialNum"),
        lambda chance: f"CZ{chance.randrange(10**8):08d}",
    ),
    Known(
        ("manufacturer", "vendor"),
        ("Hersteller", "Fabricant", "Fabricante", "HW manufacturer", "Mfg name"),
        lambda chance: chance.choice(("Dell", "HPE")),
    ),
    Known(
        ("install_date",),
        ("Date of installation", "Installationsdatum", "Date création", "Created (date)", "Inst. date"),
        lambda chance: f"20{chance.randrange(10, 26)}-0{chance.randrange(1, 9)}-11",
    ),
    Known(
        ("cpu_utilization_pct",),
        ("CPU Auslastung", "Average CPU use", "Mean processor utilisation", "CPU load avg"),
        lambda chance: chance.randrange(5, 95),
        (("%", 1), ("pct", 1)),
    ),
    Known(
        ("criticality",),
        ("Business crit.", "Kritikalität", "Criticité", "Criticidad", "App criticality"),
        lambda chance: chance.choice(("high", "medium", "low")),
    ),
)
NOTHING = (
    Known(
        (), ("Ticket", "Backup policy", "Antivirus", "Patch window", "Import hash"), lambda chance: chance.choice("abc")
    ),
    Known(
        (),
        ("Audit result", "Lift score", "Lunch menu", "Colour", "Approved by board"),
        lambda chance: chance.randrange(9),
    ),
    Known((), ("Change ticket URL", "Escrow", "Insurance policy", "GDPR relevant"), lambda chance: chance.choice("yn")),
)
STYLES: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    str.casefold,
    lambda text: "_".join(text.casefold().split()),
    lambda text: "".join(word[:1].upper() + word[1:] for word in text.split()),
    lambda text: "-".join(text.split()),
    lambda text: f" {text} ",
)


def renamed_sheet(seed: int) -> list[RenamedColumn]:
    """Eight to sixteen columns in any order, each with another name, style and unit."""
    chance = random.Random(seed)
    known = chance.sample(COLUMNS, chance.randrange(6, 13)) + chance.sample(NOTHING, chance.randrange(4))
    chance.shuffle(known)
    return [renamed(column, chance) for column in known]


def renamed(column: Known, chance: random.Random) -> RenamedColumn:
    """One column under one of its names."""
    name = chance.choice(STYLES)(chance.choice(column.names))
    values: Sequence[CellValue] = [column.values(chance) for _ in range(ROWS)]
    if column.units and chance.random() < 0.7:
        unit, factor = chance.choice(column.units)
        name = chance.choice((f"{name} [{unit}]", f"{name} ({unit})", f"{name} in {unit}"))
        values = [value * factor for value in values if isinstance(value, (int, float))]
    return RenamedColumn(name, column.fields, tuple(values))
