"""Google Migration Center: the CSV files that are filled in by hand (vmInfo, diskInfo, tagInfo), in a zip.

Disks are known by number and sum, so diskInfo lists machines with one disk; the sums of all stand in vmInfo.
"""

import tempfile
import zipfile
from collections.abc import Sequence
from typing import IO

from masterflow.inventory.exporting import (
    SEPARATOR,
    WINDOWS,
    Exported,
    Exporter,
    Part,
    Rows,
    Value,
    Writer,
    family_of,
    gib_of,
    missing,
)
from masterflow.inventory.types import Asset

VM_INFO = (
    "MachineId", "MachineName", "PrimaryIPAddress", "PublicIPAddress", "IpAddressListSemiColonDelimited",
    "TotalDiskAllocatedGiB", "TotalDiskUsedGiB", "MachineTypeLabel", "AllocatedProcessorCoreCount", "MemoryGiB",
    "HostingLocation", "OsType", "OsPublisher", "OsName", "OsVersion", "MachineStatus", "ProvisioningState",
    "CreateDate", "IsPhysical", "Source",
)  # fmt: skip
DISK_INFO = ("MachineId", "DiskLabel", "SizeInGib", "UsedInGib", "StorageTypeLabel")
TAG_INFO = ("MachineId", "Key", "Value")
KEPT_IN_MEMORY = 1_048_576  # bytes of each file before it goes to disk


class _Writer(Writer):
    """Three tables side by side: a zip takes its files one after the other, so they wait in temporary files."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._files: dict[str, IO[bytes]] = {}
        self._machines = self._table("vmInfo.csv", VM_INFO)
        self._disks = self._table("diskInfo.csv", DISK_INFO)
        self._tags = self._table("tagInfo.csv", TAG_INFO)

    def _table(self, name: str, header: Sequence[str]) -> Rows:
        self._files[name] = tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY)  # noqa: SIM115 - closed by close()
        return Rows(self._files[name], header)

    def asset(self, exported: Exported) -> str | None:
        asset = exported.asset
        lacking = missing({"cores": asset.cpu_cores, "memory": asset.memory_mib})
        if lacking:
            return lacking
        machine = str(asset.id)
        self._machines.add(_machine(asset))
        if asset.disk_count == 1 and asset.disk_capacity_mib:
            used = gib_of(asset.storage_used_mib)
            self._disks.add((machine, "disk 1", gib_of(asset.disk_capacity_mib), used, None))
        for name in exported.applications:
            self._tags.add((machine, "application", name))
        if asset.environment:
            self._tags.add((machine, "environment", asset.environment))
        return None

    def close(self) -> None:
        for table in (self._machines, self._disks, self._tags):
            table.close()
        with zipfile.ZipFile(self._target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, file in self._files.items():
                file.seek(0)
                with archive.open(name, "w") as entry:
                    while chunk := file.read(KEPT_IN_MEMORY):
                        entry.write(chunk)
                file.close()


def _machine(asset: Asset) -> Sequence[Value]:
    addresses = asset.ip_addresses
    family = family_of(asset.operating_system)
    return (
        str(asset.id), asset.name, addresses[0] if addresses else None, None,
        SEPARATOR.strip().join(addresses) or None, gib_of(asset.disk_capacity_mib), gib_of(asset.storage_used_mib),
        asset.model, asset.cpu_cores, gib_of(asset.memory_mib), asset.datacenter,
        None if family is None else "Windows" if family == WINDOWS else "Linux", None, asset.operating_system,
        asset.os_version, asset.power_state, None, None,
        None if asset.virtual is None else "false" if asset.virtual else "true", asset.hypervisor,
    )  # fmt: skip


EXPORTER = Exporter(
    name="google_migration_center",
    title="Google Migration Center tables vmInfo, diskInfo and tagInfo (ZIP of CSV)",
    file_name="google-migration-center.zip",
    media_type="application/zip",
    carries=(Part.SERVERS,),
    opens=_Writer,
)
