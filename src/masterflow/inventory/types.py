"""The estate as values: assets, applications, dependencies, and where every value came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

ImportId = NewType("ImportId", UUID)
AssetId = NewType("AssetId", UUID)
ApplicationId = NewType("ApplicationId", UUID)


class AssetType(StrEnum):
    """The kinds of thing an estate is made of."""

    SERVER = "server"
    VIRTUAL_MACHINE = "virtual_machine"
    HYPERVISOR_HOST = "hypervisor_host"
    DATABASE = "database"
    APPLICATION = "application"
    COMPONENT = "component"
    NETWORK = "network"
    LOAD_BALANCER = "load_balancer"
    STORAGE = "storage"
    CONTAINER = "container"
    OTHER = "other"


SERVER_TYPES = frozenset({AssetType.SERVER, AssetType.VIRTUAL_MACHINE})  # what "servers" counts, everywhere


class Environment(StrEnum):
    """Where a server stands in the life of its application."""

    PRODUCTION = "production"
    STAGING = "staging"
    TEST = "test"
    DEVELOPMENT = "development"
    DISASTER_RECOVERY = "disaster_recovery"


class Criticality(StrEnum):
    """How much the business depends on an application."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class IdentityScheme(StrEnum):
    """What a machine is recognised by, strongest first."""

    VM_UUID = "vm_uuid"
    SMBIOS_UUID = "smbios_uuid"
    VM_ID = "vm_id"  # value is "<vcenter id>/<vm id>": VM ids repeat across vCenters
    INSTANCE_ID = "instance_id"
    SERIAL = "serial"
    FQDN = "fqdn"
    MAC = "mac"
    HOSTNAME_IP = "hostname_ip"
    EXTERNAL_ID = "external_id"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Source:
    """The cell a value was read from. Rows count from 1 as the spreadsheet shows them."""

    file: str
    sheet: str | None
    row: int | None
    column: str | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of one field of one asset as one source states it.

    `rule` names how the raw text became `value`. All facts are kept; `chosen` marks the one the asset shows.
    `confidence` is below 1 where the value was inferred and not stated.
    """

    field: str
    value: str
    source: Source
    rule: str
    unit: str | None = None
    chosen: bool = True
    confidence: float = 1.0  # 0 to 1


@dataclass(frozen=True, slots=True)
class Conflict:
    """Sources that contradict each other about one field; the preferred value is shown, the others are kept.

    `decided_by` and `decided_at` (aware UTC) tell of the person who settled it, if one did.
    """

    asset_name: str
    field: str
    values: tuple[Fact, ...]
    preferred: str
    why: str
    needs_review: bool = False
    asset_id: AssetId | None = None  # the machine's, or the application's: names repeat in an estate
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def id(self) -> str | None:
        """What it is named by; it outlives every rebuild of the estate. None where the machine is not known."""
        return f"{self.asset_id}.{self.field}" if self.asset_id else None


@dataclass(frozen=True, slots=True)
class Identity:
    """One thing a machine can be recognised by."""

    scheme: IdentityScheme
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One machine or other thing of the estate; what is not known is None.

    Sizes are MiB. `attributes` keeps every column that no field was found for. `vm_name` is the name vCenter shows,
    `hostname` and `fqdn` are what the guest calls itself: joins to other sources depend on the difference.
    """

    id: AssetId
    name: str
    asset_type: AssetType
    vm_name: str | None = None
    hostname: str | None = None
    fqdn: str | None = None
    ip_addresses: tuple[str, ...] = ()
    mac_addresses: tuple[str, ...] = ()
    operating_system: str | None = None
    os_version: str | None = None
    cpu_cores: int | None = None
    memory_mib: int | None = None
    storage_provisioned_mib: int | None = None
    storage_used_mib: int | None = None
    disk_capacity_mib: int | None = None
    disk_count: int | None = None
    power_state: str | None = None
    environment: Environment | None = None
    datacenter: str | None = None
    cluster: str | None = None
    host: str | None = None
    folder: str | None = None
    vcenter_id: str | None = None
    business_owner: str | None = None
    technical_owner: str | None = None
    department: str | None = None
    criticality: Criticality | None = None
    serial_number: str | None = None
    vendor: str | None = None
    model: str | None = None
    virtual: bool | None = None
    hypervisor: str | None = None
    cpu_p95_pct: Decimal | None = None
    cpu_max_pct: Decimal | None = None
    annual_cost: Decimal | None = None
    annual_cost_currency: str | None = None
    identities: tuple[Identity, ...] = ()
    facts: tuple[Fact, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    concerns: tuple[str, ...] = ()  # codes such as "disk.rdm", "snapshot", "tools.not_running"

    @property
    def storage_allocated_mib(self) -> int | None:
        """What was set aside for the machine: as provisioned, else the size of its disks, where only that is stated."""
        return self.disk_capacity_mib if self.storage_provisioned_mib is None else self.storage_provisioned_mib


RETIRED = "lifecycle.retired"  # the concern of a machine that a source calls retired
IDLE = "activity.idle"  # the concern of a machine that was observed and does nothing
IN_USE = "activity.in_use"  # beside the concerns: the mark of a machine that was observed and does something
ACTIVITIES = frozenset({IDLE, IN_USE})  # what the analysis of dependencies marks, not the building of the estate


def concerns_of(asset: Asset) -> tuple[str, ...]:
    """The concerns that people are shown: without the mark that a machine is in use, which concerns nobody."""
    return tuple(concern for concern in asset.concerns if concern != IN_USE)


def counts_as_server(asset: Asset) -> bool:
    """Whether an asset is a machine of the living estate: counted, assessed and planned. Retired ones stay listed."""
    return asset.asset_type in SERVER_TYPES and RETIRED not in asset.concerns


class Membership(StrEnum):
    """How sure it is that an asset belongs to an application."""

    STATED = "stated"  # a column of a file names it
    PROPOSED = "proposed"  # inferred from names or folders; a person confirms


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A business application and the assets that run it."""

    id: ApplicationId
    name: str
    variants: tuple[str, ...] = ()
    membership: Membership = Membership.STATED
    asset_ids: tuple[AssetId, ...] = ()
    proposed_asset_ids: tuple[AssetId, ...] = ()  # those of asset_ids that no source states
    criticality: Criticality | None = None
    business_owner: str | None = None
    environment: Environment | None = None
    shared_service: bool = False
    evidence: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


class DependencyKind(StrEnum):
    """Hard dependencies move together or first; soft ones bear a longer line."""

    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """`source` needs `target`; both are applications, or assets where no application is known."""

    source_id: UUID
    target_id: UUID
    kind: DependencyKind
    port: int | None = None
    protocol: str | None = None
    connections: int | None = None
    bytes_total: int | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    confidence: float = 1.0  # 0 to 1
    evidence: tuple[str, ...] = ()
