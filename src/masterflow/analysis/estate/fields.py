"""What each inventory field becomes: the asset field it fills, the parser of its cells and the unit it implies."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from masterflow.analysis.estate.addresses import HostName, parse_addresses, parse_hostname, parse_macs
from masterflow.analysis.estate.records import APPLICATION, LIFECYCLE, Claim, ClaimValue
from masterflow.analysis.estate.values import (
    POWER_WORDS,
    Parsed,
    is_placeholder,
    parse_boolean,
    parse_count,
    parse_criticality,
    parse_decimal,
    parse_environment,
    parse_percent,
    parse_power_state,
    parse_size_mib,
    parse_text,
    visible_text,
    words,
)
from masterflow.errors import Place
from masterflow.inventory.fields import squashed
from masterflow.inventory.reading import CellValue, Reject
from masterflow.inventory.types import Source

COUNTED = re.compile(r"(?P<number>\d{1,5}) ?(?:v?cpus?|v?cores?|threads?|processors?|kerne?)", re.IGNORECASE)
VIRTUAL_WORDS = words(
    "vm vmware kvm xen hyper-v hyperv lxc docker podman qemu vbox virtualbox container cloud instance guest openvz"
)
NEITHER_WORDS = words("cluster blade chassis enclosure rack other")  # what it stands in, not what it is
NO_PLATFORMS = words("physical none no false bare-metal baremetal") | {"bare metal"}
Parse = Callable[[CellValue, str], Parsed[ClaimValue]]

LIFECYCLE_WORDS: Mapping[str, str] = {
    **dict.fromkeys(
        ["retired", "decommissioned", "disposed", "end of life", "eol", "removed", "scrapped", "absent", "inactive",
         "non-operational", "deleted", "stillgelegt", "obsolete"],
        "retired",
    ),
    **dict.fromkeys(
        ["operational", "installed", "in use", "in_use", "active", "live", "in service", "deployed", "in production",
         "aktiv", "ready"],
        "in_use",
    ),
    **dict.fromkeys(["planned", "on order", "ordered", "pending", "pending install", "in stock", "build"], "planned"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldRule:
    """`target` is the claim's field, `unit` the unit a bare number has, `rank` the preference among equal targets."""

    target: str
    parse: Parse
    unit: str = ""
    rank: int = 0


def _plain(parser: Callable[[CellValue], Parsed[ClaimValue]]) -> Parse:
    return lambda cell, _unit: parser(cell)


def _size(cell: CellValue, unit: str) -> Parsed[ClaimValue]:
    found = parse_size_mib(cell, unit=unit)
    return Parsed(None, "size_zero") if found.value == 0 else found


def _cores(cell: CellValue) -> Parsed[ClaimValue]:
    counted = COUNTED.fullmatch(visible_text(cell)) if isinstance(cell, str) else None
    found = parse_count(counted["number"] if counted else cell)
    return Parsed(None, "count_zero") if found.value == 0 else found


def _money(cell: CellValue) -> Parsed[ClaimValue]:
    return parse_decimal(re.sub(r"^[^\d+-]+|[^\d]+$", "", visible_text(cell)) if isinstance(cell, str) else cell)


def _virtual(cell: CellValue) -> Parsed[ClaimValue]:
    text = visible_text(cell).casefold()
    if "virtual" in text or text in VIRTUAL_WORDS:
        return Parsed(True, "virtual_word")
    if any(word in text for word in ("physical", "bare", "hardware")):
        return Parsed(False, "virtual_word")
    return Parsed(None, "not_said") if text in NEITHER_WORDS else parse_boolean(cell)


def _platform(cell: CellValue) -> Parsed[ClaimValue]:
    text = visible_text(cell).casefold()
    return Parsed(None, "not_virtual") if text in NO_PLATFORMS else parse_text(cell)


def _fqdn(cell: CellValue) -> Parsed[ClaimValue]:
    found = parse_hostname(cell)
    return Parsed(found.value.fqdn if found.value else None, found.rule, found.problem, found.code)


def lifecycle_of(cell: CellValue) -> str | None:
    """ "retired", "in_use" or "planned" from the words of a status column; None for other words."""
    return LIFECYCLE_WORDS.get(visible_text(cell).casefold())


