"""What the assessment rules need to know of one server, taken from the inventory's asset.

Sizes are MiB. Everything may be unknown; nothing is assumed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from masterflow.analysis.eol.operating_systems import identify_os, identify_os_from_texts
from masterflow.analysis.eol.support import UNKNOWN_PRODUCT, ProductMatch
from masterflow.analysis.eol.texts import guest_detail
from masterflow.inventory.types import Asset, AssetType, Criticality, Environment

MIB_PER_GIB = 1024
MIB_PER_TIB = 1024 * MIB_PER_GIB
POWERED_OFF = frozenset({"poweredoff", "powered off", "off", "stopped"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """One server as the rules see it; `concerns` are codes such as "disk.rdm" that its sources showed."""

    name: str
    os_text: str | None = None
    os: ProductMatch = field(default=UNKNOWN_PRODUCT)
    virtual: bool | None = None
    hypervisor: str | None = None
    power_state: str | None = None
    hostname: str | None = None
    ip_addresses: tuple[str, ...] = ()
    cpu_cores: int | None = None
    memory_mib: int | None = None
    disk_mib: int | None = None
    runs_database: bool | None = None
    environment: Environment | None = None
    criticality: Criticality | None = None
    owner: str | None = None
    cpu_p95_pct: float | None = None
    cpu_max_pct: float | None = None
    concerns: frozenset[str] = frozenset()

    @property
    def disk_tib(self) -> float | None:
        """The disk capacity in TiB."""
        return None if self.disk_mib is None else self.disk_mib / MIB_PER_TIB

    @property
    def powered_off(self) -> bool:
        """Whether its source says that it does not run."""
        return (self.power_state or "").casefold() in POWERED_OFF


def server_facts(asset: Asset) -> ServerFacts:
    """The rules' view of an inventory asset."""
    return ServerFacts(
        name=asset.name,
        os_text=asset.operating_system,
        os=operating_system_of(asset),
        virtual=asset.virtual if asset.virtual is not None else _virtual_by_type(asset),
        hypervisor=asset.hypervisor,
        power_state=asset.power_state,
        hostname=asset.hostname or asset.fqdn,
        ip_addresses=asset.ip_addresses,
        cpu_cores=asset.cpu_cores,
        memory_mib=asset.memory_mib,
        disk_mib=_first(asset.disk_capacity_mib, asset.storage_provisioned_mib),
        runs_database=True if asset.asset_type is AssetType.DATABASE else None,
        environment=asset.environment,
        criticality=asset.criticality,
        owner=asset.business_owner or asset.technical_owner,
        cpu_p95_pct=None if asset.cpu_p95_pct is None else float(asset.cpu_p95_pct),
        cpu_max_pct=None if asset.cpu_max_pct is None else float(asset.cpu_max_pct),
        concerns=frozenset(asset.concerns),
    )


def operating_system_of(asset: Asset) -> ProductMatch:
    """The operating system that an asset's text, version and guest details name together."""
    details = (v for v in asset.attributes.values() if guest_detail(v))
    by_texts = identify_os_from_texts([asset.operating_system, *details])
    if by_texts.release or not asset.os_version:
        return by_texts
    return identify_os(asset.operating_system or asset.os_version, version=asset.os_version)


def total_disk_mib(servers: Iterable[ServerFacts]) -> int | None:
    """The disk capacity of all servers together; None when that of none is known."""
    known = [s.disk_mib for s in servers if s.disk_mib is not None]
    return sum(known) if known else None


def _virtual_by_type(asset: Asset) -> bool | None:
    return True if asset.asset_type is AssetType.VIRTUAL_MACHINE else None


def _first(*values: int | None) -> int | None:
    return next((v for v in values if v is not None), None)
