"""Which servers do nothing: low processor use that lasts, and nobody who asks them for anything.

A server is idle when the 95th percentile of its processor use stays below two percent and, over the window of the
flows, no connection comes in but from hubs (directory, backup, monitoring: they call on everything). Low use alone
proves nothing: a batch that runs once a month has a high maximum, and a small service has callers. A server of which
neither use nor flows were seen is not idle but unknown.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from masterflow.analysis.dependencies.noise import scanners
from masterflow.analysis.dependencies.ports import is_dynamic
from masterflow.analysis.dependencies.talk import RELATION
from masterflow.analysis.estate.addresses import name_key, short_key
from masterflow.analysis.estate.dependencies import Dependencies
from masterflow.analysis.estate.flows import FlowRow, window_of
from masterflow.inventory.types import Asset, AssetId, counts_as_server

IDLE_P95_PCT = Decimal(2)
PERIODIC_MAX_PCT = Decimal(50)  # a processor that was once half busy did work
STOPPED: Mapping[str, str] = {"poweredOff": "switched off", "suspended": "suspended"}


class Activity(StrEnum):
    """What was seen of a server."""

    IDLE = "idle"
    IN_USE = "in_use"
    POWERED_OFF = "powered_off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Idleness:
    """Whether a server does anything, the reason in a sentence, and what it rests on.

    `idle` is None where nobody can say. `callers` counts the distinct ends that connect to it, hubs not among them; it
    and the percents are None where nothing was observed.
    """

    asset_id: AssetId
    name: str
    activity: Activity
    reason: str
    cpu_p95_pct: Decimal | None = None
    cpu_max_pct: Decimal | None = None
    callers: int | None = None

    @property
    def idle(self) -> bool | None:
        """True and False where it was observed; None for a server that was not, or that is switched off."""
        return None if self.activity in (Activity.UNKNOWN, Activity.POWERED_OFF) else self.activity is Activity.IDLE


def idle_servers(assets: Sequence[Asset], rows: Sequence[FlowRow], resolved: Dependencies) -> tuple[Idleness, ...]:
    """Judge every living server, in the order of their names. `rows` are those that `resolved` was made of."""
    servers = [asset for asset in assets if counts_as_server(asset)]
    seen = _Seen(assets, rows, {hub.asset_id for hub in resolved.hubs})
    return tuple(_judge(asset, seen) for asset in sorted(servers, key=lambda a: (a.name.casefold(), a.id)))


class _Seen:
    """Who calls whom, by machine, as far as flow rows name machines that are known."""

    def __init__(self, assets: Sequence[Asset], rows: Sequence[FlowRow], hubs: Collection[AssetId]) -> None:
        self.hubs = hubs
        window = window_of(rows)
        self.days = max(round((window[1] - window[0]) / timedelta(days=1)), 1) if window else None
        self.callers: dict[AssetId, set[str]] = defaultdict(set)
        self.observed: set[AssetId] = set()
        machines = _Machines(_book(assets))
        sweeping = scanners(rows)
        for row in (r for r in rows if r.origin != RELATION):  # what somebody stated was not seen
            source = machines.owner(row.source, row.source_hostname)
            target = machines.owner(row.target, row.target_hostname)
            self.observed.update(end for end in (source, target) if end is not None)
            caller = row.source or row.source_hostname or row.source_application
            if target is None or caller is None or source in hubs or source == target or caller in sweeping:
                continue
            if row.port is None or row.oriented or not is_dynamic(row.port, row.connections):
                self.callers[target].add(caller)


def _book(assets: Sequence[Asset]) -> Mapping[str, AssetId]:
    """Machines by address and name, where one machine alone claims it; a living one goes before a retired one."""
    found: dict[str, AssetId] = {}
    for living in (False, True):
        claims: dict[str, set[AssetId]] = defaultdict(set)
        for asset in assets:
            if counts_as_server(asset) is living:
                names = {n for n in (asset.fqdn, asset.hostname, asset.vm_name, asset.name) if n}
                for key in {*asset.ip_addresses, *map(name_key, names), *map(short_key, names)}:
                    claims[key].add(asset.id)
        for key, owners in claims.items():
            found.pop(key, None)
            if len(owners) == 1:
                found[key] = next(iter(owners))
    return found


class _Machines:
    """Finds the machine that an end of a row names; each spelling of an end is looked up once."""

    def __init__(self, book: Mapping[str, AssetId]) -> None:
        self._book = book
        self._found: dict[tuple[str | None, str | None], AssetId | None] = {}

    def owner(self, address: str | None, host: str | None) -> AssetId | None:
        end = (address, host)
        if end not in self._found:
            self._found[end] = next((found for text in end if text and (found := self._named(text))), None)
        return self._found[end]

    def _named(self, text: str) -> AssetId | None:
        return self._book.get(text) or self._book.get(name_key(text)) or self._book.get(short_key(text))


def _judge(asset: Asset, seen: _Seen) -> Idleness:
    p95, peak = asset.cpu_p95_pct, asset.cpu_max_pct
    observed = asset.id in seen.observed
    callers = len(seen.callers[asset.id]) if observed else None
    activity, reason = _activity(asset, seen, callers)
    return Idleness(asset.id, asset.name, activity, reason, cpu_p95_pct=p95, cpu_max_pct=peak, callers=callers)


def _activity(asset: Asset, seen: _Seen, callers: int | None) -> tuple[Activity, str]:
    p95, peak = asset.cpu_p95_pct, asset.cpu_max_pct
    stopped = STOPPED.get(asset.power_state or "")
    if stopped is not None:
        return Activity.POWERED_OFF, f"it is {stopped}; whether anybody misses it was not observed"
    called = f"{callers} {'other connects' if callers == 1 else 'others connect'} to it, hubs not counted"
    if p95 is None:
        return (Activity.IN_USE, called) if callers else (Activity.UNKNOWN, _unseen(callers))
    low = f"95 percent of the time its processor is below {p95} %"
    if p95 >= IDLE_P95_PCT:
        return Activity.IN_USE, f"5 percent of the time its processor is above {p95} %"
    if peak is not None and peak >= PERIODIC_MAX_PCT:
        return Activity.IN_USE, f"{low}, but it reaches {peak} %: it works from time to time"
    if callers:
        return Activity.IN_USE, f"{low}, but {called}"
    if callers is None:
        return Activity.UNKNOWN, f"{low}, but no flow names it, so nobody knows whether anything connects to it"
    window = f" in {seen.days} days" if seen.days else ""
    return Activity.IDLE, f"{low}, and nothing but hubs connected to it{window}"


def _unseen(callers: int | None) -> str:
    if callers is None:
        return "neither its processor nor its connections were observed"
    return "its processor was not measured, and nothing but hubs connects to it"
