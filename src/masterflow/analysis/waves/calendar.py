"""The waves of a programme: when each begins, what it carries, and when nothing may move."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from typing import Literal

from masterflow.analysis.waves.types import MAX_WAVES, RESOURCES, Resource, Wave
from masterflow.errors import InvalidInput

FEW_WAVES = 3  # with fewer there is no room for a small first wave
PILOT_SHARE, PILOT_SERVERS = 0.5, 10.0  # guidance of several vendors: the first wave below ten servers
ITEMS_A_WAVE, MOST_WAVES_UNASKED = 8, 12
FROZEN_FROM = 0.5  # a wave with at least this share of its days in a freeze is frozen as a whole


@dataclass(frozen=True, slots=True)
class FreezeRange:
    """Days, both included, on which nothing (or no production application) moves."""

    start: date
    end: date
    scope: Literal["prod", "all"] = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveCalendar:
    """How waves are laid out. None: the number of waves follows from capacity, a capacity from the number of waves.

    `headroom` is kept free on top of what is needed: 0.2 means a fifth more capacity than demand.
    """

    first_start: date
    wave_weeks: int = 4
    waves: int | None = None
    hours_per_wave: float | None = None
    servers_per_wave: float | None = None
    storage_gb_per_wave: float | None = None
    headroom: float = 0.2
    freezes: tuple[FreezeRange, ...] = ()
    pins: Mapping[str, int] = field(default_factory=dict)
    together: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    before: tuple[tuple[str, str], ...] = ()
    max_parallel_prod: int | None = None
    max_per_team_per_wave: Mapping[str, int] = field(default_factory=dict)

    def capacity(self, resource: Resource) -> float | None:
        """What a usual wave carries, None where nobody said."""
        stated: dict[Resource, float | None] = {
            "hours": self.hours_per_wave,
            "servers": self.servers_per_wave,
            "storage_gb": self.storage_gb_per_wave,
        }
        return stated[resource]


@dataclass(frozen=True, slots=True)
class Layout:
    """Waves for a demand, and what had to be assumed to lay them out."""

    waves: tuple[Wave, ...]
    assumptions: tuple[str, ...]


def lay_out(
    calendar: WaveCalendar, demand: Mapping[Resource, float], *, items: int, largest: Mapping[Resource, float]
) -> Layout:
    """The waves for a total demand of so many items, the largest move group of which needs `largest`.

    Without a number of waves it is the smallest one whose waves after the first carry everything with the headroom:
    the first one stays small (half a wave, ten servers). Without any capacity the hours of a wave follow from the
    number of waves, which follows from the number of items.

    Raises:
        InvalidInput: no number of waves carries the demand, or a setting makes no sense.
    """
    _check(calendar)
    if calendar.waves is not None:
        count, said = calendar.waves, []
    elif any(calendar.capacity(r) is not None for r in RESOURCES):
        count = _fewest(calendar, demand)
        said = [f"{count} waves: the fewest that carry everything with {calendar.headroom:.0%} of headroom."]
    else:
        count = max(1, min(MOST_WAVES_UNASKED, ceil(items / ITEMS_A_WAVE)))
        count = max(count, FEW_WAVES) if items >= FEW_WAVES * 2 else count
        said = [
            f"{count} waves: about {ITEMS_A_WAVE} applications a wave, since neither waves nor capacity were given."
        ]
    derived: dict[Resource, float] = {}
    if calendar.hours_per_wave is None:
        derived["hours"] = _derived_hours(calendar, demand["hours"], largest["hours"], count)
        said.append(
            f"A wave carries {derived['hours']:,.0f} h: demand and {calendar.headroom:.0%} more, evenly spread."
        )
    waves = tuple(_wave(calendar, number, count, derived) for number in range(1, count + 1))
    if count >= FEW_WAVES:
        said.append(f"The first wave is small: half of a usual one, at most {PILOT_SERVERS:g} servers.")
    return Layout(waves, tuple(said))


def first_wave_from(waves: Sequence[Wave], day: date) -> int:
    """The first wave that starts on or after a day; one past the last when there is none."""
    return next((w.number for w in waves if w.start and w.start >= day), len(waves) + 1)


def last_wave_until(waves: Sequence[Wave], day: date) -> int:
    """The last wave that ends on or before a day; 0 when there is none."""
    return max((w.number for w in waves if w.end and w.end <= day), default=0)


def _check(calendar: WaveCalendar) -> None:
    wrong = [
        f"{name} is {value}"
        for name, value, good in (
            ("wave_weeks", calendar.wave_weeks, calendar.wave_weeks >= 1),
            ("waves", calendar.waves, calendar.waves is None or 1 <= calendar.waves <= MAX_WAVES),
            ("headroom", calendar.headroom, 0 <= calendar.headroom <= 5),
        )
        if not good
    ]
    wrong += [f"a freeze ends on {f.end}, before its start {f.start}" for f in calendar.freezes if f.end < f.start]
    if wrong:
        hint = f"Use whole weeks, 1 to {MAX_WAVES} waves and a headroom of 0 to 5."
        raise InvalidInput(f"The calendar cannot be used: {'; '.join(wrong)}.", hint=hint)


def _fewest(calendar: WaveCalendar, demand: Mapping[Resource, float]) -> int:
    for count in range(1, MAX_WAVES + 1):
        if all(
            _carries(calendar, resource, count) >= demand[resource] * (1 + calendar.headroom) for resource in RESOURCES
        ):
            return count
    needs = ", ".join(f"{demand[r]:,.10g} {r}" for r in RESOURCES)
    said = f"{MAX_WAVES} waves do not carry the demand ({needs}) with {calendar.headroom:.0%} of headroom."
    raise InvalidInput(said, hint="Raise the capacity of a wave, shorten freezes, or state the number of waves.")


def _carries(calendar: WaveCalendar, resource: Resource, count: int) -> float:
    """What the waves carry beside a small first one, which may stay empty."""
    stated = calendar.capacity(resource)
    if stated is None:
        return float("inf")
    first = 2 if count >= FEW_WAVES else 1
    return sum(stated * _open_share(calendar, number) for number in range(first, count + 1))


def _derived_hours(calendar: WaveCalendar, hours: float, largest: float, count: int) -> float:
    first = 2 if count >= FEW_WAVES else 1
    shares = [_open_share(calendar, number) for number in range(first, count + 1)]
    open_waves = [share for share in shares if share] or [1.0]
    even = hours * (1 + calendar.headroom) / sum(open_waves)
    # However the groups fall, first fit finds room when each wave has the average and one largest group beside it.
    fits = hours / sum(open_waves) + largest / min(open_waves)
    return float(ceil(max(even, fits)))


def _wave(calendar: WaveCalendar, number: int, count: int, derived: Mapping[Resource, float]) -> Wave:
    start, end = _span(calendar, number)
    pilot = number == 1 and count >= FEW_WAVES
    share = _open_share(calendar, number) * (PILOT_SHARE if pilot else 1.0)
    limits: dict[Resource, float | None] = {}
    for resource in RESOURCES:
        usual = derived.get(resource, calendar.capacity(resource))
        limits[resource] = None if usual is None else float(int(usual * share))
    servers = limits["servers"]
    if pilot:
        servers = PILOT_SERVERS if servers is None else min(PILOT_SERVERS, servers)
    return Wave(
        number=number,
        start=start,
        end=end,
        hours=limits["hours"],
        servers=servers,
        storage_gb=limits["storage_gb"],
        freeze=_freeze(calendar, number),
    )


def _span(calendar: WaveCalendar, number: int) -> tuple[date, date]:
    length = timedelta(weeks=calendar.wave_weeks)
    start = calendar.first_start + (number - 1) * length
    return start, start + length - timedelta(days=1)


def _freeze(calendar: WaveCalendar, number: int) -> Literal["none", "prod", "all"]:
    if _covered(calendar, number, ("all",)) >= FROZEN_FROM:
        return "all"
    return "prod" if _covered(calendar, number, ("all", "prod")) >= FROZEN_FROM else "none"


def _open_share(calendar: WaveCalendar, number: int) -> float:
    """The part of a wave's capacity that a freeze for all leaves, 0 when it freezes the wave as a whole."""
    covered = _covered(calendar, number, ("all",))
    return 0.0 if covered >= FROZEN_FROM else 1.0 - covered


def _covered(calendar: WaveCalendar, number: int, scopes: Iterable[str]) -> float:
    """The share of a wave's days that lie in a freeze of those scopes."""
    start, end = _span(calendar, number)
    days = [start + timedelta(days=i) for i in range((end - start).days + 1)]
    ranges = [f for f in calendar.freezes if f.scope in scopes]
    return sum(any(f.start <= day <= f.end for f in ranges) for day in days) / len(days)
