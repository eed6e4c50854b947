"""Which applications are shared services: what nearly everything talks to says nothing about what moves together.

A directory, a name server or a backup server is tied to the whole estate in both directions. Contracted with the rest,
it glues the estate into one move group; so it is set aside first and moves with the landing zone (wave 0). The rules
here only propose: a person confirms.

A candidate needs many neighbours, or fewer on a port that only infrastructure uses. A service that is called counts its
callers (a directory); one that calls counts whom it calls (backup, monitoring).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

# IANA service names, and vendors' documented default ports for backup and monitoring.
CALLED_ON: Mapping[int, str] = {
    53: "DNS",
    67: "DHCP",
    88: "Kerberos",
    123: "NTP",
    389: "LDAP",
    464: "Kerberos password change",
    514: "syslog",
    636: "LDAP over TLS",
    1812: "RADIUS",
    1813: "RADIUS accounting",
    3268: "Active Directory global catalogue",
    3269: "Active Directory global catalogue over TLS",
    6514: "syslog over TLS",
    8530: "Windows updates (WSUS)",
    8531: "Windows updates (WSUS)",
    10051: "Zabbix server",
    1500: "backup (IBM Storage Protect)",
    1501: "backup (IBM Storage Protect)",
}
CALLS_ON: Mapping[int, str] = {
    161: "SNMP monitoring",
    5666: "Nagios monitoring (NRPE)",
    6160: "backup (Veeam)",
    6162: "backup (Veeam)",
    8400: "backup (Commvault)",
    9100: "Prometheus monitoring",
    10000: "backup (NDMP)",
    10050: "Zabbix monitoring",
    13724: "backup (NetBackup)",
    13782: "backup (NetBackup)",
}
SMB = 445  # a file share as well as a domain controller: a hint of Active Directory only beside these
DIRECTORY = frozenset({88, 389, 636, 3268, 3269})

LEAST_NEIGHBOURS = 3
SHARE_ON_INFRASTRUCTURE_PORT = 0.10
SHARE_ON_ANY_PORT = 0.40
LEAST_ON_ANY_PORT = 10


@dataclass(frozen=True, slots=True)
class PortEdge:
    """`source` calls `target` on a port; the port is None where it is not known."""

    source: str
    target: str
    port: int | None = None


@dataclass(frozen=True, slots=True)
class SharedService:
    """A proposal to set an application aside; `confident` when infrastructure ports say so, not the degree alone."""

    application: str
    neighbours: int
    share: float
    ports: tuple[int, ...]
    direction: Literal["called", "calls"]
    confident: bool
    reason: str


def shared_services(applications: Iterable[str], edges: Iterable[PortEdge]) -> tuple[SharedService, ...]:
    """Applications to set aside before circles are contracted, with the most neighbours first.

    Proposed is what at least 3 neighbours and 10 % of the other applications use on an infrastructure port, or what at
    least 10 and 40 % use on any port. Port 445 counts only beside a directory port of the same application.
    """
    known = sorted(set(applications))
    called: dict[str, dict[int | None, set[str]]] = {a: {} for a in known}
    calls: dict[str, dict[int | None, set[str]]] = {a: {} for a in known}
    for edge in edges:
        if edge.source != edge.target and edge.source in called and edge.target in called:
            called[edge.target].setdefault(edge.port, set()).add(edge.source)
            calls[edge.source].setdefault(edge.port, set()).add(edge.target)
    others = max(1, len(known) - 1)
    found = [found for a in known if (found := _proposal(a, called[a], calls[a], others))]
    return tuple(sorted(found, key=lambda s: (-s.neighbours, s.application)))


Neighbours = Mapping[int | None, set[str]]


def _proposal(application: str, called: Neighbours, calls: Neighbours, others: int) -> SharedService | None:
    names = {**CALLED_ON, SMB: "Active Directory shares"} if DIRECTORY & called.keys() else CALLED_ON
    by_port = _on_ports(application, called, others, names, "called")
    by_calling = _on_ports(application, calls, others, CALLS_ON, "calls")
    return by_port or by_calling or _by_degree(application, called, others)


def _on_ports(
    application: str,
    neighbours: Neighbours,
    others: int,
    names: Mapping[int, str],
    direction: Literal["called", "calls"],
) -> SharedService | None:
    ports = sorted(port for port in neighbours if port is not None and port in names)
    users = set[str]().union(*(neighbours[port] for port in ports))
    if len(users) < LEAST_NEIGHBOURS or len(users) / others < SHARE_ON_INFRASTRUCTURE_PORT:
        return None
    what = ", ".join(f"{names[port]} ({port})" for port in ports)
    verb = "is used by" if direction == "called" else "reaches"
    return SharedService(
        application=application,
        neighbours=len(users),
        share=len(users) / others,
        ports=tuple(ports),
        direction=direction,
        confident=True,
        reason=f"{application} {verb} {len(users):,} of {others:,} others on {what}: it serves the whole estate.",
    )


def _by_degree(application: str, called: Neighbours, others: int) -> SharedService | None:
    users = set[str]().union(*called.values())
    share = len(users) / others
    if len(users) < LEAST_ON_ANY_PORT or share < SHARE_ON_ANY_PORT:
        return None
    return SharedService(
        application=application,
        neighbours=len(users),
        share=len(users) / others,
        ports=tuple(sorted(port for port in called if port is not None)),
        direction="called",
        confident=False,
        reason=f"{application} is used by {len(users):,} of {others:,} others ({share:.0%}): is it a shared service?",
    )
