"""The columns in which an asset leaves for spreadsheets: headers in words that our own importers read back."""

from collections.abc import Callable

import orjson

from masterflow.inventory.exporting import Exported, Value
from masterflow.inventory.types import Asset, concerns_of

ATTRIBUTES = "Other columns (JSON)"
COLUMNS: tuple[tuple[str, Callable[[Asset], Value]], ...] = (
    ("Server name", lambda a: a.name),
    ("Asset type", lambda a: a.asset_type),
    ("VM name", lambda a: a.vm_name),
    ("Guest calls itself", lambda a: a.hostname),
    ("FQDN", lambda a: a.fqdn),
    ("IP addresses", lambda a: a.ip_addresses),
    ("MAC addresses", lambda a: a.mac_addresses),
    ("Operating system", lambda a: a.operating_system),
    ("OS version", lambda a: a.os_version),
    ("CPU cores", lambda a: a.cpu_cores),
    ("Memory (MiB)", lambda a: a.memory_mib),
    ("Storage (MiB)", lambda a: a.disk_capacity_mib),
    ("Storage provisioned (MiB)", lambda a: a.storage_provisioned_mib),
    ("Storage used (MiB)", lambda a: a.storage_used_mib),
    ("Disk count", lambda a: a.disk_count),
    ("Power state", lambda a: a.power_state),
    ("Environment", lambda a: a.environment),
    ("Criticality", lambda a: a.criticality),
    ("Business owner", lambda a: a.business_owner),
    ("Technical owner", lambda a: a.technical_owner),
    ("Department", lambda a: a.department),
    ("Datacenter", lambda a: a.datacenter),
    ("Cluster", lambda a: a.cluster),
    ("Hypervisor host", lambda a: a.host),
    ("Folder", lambda a: a.folder),
    ("Serial number", lambda a: a.serial_number),
    ("Manufacturer", lambda a: a.vendor),
    ("Model", lambda a: a.model),
    ("Virtual or physical", lambda a: None if a.virtual is None else "virtual" if a.virtual else "physical"),
    ("Virtualization platform", lambda a: a.hypervisor),
    ("CPU utilization p95 (%)", lambda a: a.cpu_p95_pct),
    ("CPU utilization max (%)", lambda a: a.cpu_max_pct),
    ("Annual cost", lambda a: a.annual_cost),
    ("Annual cost currency", lambda a: a.annual_cost_currency),
    ("Concerns", concerns_of),
    (ATTRIBUTES, lambda a: orjson.dumps(dict(a.attributes)).decode() if a.attributes else None),
    ("Masterflow id", lambda a: str(a.id)),
)
APPLICATION = "Application"
HEADERS = (*(header for header, _ in COLUMNS), APPLICATION)


def values_of(exported: Exported) -> tuple[Value, ...]:
    """The cells of one asset, in the order of `HEADERS`."""
    return (*(value(exported.asset) for _, value in COLUMNS), exported.applications or None)
