"""Rows for tests."""

from datetime import UTC, datetime

from masterflow.analysis.estate.flows import FlowRow
from masterflow.errors import Place

START, END = datetime(2026, 10, 19, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)


def flow(source="10.1.1.1", target="10.1.1.2", port=443, connections=5000, *, line=2, file="flows.csv", **more):
    """A row of a flow table over five weeks."""
    given = {"protocol": "tcp", "bytes_total": 1000, "first_seen": START, "last_seen": END, **more}
    return FlowRow(Place(file, "csv", line), source, target, port=port, connections=connections, **given)


def listed(source, target, *, line=2, **more):
    """A row of a list that names two ends and nothing else."""
    place = Place("list.txt", "list", line)
    return FlowRow(place, None, None, source_hostname=source, target_hostname=target, **more)
