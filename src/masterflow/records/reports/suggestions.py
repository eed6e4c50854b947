"""Which further file would help most, judged from what is missing."""

from collections.abc import Sequence

from masterflow.inventory.types import Application, Asset, Dependency, Membership
from masterflow.records.reports import formats
from masterflow.records.reports.figures import servers_of
from masterflow.records.reports.types import NextFile


def suggest_next_files(
    assets: Sequence[Asset], applications: Sequence[Application] = (), *, dependencies: Sequence[Dependency] = ()
) -> tuple[NextFile, ...]:
    """Name the files that are worth asking the client for, the most useful first; empty when nothing is missing."""
    servers = servers_of(assets)
    if not servers:
        return (NextFile("An inventory of servers, such as an RVTools export", "everything else in this report"),)
    suggestions = [
        _applications(servers, applications),
        _dependencies(dependencies),
        _business(servers, applications),
        _utilisation(servers),
        _systems(servers),
    ]
    return tuple(suggestion for suggestion in suggestions if suggestion is not None)


def _applications(servers: Sequence[Asset], applications: Sequence[Application]) -> NextFile | None:
    placed = {asset_id for application in applications for asset_id in application.asset_ids}
    loose = sum(server.id not in placed for server in servers)
    proposed = sum(application.membership is Membership.PROPOSED for application in applications)
    if not loose and not proposed:
        return None
    gaps = [f"{formats.counted(loose, 'server')} without an application"] if loose else []
    gaps += [f"{formats.counted(proposed, 'application')} only inferred from names"] if proposed else []
    return NextFile(
        "A list of applications and their servers: a CMDB export, or a table with a server and an application column",
        f"strategies and waves per application instead of per server ({formats.listed(gaps)})",
    )


def _dependencies(dependencies: Sequence[Dependency]) -> NextFile | None:
    if dependencies:
        return None
    return NextFile(
        "Connections between servers: a flow summary, a dependency export, or a table of source, destination and port",
        "waves that keep together what talks to each other, and the list of dependencies that will stretch",
    )


def _business(servers: Sequence[Asset], applications: Sequence[Application]) -> NextFile | None:
    subjects: Sequence[Asset | Application] = applications or servers
    missing = sum(subject.criticality is None or subject.business_owner is None for subject in subjects)
    if not missing:
        return None
    gap = formats.counted(missing, "application" if applications else "server")
    return NextFile(
        "Business context: owner and criticality of each application, freeze windows, whether source code is available",
        "strategies with higher confidence and waves that start with what matters least "
        f"({gap} without owner or criticality)",
    )


def _utilisation(servers: Sequence[Asset]) -> NextFile | None:
    missing = sum(server.cpu_p95_pct is None for server in servers)
    if not missing:
        return None
    return NextFile(
        "Utilisation over at least a month: CPU, 95th percentile and maximum, by server",
        f"right sizes, and idle machines that need not move ({formats.counted(missing, 'server')} not observed)",
    )


def _systems(servers: Sequence[Asset]) -> NextFile | None:
    missing = sum(server.operating_system is None for server in servers)
    if not missing:
        return None
    return NextFile(
        "Operating system and version as the guests report them",
        f"end-of-support dates for {formats.counted(missing, 'server')}",
    )
