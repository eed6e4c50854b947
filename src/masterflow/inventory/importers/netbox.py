"""NetBox: dumps of its database (manage.py dumpdata) and answers of its API, as JSON.

Devices and virtual machines are one row each, with the names of what they refer to: in a dump the references are
numbers and are followed, in an answer of the API the names stand there. Network interfaces are a sheet of their own. A
device need not be a server: its role says what it is for.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files.cells import cleaned
from masterflow.inventory.files.json_documents import (
    Cells,
    JsonObject,
    cell_of,
    details,
    dig,
    flattened,
    json_of,
    listed,
    objects,
    table_of,
)
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.secrets import KeptBack
from masterflow.inventory.files.unread import json_with
from masterflow.inventory.files.vendor_columns import names_in
from masterflow.inventory.reading import CellValue, FileHead, FileRead, Importer, Reject

CERTAIN = 0.95
DEVICES, MACHINES, INTERFACES = "devices", "virtual_machines", "interfaces"
DEVICE, MACHINE = "dcim.device", "virtualization.virtualmachine"
INTERFACE_MODELS = {"dcim.interface": "device", "virtualization.vminterface": "virtual_machine"}
REFERENCES = {
    "tenant": "tenancy.tenant",
    "platform": "dcim.platform",
    "site": "dcim.site",
    "location": "dcim.location",
    "rack": "dcim.rack",
    "cluster": "virtualization.cluster",
    "device_role": "dcim.devicerole",
    "role": "dcim.devicerole",
    "device": DEVICE,
    "virtual_chassis": "dcim.virtualchassis",
}
FURTHER = {
    ("device_type", "manufacturer"): ("dcim.devicetype", "dcim.manufacturer", "name"),
    ("site", "region"): ("dcim.site", "dcim.region", "name"),
    ("cluster", "type"): ("virtualization.cluster", "virtualization.clustertype", "name"),
    ("cluster", "group"): ("virtualization.cluster", "virtualization.clustergroup", "name"),
}  # what the thing referred to refers to
ADDRESSES = ("primary_ip4", "primary_ip6", "oob_ip")
BEHIND_THE_SCENES = re.compile(r"_|display_url$|url$|lft$|rght$|tree_id$|level$|local_context_data$|config_context$")
DISK_UNIT_SINCE_4_1 = "MB"  # that version also gave virtual machines a serial number; before, disks were in GB

is_dump = json_with(
    r'"model"\s*:\s*"(dcim|ipam|virtualization|circuits|tenancy|extras|vpn|wireless)\.\w+"', r'"pk"\s*:'
)
is_any_dump = json_with(r'\A\s*\[\s*\{\s*"model"\s*:\s*"\w+\.\w+"\s*,\s*"(pk|fields)"\s*:')
is_answer = json_with(r'"url"\s*:\s*"[^"]{0,300}/api/(dcim/devices|virtualization/virtual-machines)/\d+/"')

SEARCH_BYTES = 1024 * 1024

Keyed = Mapping[str, Mapping[str, JsonObject]]  # model → key → fields


@dataclass(frozen=True, slots=True)
class Found:
    """What is recognised of an inventory: rows by sheet, and what is to be said of them."""

    devices: Sequence[tuple[int, Cells]]
    machines: Sequence[tuple[int, Cells]]
    interfaces: Sequence[tuple[int, Cells]] = ()
    traits: Mapping[str, str] | None = None


def recognises(head: FileHead) -> float:
    """A dump by its models, an answer of the API by the addresses of its objects."""
    return CERTAIN if is_dump(head) or is_answer(head) or is_dump_further_down(head) else 0.0


def is_dump_further_down(head: FileHead) -> bool:
    """Whether a dump of Django comes to devices or virtual machines after what it begins with."""
    if not is_any_dump(head):
        return False
    before = b""
    with head.path.open("rb") as file:
        while chunk := file.read(SEARCH_BYTES):
            if b'"dcim.device"' in before + chunk or b'"virtualization.virtualmachine"' in before + chunk:
                return True
            before = chunk[-64:]
    return False


def reads(head: FileHead) -> FileRead:
    """One row for each device and for each virtual machine, and one for each of their interfaces.

    Raises:
        FileRejected: the file is no valid JSON, or lists neither devices nor virtual machines.
    """
    secrets = KeptBack()
    value = secrets.without(json_of(head))
    found = of_answer(value) if is_answer(head) and not is_any_dump(head) else of_dump(value)
    main = [table_of(head, DEVICES, found.devices), table_of(head, MACHINES, found.machines)]
    sheets = [sheet for sheet in main if sheet.rows]
    if not sheets:
        message = "The NetBox export lists neither devices nor virtual machines."
        hint = "Export /api/dcim/devices/ and /api/virtualization/virtual-machines/, or the dump of the whole database."
        raise FileRejected(Place(head.name), message, hint=hint, code="no_records")
    others, rejects = details(head, {INTERFACES: found.interfaces})
    incomplete = tuple(pages_left_out(head, value))
    return FileRead(
        "netbox", (*sheets, *others), (*incomplete, *rejects), {**(found.traits or {}), **secrets.traits()}, head.name
    )


def pages_left_out(head: FileHead, value: Json) -> Iterator[Reject]:
    """A reject for an answer of the API that goes on at another page."""
    count, results = dig(value, "count"), dig(value, "results")
    if isinstance(count, int) and not isinstance(count, bool) and isinstance(results, list) and count > len(results):
        message = f"The answer holds {len(results)} of {count} objects. Ask for all of them with ?limit=0."
        yield Reject(Place(head.name), "file.incomplete", message)


def of_answer(value: Json) -> Found:
    """The devices and virtual machines among the results of the API, of one answer or of several."""
    devices: list[tuple[int, Cells]] = []
    machines: list[tuple[int, Cells]] = []
    for number, item in enumerate(results_in(value), start=1):
        url = item.get("url")
        kind = DEVICE if isinstance(url, str) and "/dcim/devices/" in url else MACHINE if is_machine(item) else None
        if kind is not None:
            (devices if kind == DEVICE else machines).append((number, answer_row(kind, item)))
    return Found(devices, machines)


def results_in(value: Json) -> Iterator[JsonObject]:
    """The objects of an answer, of a list of answers, or of a bare list of objects."""
    for item in objects(value):
        inner = item.get("results")
        if isinstance(inner, list):
            yield from objects(inner)
        elif "url" in item:
            yield item
        else:
            yield from (one for listing in item.values() if isinstance(listing, list) for one in objects(listing))


def is_machine(item: JsonObject) -> bool:
    """Whether an object of the API is a virtual machine."""
    url = item.get("url")
    return isinstance(url, str) and "/virtualization/virtual-machines/" in url


def answer_row(kind: str, item: JsonObject) -> dict[str, CellValue]:
    """An object of the API in a row: of what it refers to the names."""
    cells: dict[str, CellValue] = {"content_type": kind}
    for key, value in item.items():
        if BEHIND_THE_SCENES.match(key) or key == "display":
            continue
        if key == "tags":
            cells[key] = listed(tag.get("name") for tag in objects(value)) if isinstance(value, list) else None
        elif isinstance(value, dict) and ("id" in value or "value" in value):
            cells.update(dict(named(key, value)))
        else:
            cells.update(dict(flattened({key: value})))
    return with_disk_unit(kind, item, cells)


def named(key: str, value: JsonObject) -> Iterator[tuple[str, CellValue]]:
    """What an object that is referred to is called, with what stands inside it."""
    for inner in ("name", "address", "model", "value"):
        if inner in value:
            yield f"{key}.{inner}", cell_of(value[inner])
    manufacturer = value.get("manufacturer")
    if isinstance(manufacturer, dict):
        yield f"{key}.manufacturer.name", cell_of(manufacturer.get("name"))
    if not {"name", "address", "model", "value"} & value.keys():
        yield f"{key}.name", cell_of(value.get("display"))


def with_disk_unit(kind: str, fields: JsonObject, cells: dict[str, CellValue]) -> dict[str, CellValue]:
    """The size of the disk with its unit where the version of NetBox counts in MB."""
    if kind == MACHINE and "serial" in fields and isinstance(cells.get("disk"), int):
        cells["disk"] = f"{cells['disk']} {DISK_UNIT_SINCE_4_1}"
    return cells


def of_dump(value: Json) -> Found:
    """The devices and virtual machines of a dump, with the references followed."""
    keyed = by_key(objects(value))
    cards = cards_of(keyed)
    addresses = addresses_of(keyed)
    rows: dict[str, list[tuple[int, Cells]]] = {DEVICE: [], MACHINE: []}
    for number, item in enumerate(objects(value), start=1):
        kind, fields = str(item.get("model")), item.get("fields")
        if kind in rows and isinstance(fields, dict):
            key = key_of(item.get("pk"))
            row = {"content_type": kind, "id": cell_of(item.get("pk")), **dict(dump_cells(keyed, fields))}
            row["interfaces.mac_address"] = listed(macs_of(keyed, cards[kind, key]))
            row["ip_addresses.address"] = listed(addresses[kind, key])
            rows[kind].append((number, with_disk_unit(kind, fields, row)))
    models = Counter({model: len(inside) for model, inside in keyed.items() if model not in (DEVICE, MACHINE)})
    traits = {"beside": ", ".join(f"{str(cleaned(name))[:60]}: {count}" for name, count in models.most_common(12))}
    return Found(rows[DEVICE], rows[MACHINE], interface_rows(keyed), traits if models else {})


def by_key(items: Iterable[JsonObject]) -> Keyed:
    """The fields of every object of a dump, by model and key."""
    keyed: dict[str, dict[str, JsonObject]] = defaultdict(dict)
    for item in items:
        fields, model = item.get("fields"), item.get("model")
        if isinstance(fields, dict) and isinstance(model, str):
            keyed[model][key_of(item.get("pk"))] = fields
    return dict(keyed)


def key_of(value: Json) -> str:
    """A key as text: numbers and texts mean the same object."""
    return str(value) if isinstance(value, int | str) else ""


def at(keyed: Keyed, model: str, key: Json) -> JsonObject:
    """The fields of an object that is referred to; none when the dump lacks it."""
    return keyed.get(model, {}).get(key_of(key), {})


def dump_cells(keyed: Keyed, fields: JsonObject) -> Iterator[tuple[str, CellValue]]:
    """The fields of a device or virtual machine, with the names of what they refer to."""
    for name, value in fields.items():
        if BEHIND_THE_SCENES.match(name):
            continue
        if name == "device_type":
            yield "device_type.model", cell_of(at(keyed, "dcim.devicetype", value).get("model"))
        elif name in ADDRESSES:
            yield f"{name}.address", cell_of(at(keyed, "ipam.ipaddress", value).get("address"))
        elif name in REFERENCES:
            yield f"{name}.name", cell_of(at(keyed, REFERENCES[name], value).get("name"))
        else:
            yield from flattened({"custom_fields" if name == "custom_field_data" else name: value})
    for (name, inner), (model, further, what) in FURTHER.items():
        if name in fields:
            reference = at(keyed, model, fields[name]).get(inner)
            yield f"{name}.{inner}.{what}", cell_of(at(keyed, further, reference).get(what))


def cards_of(keyed: Keyed) -> Mapping[tuple[str, str], list[tuple[str, str]]]:
    """The interfaces, as (model, key), of each device and virtual machine."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for model, owner in INTERFACE_MODELS.items():
        kind = DEVICE if owner == "device" else MACHINE
        for key, fields in keyed.get(model, {}).items():
            found[kind, key_of(fields.get(owner))].append((model, key))
    return found


