"""How much of an estate is known, and which file would help most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from masterflow.inventory.types import Application, Asset, AssetId, Dependency

WANTED: Mapping[str, tuple[float, str]] = {
    "dependencies": (
        1.0,
        "a flow or dependency export with source, destination and port: without it waves rest on names alone",
    ),
    "application": (
        0.9,
        "a CMDB export or a list that names the application of each server: unassigned servers are planned one by one",
    ),
    "owner": (
        0.7,
        "a CMDB export with owners: nobody can be asked about, or approve the move of, a server without one",
    ),
    "utilisation": (
        0.6,
        "a utilisation export (95th percentile of CPU and memory, 30 days): without it sizes are copied, not chosen",
    ),
    "operating_system": (
        0.6,
        "an export with operating systems (RVTools with VMware Tools running, or a CMDB): support dates depend on it",
    ),
    "environment": (0.4, "a CMDB export or list with environments: waves put test before production"),
    "ip_address": (0.3, "an inventory with addresses (RVTools vNetwork, CMDB): flows are matched by address"),
}  # weight of a gap, and the file that closes it


@dataclass(frozen=True, slots=True)
class FileHint:
    """A file that would help: what it closes, the share of machines it is missing for (0 to 1), and a sentence."""

    closes: str
    missing_share: float
    message: str


def completeness_of(
    assets: Sequence[Asset], applications: Sequence[Application], dependencies: Sequence[Dependency] = ()
) -> dict[str, float]:
    """Share of the machines, 0 to 1, for which each thing is known; an empty estate knows nothing of anything."""
    if not assets:
        return dict.fromkeys(WANTED, 0.0)
    member_of = {asset_id: app for app in applications for asset_id in app.asset_ids}
    ends = {end for d in dependencies for end in (d.source_id, d.target_id)}
    known = {
        "operating_system": sum(a.operating_system is not None for a in assets),
        "ip_address": sum(bool(a.ip_addresses) for a in assets),
        "owner": sum(_has_owner(a, member_of) for a in assets),
        "environment": sum(a.environment is not None for a in assets),
        "application": sum(a.id in member_of for a in assets),
        "utilisation": sum(a.cpu_p95_pct is not None or a.cpu_max_pct is not None for a in assets),
        "dependencies": sum(a.id in ends or getattr(member_of.get(a.id), "id", None) in ends for a in assets),
    }
    return {name: known[name] / len(assets) for name in WANTED}


def _has_owner(asset: Asset, member_of: Mapping[AssetId, Application]) -> bool:
    application = member_of.get(asset.id)
    return bool(asset.business_owner or asset.technical_owner or (application and application.business_owner))


def next_file_hints(completeness: Mapping[str, float]) -> tuple[FileHint, ...]:
    """What to bring next, the most helpful first; a gap below a tenth of the estate is no hint."""
    gaps = [(name, 1 - completeness.get(name, 0.0)) for name in WANTED]
    wanted = sorted((g for g in gaps if g[1] >= 0.1), key=lambda g: (-g[1] * WANTED[g[0]][0], g[0]))
    return tuple(FileHint(name, share, f"{share:.0%} of servers lack it: {WANTED[name][1]}.") for name, share in wanted)
