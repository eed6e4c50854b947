"""What a drill found, and the one table that all of them print."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One run of a drill, on the correct build or with the planted fault.

    `lost` counts what was acknowledged and is not there, or did not end as it should; `duplicated` what happened more
    than once. `recovery` has seconds from each fault until work went on. `says` are sentences about what is wrong.
    """

    trials: int
    faults: int
    lost: int = 0
    duplicated: int = 0
    recovery: Sequence[float] = ()
    says: Sequence[str] = ()
    notes: Sequence[str] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, nothing happened twice, and nothing else was wrong."""
        return not (self.lost or self.duplicated or self.says)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A drill's run on the correct build, and what it found of the planted fault (None: nothing)."""

    name: str
    correct: Found
    planted: str
    found: str | None
    recovery_limit: float | None = None
    skipped: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the correct build held, work went on within the limit, and the planted fault was found."""
        return self.skipped is not None or (self.correct.is_clean and self.is_in_time and self.found is not None)

    @property
    def is_in_time(self) -> bool:
        """Whether 95 of 100 recoveries took no longer than the limit, if there is one."""
        if self.recovery_limit is None or not self.correct.recovery:
            return True
        return percentile(self.correct.recovery, 0.95) <= self.recovery_limit


def skip(name: str, why: str) -> Outcome:
    """A drill that cannot run here, which is said and never counted as passed trials."""
    return Outcome(name=name, correct=Found(trials=0, faults=0), planted="", found=None, skipped=why)


def told(found: Found) -> str | None:
    """What a run with a planted fault found, in few words; None if it found nothing."""
    if found.is_clean:
        return None
    counted = [f"{found.lost} lost" if found.lost else "", f"{found.duplicated} twice" if found.duplicated else ""]
    said = ", ".join(part for part in counted if part)
    return said or found.says[0]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


HEAD = ("drill", "trials", "faults", "lost", "twice", "bound 95 %", "recovery p95", "planted fault found")


def table(outcomes: Iterable[Outcome]) -> str:
    """The table of all drills, with what is wrong below it."""
    outcomes = list(outcomes)
    rows = [HEAD, *(_row(outcome) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    for outcome in outcomes:
        lines += [f"{outcome.name}: {sentence}" for sentence in (*outcome.correct.says[:10], *outcome.correct.notes)]
    return "\n".join(lines)


def _row(outcome: Outcome) -> tuple[str, ...]:
    found = outcome.correct
    if outcome.skipped is not None:
        return (outcome.name, "-", "-", "-", "-", "-", "-", f"skipped: {outcome.skipped}")
    bad = found.lost + found.duplicated
    return (
        outcome.name,
        str(found.trials),
        str(found.faults),
        str(found.lost),
        str(found.duplicated),
        "-" if bad else f"<= {3 / max(1, found.trials):.2g}",
        _recovery(outcome),
        f"yes: {outcome.found} ({outcome.planted})" if outcome.found else f"NO ({outcome.planted})",
    )


def _recovery(outcome: Outcome) -> str:
    if not outcome.correct.recovery:
        return "-"
    p95 = percentile(outcome.correct.recovery, 0.95)
    if outcome.recovery_limit is None:
        return f"{p95:.1f} s"
    return f"{p95:.1f} s ({'limit' if outcome.is_in_time else 'OVER the limit of'} {outcome.recovery_limit:g})"
