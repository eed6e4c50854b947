"""Inventories of one machine by a GLPI or FusionInventory agent, as JSON.

A machine is one row; databases, virtual machines, software, disks and network cards on it are sheets of their own. What
an agent collects about people, running processes and environment variables is not read: nobody needs it for a
migration, and secrets stand in it.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files.cells import cleaned
from masterflow.inventory.files.json_documents import (
    Cells,
    JsonObject,
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
from masterflow.inventory.reading import CellValue, FileHead, FileRead, Importer

CERTAIN = 0.95
MACHINES = "computer"
SECTIONS = (
    "accesslog",
    "bios",
    "hardware",
    "network_device",
    "operatingsystem",
    "versionclient",
)  # of which there is one a machine
OF_A_PERSON = re.compile(r"user|owner|contact|winprod|credential|ssh_key", re.IGNORECASE)
TABLES = {
    "databases_services": "databases_services",
    "virtual_machines": "virtualmachines",
    "software": "softwares",
    "networks": "networks",
    "drives": "drives",
    "storages": "storages",
    "memories": "memories",
    "cpus": "cpus",
}
DATABASES = "databases"
MAIN_KEYS = ("name", "type", "version")  # of a database service, beside each of its databases

names_an_inventory = json_with(
    r'"content"\s*:\s*\{',
    r'"(versionclient|deviceid|hardware|network_device|softwares|virtualmachines|databases_services)"\s*:',
    r'"(hardware|bios|operatingsystem|network_device|versionclient|cpus|itemtype|action)"\s*:',
)


def recognises(head: FileHead) -> float:
    """JSON with the sections of an inventory under "content"."""
    return CERTAIN if names_an_inventory(head) else 0.0


def reads(head: FileHead) -> FileRead:
    """One row for the machine, and a sheet for each kind of thing on it.

    Raises:
        FileRejected: the file is no valid JSON, or holds no inventory.
    """
    secrets = KeptBack()
    found = [item for item in objects(json_of(head)) if isinstance(item.get("content"), dict)]
    inventories = [secrets.cleared(item) for item in found]
    sheet = table_of(head, MACHINES, [(number, row_of(item)) for number, item in enumerate(inventories, start=1)])
    if not sheet.rows:
        message = 'The JSON holds no inventory of a machine under "content".'
        hint = "Run the agent with --json and upload what it writes."
        raise FileRejected(Place(head.name), message, hint=hint, code="no_records")
    tables = {name: parts_of(inventories, section) for name, section in TABLES.items()}
    others, rejects = details(head, {**tables, DATABASES: databases_of(inventories)})
    return FileRead("glpi", (sheet, *others), rejects, {**dict(traits_of(inventories)), **secrets.traits()}, head.name)


def row_of(item: JsonObject) -> dict[str, CellValue]:
    """The machine in a row: what there is one of, and what its cards, disks and processors come to."""
    content = item["content"]
    plain: JsonObject = {key: value for key, value in item.items() if not isinstance(value, dict | list)}
    for section in SECTIONS:
        value = dig(content, section)
        if isinstance(value, dict):
            plain[section] = {key: inner for key, inner in value.items() if not OF_A_PERSON.search(key)}
        elif isinstance(value, str):
            plain[section] = value
    return {**dict(flattened(plain)), **dict(summed_up(content))}


def summed_up(content: Json) -> Iterator[tuple[str, CellValue]]:
    """What a machine has of its network cards, processors and disks together."""
    cards = [card for card in section_of(content, "networks") if is_of_the_machine(card)]
    yield "networks.ipaddress", listed(card.get(key) for card in cards for key in ("ipaddress", "ipaddress6"))
    yield "networks.mac", listed(card.get("mac", card.get("macaddr")) for card in cards)
    processors = section_of(content, "cpus")
    if processors:
        yield "cpus.number", len(processors)
        yield "cpus.name", cleaned(str(processors[0].get("name") or ""))
        yield "cpus.core", total(processors, "core", whole)
        yield "cpus.thread", total(processors, "thread", whole)
    disks = [disk for disk in section_of(content, "storages") if is_fixed_disk(disk)]
    if disks:
        yield "storages.number", len(disks)
        yield "storages.disksize", total(disks, "disksize", whole)


def section_of(content: Json, name: str) -> list[JsonObject]:
    """The things of one kind on a machine."""
    found = dig(content, name)
    return objects(found) if isinstance(found, list | dict) else []


def whole(value: Json) -> int | None:
    """A whole number, also one written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


