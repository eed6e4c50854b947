"""What can be asked of the estate, and the answers that are no single thing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from masterflow.inventory.types import Application, Asset, AssetType, Conflict, Criticality, Dependency, Environment


class AssetField(StrEnum):
    """What may be unknown of an asset, and be asked for as unknown."""

    ENVIRONMENT = "environment"
    CRITICALITY = "criticality"
    OPERATING_SYSTEM = "operating_system"
    OS_VERSION = "os_version"
    DATACENTER = "datacenter"
    CLUSTER = "cluster"
    HOST = "host"
    POWER_STATE = "power_state"
    BUSINESS_OWNER = "business_owner"
    TECHNICAL_OWNER = "technical_owner"
    DEPARTMENT = "department"
    APPLICATION = "application"
    HOSTNAME = "hostname"
    FQDN = "fqdn"
    IP_ADDRESSES = "ip_addresses"
    CPU_CORES = "cpu_cores"
    MEMORY_MIB = "memory_mib"
    STORAGE_PROVISIONED_MIB = "storage_provisioned_mib"
    STORAGE_USED_MIB = "storage_used_mib"
    CPU_P95_PCT = "cpu_p95_pct"
    SERIAL_NUMBER = "serial_number"
    ANNUAL_COST = "annual_cost"


class AssetSort(StrEnum):
    """The orders of a list of assets; a minus turns one round, and what is unknown comes last either way."""

    NAME = "name"
    NAME_DOWN = "-name"
    ENVIRONMENT = "environment"
    ENVIRONMENT_DOWN = "-environment"
    OPERATING_SYSTEM = "operating_system"
    OPERATING_SYSTEM_DOWN = "-operating_system"
    CPU_CORES = "cpu_cores"
    CPU_CORES_DOWN = "-cpu_cores"
    MEMORY_MIB = "memory_mib"
    MEMORY_MIB_DOWN = "-memory_mib"
    STORAGE_PROVISIONED_MIB = "storage_provisioned_mib"
    STORAGE_PROVISIONED_MIB_DOWN = "-storage_provisioned_mib"
    CRITICALITY = "criticality"
    CRITICALITY_DOWN = "-criticality"

    @property
    def key(self) -> str:
        """What it sorts by."""
        return self.value.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return self.value.startswith("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetFilter:
    """Which assets are asked for: those that fulfil everything given.

    Of several values of one field any will do, and so will its being unknown if `unknown` names it too. `unowned` asks
    for neither a business nor a technical owner; `search` is a part of a name, host name or address.
    """

    environment: tuple[Environment, ...] = ()
    asset_type: tuple[AssetType, ...] = ()
    criticality: tuple[Criticality, ...] = ()
    operating_system: tuple[str, ...] = ()
    datacenter: tuple[str, ...] = ()
    power_state: tuple[str, ...] = ()
    application: tuple[UUID, ...] = ()
    unowned: bool = False
    unknown: tuple[AssetField, ...] = ()
    search: str | None = None


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a field with how many assets have it; None is not known. `label` is an application's name."""

    value: str | None
    count: int
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """The most frequent values of one field, and how many `more` there are."""

    field: str
    title: str
    values: tuple[FacetValue, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Facets:
    """How many assets a filter finds, and what could be chosen next; a facet counts without its own choice."""

    total: int
    facets: tuple[Facet, ...]


@dataclass(frozen=True, slots=True)
class AssetPage:
    """One page of assets in their order, without their facts and identities; `cursor` is None at the end."""

    assets: tuple[Asset, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class AssetDetail:
    """One asset with where its values came from. `completeness` is the share of needed facts known, 0 to 1."""

    asset: Asset
    completeness: float | None
    applications: tuple[Application, ...]


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """One page of applications by name; `cursor` is None at the end."""

    applications: tuple[Application, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class DependencyPage:
    """One page of dependencies in their order; `cursor` is None at the end."""

    dependencies: tuple[Dependency, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictFilter:
    """Which contradictions are asked for; None asks for all."""

    needs_review: bool | None = None
    asset: UUID | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class ConflictPage:
    """One page of contradictions; `cursor` is None at the end."""

    conflicts: tuple[Conflict, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateSummary:
    """The estate in numbers. Servers are servers and virtual machines; sums leave out the unknown; sizes are MiB."""

    assets: int = 0
    servers: int = 0
    servers_powered_on: int = 0
    cpu_cores: int = 0
    memory_mib: int = 0
    storage_provisioned_mib: int = 0
    storage_used_mib: int = 0
    disk_capacity_mib: int = 0
    applications: int = 0
    applications_proposed: int = 0
    unassigned_servers: int = 0
    dependencies: int = 0
    conflicts: int = 0
    conflicts_to_review: int = 0
    facts: int = 0
    by_type: Mapping[str, int] = field(default_factory=dict)
    by_environment: Mapping[str, int] = field(default_factory=dict)
    completeness: float | None = None