def macs_of(keyed: Keyed, cards: Iterable[tuple[str, str]]) -> Iterator[Json]:
    """The hardware addresses of interfaces; since NetBox 4.2 they are objects of their own."""
    assigned: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for address in keyed.get("dcim.macaddress", {}).values():
        assigned[assigned_to(address)].append(address.get("mac_address"))
    for model, key in cards:
        yield from (at(keyed, model, key).get("mac_address"), *assigned[model, key])


def assigned_to(fields: JsonObject) -> tuple[str, str]:
    """The interface, as (model, key), that an address belongs to; dumps name the model by its natural key."""
    model = fields.get("assigned_object_type")
    name = ".".join(str(part) for part in model) if isinstance(model, list) else str(model)
    return name, key_of(fields.get("assigned_object_id"))


def addresses_of(keyed: Keyed) -> Mapping[tuple[str, str], list[Json]]:
    """All addresses of each device and virtual machine."""
    found: dict[tuple[str, str], list[Json]] = defaultdict(list)
    for address in keyed.get("ipam.ipaddress", {}).values():
        model, key = assigned_to(address)
        owner = INTERFACE_MODELS.get(model)
        if owner is not None:
            kind = DEVICE if owner == "device" else MACHINE
            found[kind, key_of(at(keyed, model, key).get(owner))].append(address.get("address"))
    return found


