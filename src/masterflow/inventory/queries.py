"""What can be asked of the estate, and the answers that are no single thing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from masterflow.inventory.types import Application, Asset, AssetType, Conflict, Dependency, Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetFilter:
    """Which assets are asked for; None asks for all. `search` is a part of a name, host name or address."""

    environment: Environment | None = None
    asset_type: AssetType | None = None
    application: UUID | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class AssetPage:
    """One page of assets by name, without their facts and identities; `cursor` is None at the end."""

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
