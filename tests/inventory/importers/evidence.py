"""What the tests of dependency evidence share: reading a text or a real file, rows by column, and the typed rows."""

from pathlib import Path

from masterflow.analysis.estate.flows import FlowRow
from masterflow.flows.discovery.flow_rows import flow_rows_of
from masterflow.inventory.importers.catalog import open_file
from masterflow.inventory.reading import FileRead
from tests.inventory.makers import text_file

EVIDENCE = Path(__file__).parents[2] / "data" / "evidence"
ESTATE = Path(__file__).parents[2] / "data" / "estate"


def read_text(folder: Path, content: str, name: str = "upload.txt") -> FileRead:
    """What is read of a file with this content, by the importer it belongs to."""
    return open_file(text_file(folder, content, name))


def flows(read: FileRead) -> list[FlowRow]:
    """The typed rows; none of them may be refused."""
    typed = flow_rows_of(read)
    assert typed.rejects == read.rejects
    return list(typed.rows)


def arrows(read: FileRead) -> list[str]:
    """Each connection as "source > target:port/protocol xcount"."""
    return [
        f"{row.source or row.source_hostname or row.source_application}"
        f" > {row.target or row.target_hostname or row.target_application}"
        f":{row.port or ''}/{row.protocol or ''} x{row.connections}"
        for row in flows(read)
    ]