def interface_rows(keyed: Keyed) -> list[tuple[int, Cells]]:
    """Every interface, with the device or virtual machine it belongs to."""
    rows: list[tuple[int, Cells]] = []
    for model, owner in INTERFACE_MODELS.items():
        kind = DEVICE if owner == "device" else MACHINE
        for fields in keyed.get(model, {}).values():
            of_whom = at(keyed, kind, fields.get(owner)).get("name")
            plain = {key: value for key, value in fields.items() if key in INTERFACE_HEADERS}
            cells = {f"{owner}.id": cell_of(fields.get(owner)), f"{owner}.name": cell_of(of_whom)}
            rows.append((len(rows) + 1, {**cells, **dict(flattened(plain))}))
    return rows


INTERFACE_HEADERS = names_in("name label description type enabled mgmt_only mac_address mtu mode speed duplex wwn")
FIELDS = {
    "id": "external_id",
    "name": "hostname",
    "serial": "serial_number",
    "asset_tag": "asset_tag",
    "status": "status",
    "status.value": "status",
    "device_type.model": "model",
    "device_type.manufacturer.name": "manufacturer",
    "platform.name": "os_name",
    "site.name": "datacenter",
    "location.name": "room",
    "rack.name": "rack",
    "cluster.name": "cluster",
    "cluster.type.name": "virtualization_platform",
    "tenant.name": "business_unit",
    "primary_ip4.address": "ip_address",
    "primary_ip.address": "ip_address",
    "primary_ip6.address": "ipv6_address",
    "ip_addresses.address": "ip_addresses_all",
    "interfaces.mac_address": "mac_address",
    "description": "description",
    "comments": "comments",
    "tags": "tags",
    "created": "first_discovered",
}
OF_DEVICES = {"role.name": "asset_type", "device_role.name": "asset_type"}
OF_MACHINES = {
    "content_type": "asset_type",
    "role.name": "role",
    "device.name": "hypervisor_host",
    "vcpus": "cpu_cores",
    "memory": "memory_mb",
    "disk": "storage_gb",
}
WITHOUT_FIELD = names_in("""
    content_type position face face.value face.label airflow airflow.value site.region.name cluster.group.name
    parent_device.name virtual_chassis.name vc_position vc_priority latitude longitude custom_fields last_updated
    oob_ip.address config_template.name console_port_count console_server_port_count power_port_count
    power_outlet_count interface_count front_port_count rear_port_count device_bay_count module_bay_count
    inventory_item_count virtual_disk_count start_on_boot start_on_boot.value owner.name
""")


def aliases() -> dict[tuple[str, str], str]:
    """(sheet, header) to field, "" for columns that no field stands for."""
    main = {(sheet, header): "" for sheet in (DEVICES, MACHINES) for header in WITHOUT_FIELD}
    main |= {(sheet, header): field for sheet in (DEVICES, MACHINES) for header, field in FIELDS.items()}
    main |= {(DEVICES, header): field for header, field in OF_DEVICES.items()}
    main |= {(MACHINES, header): field for header, field in OF_MACHINES.items()}
    owners = [f"{owner}.{what}" for owner in INTERFACE_MODELS.values() for what in ("id", "name")]
    return {**main, **{(INTERFACES, header): "" for header in (*INTERFACE_HEADERS, *owners)}}


IMPORTER = Importer(
    name="netbox",
    title="NetBox dump or API answer (.json)",
    recognises=recognises,
    reads=reads,
    aliases=aliases(),
    units={(MACHINES, "memory"): "MiB", (MACHINES, "disk"): "GB"},
)
