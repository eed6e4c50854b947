"""Devices as Device42's API and exports give them, as JSON: a list, or an object with the list under "Devices".

Device42 states memory in MB and disks in GB unless the record names another unit beside the number; that unit is then
written behind it. Addresses and hardware addresses are lists of objects there: the row of a device holds the bare
addresses, and all that is said of them stands in sheets of their own.
"""

import re
from collections.abc import Mapping, Sequence

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files.cells import cleaned
from masterflow.inventory.files.json_documents import (
    Cells,
    JsonObject,
    details,
    flattened,
    json_of,
    listed,
    objects,
    table_of,
)
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.secrets import KeptBack
from masterflow.inventory.files.unread import text_start
from masterflow.inventory.files.vendor_columns import names_in
from masterflow.inventory.reading import CellValue, FileHead, FileRead, Importer, Reject

CERTAIN = 0.95
DEVICES = "devices"
KEYS = names_in(
    "device_id is_it_virtual_host is_it_blade_host is_it_switch virtual_host_name nonauthoritativealiases asset_no"
    " serial_no hw_model hw_model_id osver hddcount hddsize hddraid ucs_manager device_sub_type in_service"
    " service_level device_external_links device_purchase_line_items cpucount cpucore"
)
ENOUGH_KEYS = 6  # names that no other list of devices has together
ADDRESSES = {"ip_addresses": "ip", "mac_addresses": "mac"}  # lists of objects: where the bare address stands
UNITS_BESIDE = {"ram": "ram_size_type", "hddsize": "hdd_size_type"}
SIZE_UNIT = re.compile(r"[KMGTP]i?B", re.IGNORECASE)


def recognises(head: FileHead) -> float:
    """JSON with enough of the names that Device42 gives to what it knows of a device."""
    start = text_start(head)
    if start.lstrip()[:1] not in ("{", "["):
        return 0.0
    found = sum(re.search(rf'"{key}"\s*:', start) is not None for key in KEYS)
    return CERTAIN if found >= ENOUGH_KEYS else 0.0


def reads(head: FileHead) -> FileRead:
    """One row for each device, and sheets with the addresses.

    Raises:
        FileRejected: the file is no valid JSON, or lists no device.
    """
    secrets = KeptBack()
    value = secrets.without(json_of(head))
    devices = devices_in(value)
    sheet = table_of(head, DEVICES, [(number, dict(row_of(device))) for number, device in enumerate(devices, start=1)])
    if not sheet.rows:
        message = "The JSON lists no device."
        hint = "Export /api/1.0/devices/all/ again, with an account that may see devices."
        raise FileRejected(Place(head.name), message, hint=hint, code="no_records")
    others, rejects = details(head, {key: addresses_of(devices, key) for key in ADDRESSES})
    return FileRead(
        "device42", (sheet, *others), (*missing(head, value, devices), *rejects), secrets.traits(), head.name
    )


