"""Azure Migrate: its import template for servers (learn.microsoft.com, "Build assessment with imported data").

The template requires a name, cores, memory and an operating system, and takes 20,000 servers. It describes disks one by
one; the estate knows their number and sum, so a size is written only where there is one disk.
"""

from collections.abc import Sequence
from typing import IO

from masterflow.inventory.exporting import Exported, Exporter, Part, Servers, Value, gib_of, missing
from masterflow.inventory.types import Asset

MOST_SERVERS = 20_000
DISKS = 8
_DISK = (
    "size (In GB)", "read throughput (MB per second)", "write throughput (MB per second)",
    "read ops (operations per second)", "write ops (operations per second)",
)  # fmt: skip
HEADERS = (
    "*Server name", "IP addresses", "*Cores", "*Memory (In MB)", "*OS name", "OS version", "OS architecture",
    "Server type", "Hypervisor", "CPU utilization percentage", "Memory utilization percentage", "Network adapters",
    "Network In throughput", "Network Out throughput", "Boot type", "Number of disks", "Storage in use (In GB)",
    *(f"Disk {number} {of}" for number in range(1, DISKS + 1) for of in _DISK),
)  # fmt: skip
UNKNOWN = 40 - 1  # columns of disks after the size of the first


class _Servers(Servers):
    def __init__(self, target: IO[bytes]) -> None:
        self._count = 0
        super().__init__(target, HEADERS, self._row_of)

    def _row_of(self, exported: Exported) -> Sequence[Value] | str:
        lacking = missing(_required(exported.asset))
        if lacking:
            return lacking
        if self._count >= MOST_SERVERS:
            return f"the template takes {MOST_SERVERS:,} servers; export the others by themselves"
        self._count += 1
        return _row(exported.asset)


def _required(asset: Asset) -> dict[str, Value]:
    return {
        "a name": asset.name,
        "cores": asset.cpu_cores,
        "memory": asset.memory_mib,
        "an operating system": asset.operating_system,
    }


def _row(asset: Asset) -> Sequence[Value]:
    kind = None if asset.virtual is None else "Virtual" if asset.virtual else "Physical"
    one_disk = gib_of(asset.disk_capacity_mib) if asset.disk_count == 1 else None
    return (
        asset.name, asset.ip_addresses, asset.cpu_cores, asset.memory_mib, asset.operating_system, asset.os_version,
        None, kind, asset.hypervisor, asset.cpu_p95_pct, None, None, None, None, None, asset.disk_count,
        gib_of(asset.storage_used_mib), one_disk, *[None] * UNKNOWN,
    )  # fmt: skip


EXPORTER = Exporter(
    name="azure_migrate",
    title="Azure Migrate import template (CSV)",
    file_name="azure-migrate-import.csv",
    media_type="text/csv",
    carries=(Part.SERVERS,),
    opens=_Servers,
)