ASKS_FOR_PHYSICAL = "isphysical"
STATUS_CODES: Mapping[str, Mapping[str, str]] = {
    "operationalstatus": {
        "1": "operational", "2": "non-operational", "3": "repair in progress", "4": "dr standby", "5": "ready",
        "6": "retired",
    },
    "installstatus": {
        "1": "installed", "2": "on order", "3": "in maintenance", "4": "pending install", "5": "pending repair",
        "6": "in stock", "7": "retired", "8": "stolen", "100": "absent",
    },
}  # fmt: skip
# what the numbers of these columns mean in ServiceNow's choice lists; the columns are called so nowhere else

TEXT = _plain(parse_text)
RULES: Mapping[str, FieldRule] = {
    "vm_name": FieldRule("vm_name", TEXT),
    "fqdn": FieldRule("fqdn", _plain(_fqdn)),
    "ip_address": FieldRule("ip_addresses", _plain(parse_addresses)),
    "ip_addresses_all": FieldRule("ip_addresses", _plain(parse_addresses)),
    "ipv6_address": FieldRule("ip_addresses", _plain(parse_addresses), rank=1),
    "mac_address": FieldRule("mac_addresses", _plain(parse_macs)),
    "os_name": FieldRule("operating_system", TEXT),
    "os_name_configured": FieldRule("operating_system", TEXT, rank=1),
    "operating_system": FieldRule("operating_system", TEXT),
    "os_version": FieldRule("os_version", TEXT),
    "cpu_cores": FieldRule("cpu_cores", _plain(_cores)),
    "physical_cores": FieldRule("cpu_cores", _plain(_cores), rank=1),
    "memory_mb": FieldRule("memory_mib", _size, "MiB"),
    "memory_gb": FieldRule("memory_mib", _size, "GiB"),
    "memory_bytes": FieldRule("memory_mib", _size, "bytes"),
    "storage_gb": FieldRule("disk_capacity_mib", _size, "GiB"),
    "storage_provisioned_gb": FieldRule("storage_provisioned_mib", _size, "GiB"),
    "storage_used_gb": FieldRule("storage_used_mib", _size, "GiB"),
    "disk_count": FieldRule("disk_count", _plain(parse_count)),
    "power_state": FieldRule("power_state", _plain(parse_power_state)),
    "environment": FieldRule("environment", _plain(parse_environment)),
    "criticality": FieldRule("criticality", _plain(parse_criticality)),
    "datacenter": FieldRule("datacenter", TEXT),
    "location": FieldRule("datacenter", TEXT, rank=1),
    "cluster": FieldRule("cluster", TEXT),
    "hypervisor_host": FieldRule("host", TEXT),
    "folder": FieldRule("folder", TEXT),
    "business_owner": FieldRule("business_owner", TEXT),
    "technical_owner": FieldRule("technical_owner", TEXT),
    "supported_by": FieldRule("technical_owner", TEXT, rank=1),
    "department": FieldRule("department", TEXT),
    "business_unit": FieldRule("department", TEXT, rank=1),
    "serial_number": FieldRule("serial_number", TEXT),
    "manufacturer": FieldRule("vendor", TEXT),
    "vendor": FieldRule("vendor", TEXT, rank=1),
    "model": FieldRule("model", TEXT),
    "virtual_or_physical": FieldRule("virtual", _plain(_virtual)),
    "virtualization_platform": FieldRule("hypervisor", _plain(_platform)),
    "cpu_utilization_p95_pct": FieldRule("cpu_p95_pct", _plain(parse_percent)),
    "cpu_utilization_max_pct": FieldRule("cpu_max_pct", _plain(parse_percent)),
    "cpu_utilization_pct": FieldRule("cpu_average_pct", _plain(parse_percent)),
    "memory_utilization_pct": FieldRule("memory_average_pct", _plain(parse_percent)),
    "annual_cost": FieldRule("annual_cost", _plain(_money)),
    "annual_cost_currency": FieldRule("annual_cost_currency", TEXT),
}
NAME_FIELDS = ("hostname", "asset_name", "display_name", "name")  # first filled one is the name people use
STATUS_FIELDS = ("operational_status", "status", "hardware_status")
SEEN_FIELDS = ("last_discovered",)
UNIT_OF_TARGET: Mapping[str, str] = {
    "memory_mib": "MiB",
    "disk_capacity_mib": "MiB",
    "storage_provisioned_mib": "MiB",
    "storage_used_mib": "MiB",
    "cpu_p95_pct": "percent",
    "cpu_max_pct": "percent",
    "cpu_average_pct": "percent",
    "memory_average_pct": "percent",
}