def devices_in(value: Json) -> list[JsonObject]:
    """The devices of a list, of an answer with a list of them, or the one that the file is."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.casefold() in ("devices", "device", "results") and isinstance(inner, list):
                return objects(inner)
    return objects(value)


def missing(head: FileHead, value: Json, devices: Sequence[JsonObject]) -> tuple[Reject, ...]:
    """A reject when the answer says that there are more devices than it lists."""
    total = value.get("total_count") if isinstance(value, dict) else None
    if not isinstance(total, int) or isinstance(total, bool) or total <= len(devices):
        return ()
    message = f"The answer lists {len(devices)} of {total} devices. Ask for the others with limit and offset."
    return (Reject(Place(head.name, DEVICES), "file.incomplete", message, str(total)[:40]),)


def row_of(device: JsonObject) -> dict[str, CellValue]:
    """A device in a row."""
    plain = {key: value for key, value in device.items() if key not in ADDRESSES}
    cells = dict(flattened({key: device[key] if key in plain else None for key in device}))
    for key, inner in ADDRESSES.items():
        if key in device:
            cells[key] = bare(device[key], inner)
    for key, beside in UNITS_BESIDE.items():
        if key in cells:
            cells[key] = with_unit(cells[key], device.get(beside))
    return cells


def bare(value: Json, key: str) -> CellValue:
    """The addresses of a list of objects or of texts."""
    items = value if isinstance(value, list) else [value]
    return cleaned(listed(item.get(key) if isinstance(item, dict) else item for item in items))


def with_unit(size: CellValue, unit: Json) -> CellValue:
    """A size with the unit that its record names, as in "16 GB"; without one as it is."""
    said = isinstance(unit, str) and SIZE_UNIT.fullmatch(unit.strip())
    is_number = isinstance(size, int | float) and not isinstance(size, bool)
    is_digits = isinstance(size, str) and re.fullmatch(r"\d{1,15}(\.\d{1,6})?", size.strip())
    return f"{size} {str(unit).strip()}" if said and (is_number or is_digits) else size


def addresses_of(devices: Sequence[JsonObject], key: str) -> list[tuple[int, Cells]]:
    """All that is said of the addresses of one kind, each with its device."""
    rows: list[tuple[int, Cells]] = []
    for device in devices:
        value = device.get(key)
        owner = dict(flattened({name: device[name] for name in ("device_id", "name") if name in device}))
        for item in objects(value if isinstance(value, list) else []):
            rows.append((len(rows) + 1, {**prefixed(owner), **dict(flattened(item))}))
    return rows


def prefixed(owner: Mapping[str, CellValue]) -> Cells:
    """The columns of the owning device, told apart from those of what it owns."""
    return {f"device.{key.removeprefix('device_')}": value for key, value in owner.items()}


FIELDS = {
    "name": "hostname",
    "device_name": "hostname",
    "aliases": "alias",
    "asset_no": "asset_tag",
    "building": "location",
    "category": "category",
    "cpucore": "cores_per_socket",
    "cpucount": "cpu_sockets",
    "total_cpus": "cpu_cores",
    "cpuspeed": "cpu_speed",
    "customer": "business_unit",
    "device_id": "external_id",
    "device_sub_type": "asset_subtype",
    "hddcount": "disk_count",
    "hddsize": "storage_gb",
    "hw_model": "model",
    "in_service": "status",
    "ip_addresses": "ip_address",
    "is_it_switch": "asset_type",
    "is_it_virtual_host": "is_hypervisor",
    "last_updated": "last_discovered",
    "mac_addresses": "mac_address",
    "manufacturer": "manufacturer",
    "notes": "description",
    "os": "os_name",
    "osver": "os_version",
    "osarch": "os_architecture",
    "osverno": "kernel_version",
    "rack": "rack",
    "ram": "memory_mb",
    "room": "room",
    "serial_no": "serial_number",
    "service_level": "environment",
    "tags": "tags",
    "type": "virtual_or_physical",
    "uuid": "uuid",
    "virtual_host_name": "hypervisor_host",
}
WITHOUT_FIELD = names_in("""
    corethread custom_fields customer_id device_external_links device_purchase_line_items hdd_details hddraid
    hddraid_type hw_depth hw_model_id hw_size id is_it_blade_host nonauthoritativealiases orientation rack_id row
    start_at ucs_manager where xpos ram_size_type hdd_size_type device_url tz_name virtual_subtype
    virtual_host_device_id blade_chassis blade_host_name blade_slot_number first_added end_of_life
    end_of_support contract_expiration os_name_id osversion_no resource_group
""")
PARTS_WITHOUT_FIELD = names_in("""
    device.id device.name subnet subnet_id macaddress ip label type mac vlan port_name port available notes tags
""")


def aliases() -> dict[tuple[str, str], str]:
    """(sheet, header) to field, "" for columns that no field stands for."""
    found = {(DEVICES, header): "" for header in WITHOUT_FIELD}
    found |= {(sheet, header): "" for sheet in ADDRESSES for header in PARTS_WITHOUT_FIELD}
    return {**found, **{(DEVICES, header): field for header, field in FIELDS.items()}}


IMPORTER = Importer(
    name="device42",
    title="Device42 devices (.json)",
    recognises=recognises,
    reads=reads,
    aliases=aliases(),
    units={(DEVICES, "ram"): "MB", (DEVICES, "hddsize"): "GB"},
)
