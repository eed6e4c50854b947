"""Counts, sums and completeness of an estate, each a pure function of what is in it."""

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from uuid import UUID

from masterflow.inventory.portfolio import circles_of
from masterflow.inventory.types import (
    ACTIVITIES,
    IDLE,
    Application,
    Asset,
    AssetType,
    Dependency,
    DependencyKind,
    Membership,
    counts_as_server,
)
from masterflow.records.reports.types import Completeness, EstateCounts, EstateSums, FieldCompleteness, Total

# What sizing, support, strategies and waves are computed from; each weighs the same in the score.
NEEDED_FIELDS: tuple[tuple[str, str, Callable[[Asset], object]], ...] = (
    ("operating_system", "Operating system", lambda asset: asset.operating_system),
    ("cpu_cores", "vCPU", lambda asset: asset.cpu_cores),
    ("memory_mib", "Memory", lambda asset: asset.memory_mib),
    ("storage_provisioned_mib", "Storage provisioned", lambda asset: asset.storage_allocated_mib),
    ("storage_used_mib", "Storage in use", lambda asset: asset.storage_used_mib),
    ("ip_addresses", "Network address", lambda asset: asset.ip_addresses or None),
    ("power_state", "Power state", lambda asset: asset.power_state),
    ("environment", "Environment", lambda asset: asset.environment),
    ("criticality", "Business criticality", lambda asset: asset.criticality),
    ("business_owner", "Business owner", lambda asset: asset.business_owner),
    ("cpu_p95_pct", "CPU use (95th percentile)", lambda asset: asset.cpu_p95_pct),
)


def servers_of(assets: Iterable[Asset]) -> tuple[Asset, ...]:
    """The assets that are machines to move: servers and virtual machines that live, not hosts or networks."""
    return tuple(asset for asset in assets if counts_as_server(asset))


def count_estate(
    assets: Sequence[Asset], applications: Sequence[Application] = (), *, dependencies: Sequence[Dependency] = ()
) -> EstateCounts:
    """Count everything of an estate; hosts that no file lists are counted by the names their machines give."""
    servers = servers_of(assets)
    hosts = sum(asset.asset_type is AssetType.HYPERVISOR_HOST for asset in assets)
    return EstateCounts(
        servers=len(servers),
        virtual_machines=sum(asset.asset_type is AssetType.VIRTUAL_MACHINE for asset in servers),
        powered_off=sum("off" in (asset.power_state or "").lower() for asset in servers),
        hosts=hosts or _distinct(asset.host for asset in servers),
        clusters=len({(asset.datacenter, asset.cluster) for asset in assets if asset.cluster}),
        datacenters=_distinct(asset.datacenter for asset in assets),
        applications=len(applications),
        applications_proposed=sum(application.membership is Membership.PROPOSED for application in applications),
        shared_services=sum(application.shared_service for application in applications),
        dependencies=len(dependencies),
        dependencies_hard=sum(dependency.kind is DependencyKind.HARD for dependency in dependencies),
        move_groups=len(circles_of(dependencies)),
        idle=sum(IDLE in asset.concerns for asset in servers),
        observed=sum(not ACTIVITIES.isdisjoint(asset.concerns) for asset in servers),
    )


def sum_estate(assets: Iterable[Asset]) -> EstateSums:
    """Add up the servers of an estate; a server that does not state a value is not in that sum."""
    servers = servers_of(assets)
    return EstateSums(
        vcpu=total(server.cpu_cores for server in servers),
        memory_mib=total(server.memory_mib for server in servers),
        storage_provisioned_mib=total(server.storage_allocated_mib for server in servers),
        storage_used_mib=total(server.storage_used_mib for server in servers),
    )


def total(values: Iterable[int | None]) -> Total:
    """Sum what is known, and say of how many it is known."""
    every = list(values)
    known = [value for value in every if value is not None]
    return Total(sum(known) if known else None, len(known), len(every))


def measure_completeness(assets: Iterable[Asset], applications: Iterable[Application] = ()) -> Completeness:
    """How much is known of each needed field and whether an application is known; the score is the plain mean."""
    servers = servers_of(assets)
    placed: set[UUID] = {asset_id for application in applications for asset_id in application.asset_ids}
    fields = [
        FieldCompleteness(name, label, sum(read(server) is not None for server in servers), len(servers))
        for name, label, read in NEEDED_FIELDS
    ]
    fields.append(
        FieldCompleteness("application", "Application", sum(server.id in placed for server in servers), len(servers))
    )
    score = fmean(field.known / field.of for field in fields) if servers else None
    return Completeness(score, tuple(fields))


def _distinct(names: Iterable[str | None]) -> int:
    return len({name.casefold() for name in names if name})
