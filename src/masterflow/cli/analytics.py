"""`masterflow flow analytics`: what flows did, in tables and one picture."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated

import typer

from masterflow.api.analytics import AnalyticsOut, CountsOut, TimingOut
from masterflow.cli.acting import As, AsJson, Here, In, act
from masterflow.cli.output import print_json, print_table, say
from masterflow.orchestrator.analytics import Scope

BAR = 30  # characters of the longest bar
DAY_FORMAT = "%Y-%m-%d"
DAY = 24 * 3600.0  # seconds
NONE_YET = "Nothing is counted yet; a worker counts what flows do as they do it."


def analytics(
    *,
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=[DAY_FORMAT], help="First day (UTC); without one the window has 30 days"),
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=[DAY_FORMAT], help="Last day (UTC), included; else today")
    ] = None,
    flow_type: Annotated[str | None, typer.Option("--type", help="Only this flow type")] = None,
    scope: Annotated[
        Scope, typer.Option("--scope", help="client: all engagements that you lead together")
    ] = Scope.ENGAGEMENT,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Say how many flows there are, what they did, how long it took, and why some failed."""

    async def work(here: Here) -> AnalyticsOut:
        report = await here.parts.orchestrator.analytics(
            here.actor,
            first=first.date() if first else None,
            last=last.date() if last else None,
            flow_type=flow_type,
            scope=scope,
        )
        return AnalyticsOut.of(report)

    report = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json(report)
    else:
        _print(report)


def _print(report: AnalyticsOut) -> None:
    if report.as_of is None:
        say(NONE_YET)
        return
    say(f"Flows as of {report.as_of:%Y-%m-%d %H:%M:%S} UTC; what follows is from {report.first} to {report.last}.\n")
    standing = [(f.flow_type, status.value, number) for f in report.flows for status, number in f.by_status.items()]
    print_table(("flow type", "status", "flows"), standing, empty="There is no flow.")
    _section("Done", _DONE, [_done(counted) for counted in report.totals])
    _section("Completed by day", ("day (UTC)", "flows", ""), _bars(report))
    timed = ("executions", "p50", "p95", "total")
    _section("Phases", ("flow type", "phase", *timed), [(p.flow_type, p.phase, *_timed(p)) for p in report.phases])
    waits = [(w.flow_type, w.wait.value, *_timed(w)) for w in report.waits]
    _section("Waits that ended", ("flow type", "for", "waits", "p50", "p95", "total"), waits)
    causes = [(c.flow_type, c.phase, c.code, c.error_class, c.count) for c in report.failures]
    _section("Causes of failure", ("flow type", "phase", "code", "class", "failures"), causes)


def _section(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if rows:
        say(f"\n{title}")
        print_table(columns, rows, empty="")


_DONE = ("flow type", "created", "completed", "failed", "cancelled", "success", "phases", "retries", "rollbacks")


def _done(counted: CountsOut) -> Sequence[object]:
    rate = "" if counted.success_rate is None else f"{counted.success_rate:.0%}"
    ended = (counted.created, counted.completed, counted.failed, counted.cancelled)
    return (counted.flow_type, *ended, rate, counted.phases_done, counted.retries, counted.rollbacks)


def _bars(report: AnalyticsOut) -> Sequence[Sequence[object]]:
    by_day: dict[str, int] = {}
    for day in report.days:
        by_day[str(day.day)] = by_day.get(str(day.day), 0) + day.completed
    most = max(by_day.values(), default=0)
    return [(day, number, "█" * max(1, round(BAR * number / most))) for day, number in by_day.items() if number]


def _timed(timing: TimingOut) -> Iterable[object]:
    return (timing.count, _span(timing.p50_seconds), _span(timing.p95_seconds), _span(timing.total_seconds))


def _span(seconds: float | None) -> str:
    """A duration in the unit that people would use."""
    if seconds is None:
        return ""
    for size, unit in ((DAY, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds * 1000:.0f} ms"
