"""Rows of dependency tables as the analysis takes them, read by the approved columns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from masterflow.analysis.estate.flows import FlowRow
from masterflow.errors import Place
from masterflow.flows.discovery.sources import Source
from masterflow.inventory.importers.dependency_csv import DependencyRow, read_dependencies, unusable_rows
from masterflow.inventory.reading import FileRead, Reject


@dataclass(frozen=True, slots=True)
class FlowRows:
    """The usable rows of dependency tables, and the others with the reason."""

    rows: tuple[FlowRow, ...]
    rejects: tuple[Reject, ...]


def read_flow_rows(sources: Sequence[Source]) -> FlowRows:
    """Type the rows of sources that name both ends of a connection."""
    rows: list[FlowRow] = []
    rejects: list[Reject] = []
    for source in sources:
        typed, refused = read_dependencies(FileRead(source.format, (source.by_field(),), file=source.label))
        rows += (flow_row(row, origin=source.format) for row in typed)
        rejects += (_with_header(reject, source) for reject in refused)
    return FlowRows(tuple(rows), tuple(rejects))


def flow_rejects(sources: Sequence[Source]) -> tuple[Reject, ...]:
    """The rows that `read_flow_rows` cannot use; the usable ones are not kept."""
    return tuple(
        _with_header(reject, source)
        for source in sources
        for reject in unusable_rows(FileRead(source.format, (source.by_field(),), file=source.label))
    )


def flow_rows_of(read: FileRead) -> FlowRows:
    """Type the rows of a file that tells who talks to whom, by its own headers; nothing has to be mapped before.

    The rejects are those of the reading and those of the typing.

    Raises:
        FileRejected: no sheet names both ends of a connection.
    """
    typed, refused = read_dependencies(read)
    rows = tuple(flow_row(row, origin=read.format) for row in typed)
    return FlowRows(rows, (*read.rejects, *refused))


def flow_row(row: DependencyRow, *, origin: str | None = None) -> FlowRow:
    """A typed row with its two ends told apart by address, host name and application."""
    return FlowRow(
        place=row.place,
        source=row.source.address,
        target=row.destination.address,
        source_hostname=row.source.host,
        target_hostname=row.destination.host,
        source_application=row.source.application,
        target_application=row.destination.application,
        port=row.port,
        protocol=row.protocol,
        connections=row.connections,
        bytes_total=row.bytes_total,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        source_process=row.source.process,
        target_process=row.destination.process,
        oriented=row.oriented,
        origin=origin,
        observations=row.observations,
    )


def _with_header(reject: Reject, source: Source) -> Reject:
    """The reject with the column as the file calls it."""
    headers = {column.field: column.header for column in source.columns if column.field}
    place = reject.place
    if place.column is None:
        return reject
    named = ", ".join(headers.get(part, part) for part in place.column.split(", "))
    return replace(reject, place=Place(place.file, place.sheet, place.row, named))