def total(items: Sequence[JsonObject], key: str, number_of: Callable[[Json], int | None]) -> CellValue:
    """The sum of a number that every item states; None when one of them does not."""
    numbers = [number for item in items if (number := number_of(item.get(key))) is not None]
    return sum(numbers) if numbers and len(numbers) == len(items) else None


def is_of_the_machine(card: JsonObject) -> bool:
    """Whether a network card is neither loopback nor a bridge or tunnel that every host of containers has alike."""
    return card.get("virtualdev") not in (True, 1, "1") and card.get("type") != "loopback"


def is_fixed_disk(disk: JsonObject) -> bool:
    """Whether a storage is a disk of the machine: no optical drive, no stick, no tape."""
    kind = f"{disk.get('type') or ''} {disk.get('description') or ''} {disk.get('model') or ''}".casefold()
    return not re.search(r"cd-?rom|dvd|optical|removable|usb|tape|floppy|card reader", kind)


def owner_of(item: JsonObject) -> dict[str, CellValue]:
    """What a machine is called and recognised by, for the rows of its parts."""
    device, name = item.get("deviceid"), dig(item["content"], "hardware", "name")
    return {
        "deviceid": cleaned(device) if isinstance(device, str) else None,
        "hardware.name": cleaned(name) if isinstance(name, str) else None,
    }


def parts_of(inventories: Sequence[JsonObject], section: str) -> list[tuple[int, Cells]]:
    """The rows of one section, each with its machine."""
    rows: list[tuple[int, Cells]] = []
    for item in inventories:
        for number, part in enumerate(section_of(item["content"], section), start=1):
            plain = {key: value for key, value in part.items() if key != DATABASES and not OF_A_PERSON.search(key)}
            rows.append((number, {**owner_of(item), **dict(flattened(plain))}))
    return rows


def databases_of(inventories: Sequence[JsonObject]) -> list[tuple[int, Cells]]:
    """Every database, with its machine and the service it belongs to."""
    rows: list[tuple[int, Cells]] = []
    for item in inventories:
        for service in section_of(item["content"], "databases_services"):
            of_service = dict(flattened({f"service.{key}": service[key] for key in MAIN_KEYS if key in service}))
            for database in section_of(service, DATABASES):
                rows.append((len(rows) + 1, {**owner_of(item), **of_service, **dict(flattened(database))}))
    return rows


def traits_of(inventories: Sequence[JsonObject]) -> Iterator[tuple[str, str]]:
    """Sections that are not read, with how many things they hold; and whether an inventory says it is partial."""
    known = {*SECTIONS, *TABLES.values()}
    left_out = [
        f"{str(cleaned(name) or 'unnamed')[:40]}: {len(objects(value))}"
        for item in inventories
        if isinstance(content := item["content"], dict)
        for name, value in content.items()
        if name not in known
    ]
    if left_out:
        yield "left_out", ", ".join(left_out[:40])
    if any(item.get("partial") is True for item in inventories):
        yield "partial", "the agent sent only some sections"


