"""When a schedule runs. Pure: moments are aware UTC, and the caller says what time it is.

A time of the clock that a change to summer time leaves out runs at the first moment after the gap; one that comes twice
in autumn runs once, at the first. Times that repeat within the hour or every hour run in both of the two hours.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from zoneinfo import ZoneInfo

from croniter import croniter
from croniter.croniter import CroniterBadDateError

from masterflow.errors import InvalidInput

GRACE = timedelta(minutes=5)  # a run that is so little late was not missed
MOST_CAUGHT_UP = 24  # runs that are made up for at once
MOST_PERIODS = 500  # in a calendar
MOST_COUNTED = 1_000  # missed times that are looked at one by one
FIELDS = 5  # minute, hour, day of the month, month, day of the week

_MACROS = frozenset({"@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"})
_FIELD = re.compile(r"[0-9*/,\-#LA-Za-z]+")
_CHANCE = re.compile(r"(?i)(?<![a-z])[hr](?![a-z])")  # croniter's hashed and random fields


class CatchUp(StrEnum):
    """What becomes of runs that were due while no worker was there."""

    SKIP = "skip"
    ONCE = "once"
    ALL = "all"


class InBlackout(StrEnum):
    """What becomes of a run that is due in a blackout: left out, or made once when the blackout ends."""

    SKIP = "skip"
    DEFER = "defer"


@dataclass(frozen=True, slots=True)
class Blackout:
    """A time in which nothing may start: from `starts_at` to just before `ends_at`."""

    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Timetable:
    """Five cron fields, read by the clocks of a time zone; made by `timetable`."""

    cron: str
    zone: str

    def after(self, moment: datetime) -> datetime | None:
        """The first time after `moment`; None if there is none within fifty years."""
        local = moment.astimezone(ZoneInfo(self.zone))
        times = croniter(self.cron, local)
        try:
            while True:
                found = times.get_next(datetime).astimezone(UTC)
                if found > moment and not self._comes_again(found.astimezone(local.tzinfo)):
                    return found
        except CroniterBadDateError:
            return None

    def _comes_again(self, found: datetime) -> bool:
        """Whether `found` is the second of two equal times of the clock, and its first was meant."""
        hours = croniter.expand(self.cron)[0][1]
        return found.fold == 1 and hours != ["*"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides, beside the timetable, which runs are made."""

    catch_up: CatchUp = CatchUp.ONCE
    in_blackout: InBlackout = InBlackout.SKIP
    blackouts: tuple[Blackout, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """What a look at the clock says: the times to run for now, those that are let go and why, and the next look."""

    runs: tuple[datetime, ...]
    passed: tuple[tuple[datetime, str], ...]
    next_run_at: datetime | None


def timetable(cron: str, zone: str) -> Timetable:
    """A timetable from what a person wrote.

    Raises:
        InvalidInput: no such time zone, not five cron fields, or times that never come.
    """
    cron = " ".join(cron.split()).lower() if cron.strip().startswith("@") else " ".join(cron.split())
    _refuse_zone(zone)
    fields = cron.split(" ")
    plain = len(fields) == FIELDS and all(_FIELD.fullmatch(field) for field in fields) and not _CHANCE.search(cron)
    if cron not in _MACROS and not (plain and croniter.is_valid(cron)):
        raise InvalidInput(
            f"{cron[:80]!r} is no cron expression.",
            hint="Write minute, hour, day of the month, month and day of the week, such as '30 2 * * mon-fri'.",
        )
    made = Timetable(cron, zone)
    if made.after(datetime(2024, 1, 1, tzinfo=UTC)) is None:  # a leap year
        raise InvalidInput(f"{cron!r} never comes.", hint="Look at the day and the month.")
    return made


def next_run(times: Timetable, rules: Rules, after: datetime) -> datetime | None:
    """When a run is made next after `after`, blackouts considered."""
    moment = times.after(after)
    while moment is not None and (blackout := covering(rules.blackouts, moment)) is not None:
        if rules.in_blackout is InBlackout.DEFER:
            moment = blackout.ends_at
        else:
            moment = times.after(blackout.ends_at - timedelta(microseconds=1))
    return moment


def upcoming(times: Timetable, rules: Rules, after: datetime) -> Iterator[datetime]:
    """The runs after `after`, one after another."""
    moment = next_run(times, rules, after)
    while moment is not None:
        yield moment
        moment = next_run(times, rules, moment)


def covering(blackouts: Sequence[Blackout], moment: datetime) -> Blackout | None:
    """The blackout that `moment` is in, the one that ends last of several."""
    found = [blackout for blackout in blackouts if blackout.starts_at <= moment < blackout.ends_at]
    return max(found, key=lambda blackout: blackout.ends_at, default=None)


def due(times: Timetable, rules: Rules, *, next_run_at: datetime, now: datetime) -> Due:
    """What to do at `now` with a schedule whose next run was to be at `next_run_at`, which is not after `now`."""
    following = next_run(times, rules, now)
    blackout = covering(rules.blackouts, now)
    if blackout is not None:
        if rules.in_blackout is InBlackout.DEFER:
            return Due((), (), blackout.ends_at)
        return Due((), ((next_run_at, f"in a blackout: {blackout.reason}"),), following)
    times_due = _times_due(times, rules, next_run_at, now)
    made = _made(times_due, rules.catch_up, now)
    gone = [moment for moment in times_due if moment not in made]
    return Due(tuple(made), tuple((moment, _why_gone(rules.catch_up)) for moment in gone[-MOST_CAUGHT_UP:]), following)


def _made(times_due: list[datetime], catch_up: CatchUp, now: datetime) -> list[datetime]:
    if catch_up is CatchUp.ALL:
        return times_due[-MOST_CAUGHT_UP:]
    latest = times_due[-1]
    return [latest] if catch_up is CatchUp.ONCE or now - latest <= GRACE else []


def _times_due(times: Timetable, rules: Rules, first: datetime, now: datetime) -> list[datetime]:
    """The times from `first` to `now`; of very many only the latest, because cron is read forwards."""
    found = [first]
    for moment in upcoming(times, rules, first):
        if moment > now:
            return found
        if len(found) == MOST_COUNTED:
            break
        found.append(moment)
    late = upcoming(times, rules, now - (now - first) / 20)
    return [first, *takewhile(lambda moment: moment <= now, late)]


def _why_gone(catch_up: CatchUp) -> str:
    if catch_up is CatchUp.SKIP:
        return "missed: no worker was there, and missed runs are skipped"
    if catch_up is CatchUp.ONCE:
        return "missed: one run is made for all that were missed"
    return f"missed: at most {MOST_CAUGHT_UP} runs are made up for"


def _refuse_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise InvalidInput(
            f"There is no time zone {zone[:80]!r}.", hint="Use a name of the IANA database, such as Europe/Berlin."
        ) from error