def claims_of(
    field: str, cell: CellValue, *, unit: str | None, source: Source
) -> tuple[tuple[Claim, ...], Reject | None]:
    """What one cell of an approved column says, and the reject for what of it cannot be used.

    A field without a rule says nothing here; the caller keeps its text as an attribute.
    """
    if field in NAME_FIELDS:
        return _name_claims(cell, source, rank=NAME_FIELDS.index(field)), None
    if field in STATUS_FIELDS:
        return _status_claims(cell, source), None
    if field == "application_name":
        return _application_claims(cell, source), None
    rule = RULES.get(field)
    if rule is None:
        return (), None
    parsed = _turned(rule.parse(cell, unit or rule.unit), field, source)
    reject = _reject(parsed, cell, source) if parsed.problem is not None else None
    if parsed.value is None:
        return (), reject
    found = Claim(rule.target, parsed.value, source, parsed.rule, rule.rank, UNIT_OF_TARGET.get(rule.target))
    return (found, *_with_hostname(found)), reject


def _reject(parsed: Parsed[ClaimValue], cell: CellValue, source: Source) -> Reject | None:
    return parsed.reject(Place(source.file, source.sheet, source.row, source.column), cell)


def _application_claims(cell: CellValue, source: Source) -> tuple[Claim, ...]:
    """A cell may name several applications, separated by semicolon, bar or line break.

    A comma separates them only in a column of several, called "Applications"; elsewhere it may belong to a name.
    """
    of_several = (source.column or "").strip().casefold().rpartition(".")[2] == "applications"
    separators = r"[;|,\r\n]+" if of_several else r"[;|\r\n]+"
    parts = [parse_text(part) for part in re.split(separators, cell)] if isinstance(cell, str) else [parse_text(cell)]
    named = [part for part in parts if part.value]
    rule = "stated" if len(named) == 1 else f"stated_one_of_{len(named)}"
    return tuple(
        Claim(APPLICATION, part.value, source, rule if part.rule == "text" else f"{rule}_decoded_again")
        for part in named
        if part.value
    )


def has_rule(field: str) -> bool:
    """Whether `claims_of` understands a field."""
    return field in _UNDERSTOOD


_UNDERSTOOD = frozenset({*RULES, *NAME_FIELDS, *STATUS_FIELDS, "application_name"})


def _with_hostname(found: Claim) -> tuple[Claim, ...]:
    """A fully qualified name also says the host name."""
    if found.field != "fqdn" or not isinstance(found.value, str):
        return ()
    return (Claim("hostname", found.value.split(".")[0], found.source, "hostname_of_fqdn", rank=5),)


def _name_claims(cell: CellValue, source: Source, *, rank: int) -> tuple[Claim, ...]:
    text = parse_text(cell).value
    if text is None:
        return ()
    named = Claim("name", text, source, "text", rank)
    host: HostName | None = parse_hostname(cell).value
    if host is None:
        return (named,)
    claims = (named, Claim("hostname", host.short, source, "hostname", rank))
    return claims if host.fqdn is None else (*claims, Claim("fqdn", host.fqdn, source, "fqdn_of_name", rank + 1))


def _turned(parsed: Parsed[ClaimValue], field: str, source: Source) -> Parsed[ClaimValue]:
    """Yes in a column that asks whether the machine is physical means that it is not virtual."""
    asked = field == "virtual_or_physical" and squashed(source.column or "").startswith(ASKS_FOR_PHYSICAL)
    if not asked or not isinstance(parsed.value, bool) or parsed.rule == "virtual_word":
        return parsed
    return Parsed(not parsed.value, parsed.rule)


def _status_claims(cell: CellValue, source: Source) -> tuple[Claim, ...]:
    said = visible_text(cell)
    text = STATUS_CODES.get(squashed(source.column or ""), {}).get(said, said)
    if not text or is_placeholder(text):
        return ()
    lifecycle = lifecycle_of(text)
    if lifecycle is not None:
        return (Claim(LIFECYCLE, lifecycle, source, "lifecycle_word"),)
    power = POWER_WORDS.get(re.sub(r"[\s-]+", "", text.casefold()))
    return (Claim("power_state", power, source, "power_word", rank=1),) if power else ()