FIELDS = {
    "deviceid": "external_id",
    "itemtype": "asset_type",
    "tag": "tags",
    "hardware.name": "hostname",
    "hardware.uuid": "uuid",
    "hardware.memory": "memory_mb",
    "hardware.vmsystem": "virtual_or_physical",
    "hardware.defaultgateway": "default_gateway",
    "hardware.dns": "dns_servers",
    "hardware.workgroup": "domain",
    "hardware.description": "description",
    "bios.ssn": "serial_number",
    "bios.smanufacturer": "manufacturer",
    "bios.smodel": "model",
    "bios.assettag": "asset_tag",
    "bios.skunumber": "model_number",
    "operatingsystem.full_name": "os_name",
    "operatingsystem.name": "os_name",
    "operatingsystem.version": "os_version",
    "operatingsystem.service_pack": "os_service_pack",
    "operatingsystem.arch": "os_architecture",
    "operatingsystem.fqdn": "fqdn",
    "operatingsystem.dns_domain": "domain",
    "operatingsystem.kernel_version": "kernel_version",
    "operatingsystem.boot_time": "last_boot",
    "operatingsystem.install_date": "install_date",
    "operatingsystem.timezone.name": "timezone",
    "accesslog.logdate": "last_discovered",
    "versionclient": "discovery_source",
    "network_device.name": "hostname",
    "network_device.type": "asset_subtype",
    "network_device.ips": "ip_address",
    "network_device.mac": "mac_address",
    "network_device.manufacturer": "manufacturer",
    "network_device.model": "model",
    "network_device.serial": "serial_number",
    "network_device.location": "location",
    "network_device.description": "description",
    "networks.ipaddress": "ip_addresses_all",
    "networks.mac": "mac_address",
    "cpus.number": "cpu_sockets",
    "cpus.name": "cpu_model",
    "cpus.core": "physical_cores",
    "cpus.thread": "cpu_cores",
    "storages.number": "disk_count",
    "storages.disksize": "storage_gb",
}
WITHOUT_FIELD = names_in("""
    action partial bios.bdate bios.bmanufacturer bios.bversion bios.mmanufacturer bios.mmodel bios.msn bios.biosserial
    bios.enclosureserial hardware.chassis_type hardware.swap hardware.checksum hardware.etime hardware.processorn
    hardware.processors hardware.processort hardware.winprodid hardware.winprodkey hardware.wincompany
    hardware.vmid hardware.vmhostserial hardware.vmname operatingsystem.hostid operatingsystem.kernel_name
    operatingsystem.timezone.offset operatingsystem.ssh_key operatingsystem.edition accesslog.userid jobid query
    network_device.firmware network_device.uptime network_device.ram network_device.memory network_device.contact
    network_device.credentials network_device.id network_device.comments network_device.assettag network_device.cpu
""")
PART_FIELDS = {
    ("databases_services", "name"): "database_instance",
    ("databases_services", "version"): "database_version",
    (DATABASES, "name"): "database_instance",
    (DATABASES, "service.version"): "database_version",
    (DATABASES, "size"): "database_size_mb",
    ("drives", "type"): "mount_point",
    ("drives", "volumn"): "disk_name",
    ("drives", "total"): "partition_capacity_mb",
    ("drives", "free"): "partition_free_mb",
    ("storages", "name"): "disk_name",
    ("storages", "disksize"): "disk_capacity_gb",
    ("networks", "description"): "nic_name",
    ("networks", "type"): "nic_type",
}
PARTS_WITHOUT_FIELD = {
    "databases_services": "name type version manufacturer port path size is_active is_onbackup last_boot_date"
    " last_backup_date comment instances",
    DATABASES: "name size update_date creation_date last_backup_date is_active is_onbackup service.name service.type",
    "virtual_machines": "name uuid image status subsystem vmtype memory vcpu mac serial ipaddress operatingsystem"
    " operatingsystem.name operatingsystem.full_name operatingsystem.version comment vmid drives",
    "software": "name version publisher arch comments filesize folder from guid helplink install_date"
    " no_remove release_type system_category uninstall_string url_info_about version_major version_minor entry"
    " installdate is_manual language",
    "networks": "aggregate bssid description driver firmware ipaddress ipaddress6 ipdhcp ipgateway ipmask ipmask6"
    " ipsubnet ipsubnet6 mac macaddr management manufacturer model mtu pciid pcislot pnpdeviceid slaves speed ssid"
    " status type virtualdev wifi_bssid wifi_mode wifi_ssid wifi_version wwn",
    "drives": "createdate description encrypt_algo encrypt_name encrypt_status encrypt_type filesystem free label"
    " letter serial systemdrive total type volumn",
    "storages": "description disksize encrypt_algo encrypt_name encrypt_status encrypt_type firmware interface"
    " manufacturer model name scsi_chid scsi_coid scsi_lun scsi_unid serial serialnumber type wwn",
    "memories": "capacity caption description manufacturer memorycorrection model numslots serialnumber speed type"
    " removable",
    "cpus": "arch core corecount description external_clock familyname familynumber id manufacturer model name serial"
    " speed stepping thread",
}


def aliases() -> dict[tuple[str, str], str]:
    """(sheet, header) to field, "" for columns that no field stands for."""
    found = {(MACHINES, header): "" for header in WITHOUT_FIELD}
    found |= {(MACHINES, header): field for header, field in FIELDS.items()}
    for sheet, headers in PARTS_WITHOUT_FIELD.items():
        found |= {(sheet, header): "" for header in ("deviceid", "hardware.name", *headers.split())}
    return {**found, **PART_FIELDS}


IMPORTER = Importer(
    name="glpi",
    title="Inventory by a GLPI or FusionInventory agent (.json)",
    recognises=recognises,
    reads=reads,
    aliases=aliases(),
    units={
        (MACHINES, "hardware.memory"): "MiB",
        (MACHINES, "storages.disksize"): "MB",
        ("storages", "disksize"): "MB",
        ("drives", "total"): "MB",
        ("drives", "free"): "MB",
        (DATABASES, "size"): "MB",
    },
)
