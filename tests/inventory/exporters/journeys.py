"""An estate that leaves by an exporter and comes back by our own importers."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from uuid import UUID

from masterflow.analysis.estate.build import Estate, build_estate
from masterflow.analysis.estate.mapped import MappedColumn, MappedSheet
from masterflow.flows.discovery.inspection import proposal
from masterflow.inventory.exporters.catalog import exporter_of
from masterflow.inventory.exporting import Exported, LeftOut
from masterflow.inventory.files.heads import head_of
from masterflow.inventory.importers.catalog import importer_of
from masterflow.inventory.types import Asset

DATA = Path(__file__).parents[2] / "data" / "estate"
SPACE = UUID("7b0e6a54-7a66-4f0f-8a43-8a6f1a1b7c11")


def written(name: str, servers: Iterable[Exported]) -> tuple[bytes, list[LeftOut]]:
    """The file of a format with these servers, and what it left out."""
    target = io.BytesIO()
    writer = exporter_of(name).opens(target)
    reasons = [(one.asset.name, writer.asset(one)) for one in servers]
    writer.close()
    return target.getvalue(), [LeftOut(name, reason) for name, reason in reasons if reason]


def files_of(name: str, content: bytes, folder: Path) -> list[Path]:
    """The file, or those in its zip, on disk."""
    file_name = exporter_of(name).file_name
    if not file_name.endswith(".zip"):
        path = folder / file_name
        path.write_bytes(content)
        return [path]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
        return [folder / entry for entry in archive.namelist()]


def mapped(path: Path) -> list[MappedSheet]:
    """The sheets of a file with every proposal accepted."""
    importer = importer_of(head_of(path))
    read = importer.reads(head_of(path))
    return [
        MappedSheet(
            path.name,
            read.format,
            sheet,
            tuple(
                MappedColumn(match.header, index, match.field, match.unit)
                for index, match in enumerate(proposal(sheet, importer))
            ),
        )
        for sheet in read.sheets
    ]


def imported(paths: Sequence[Path]) -> Estate:
    """The estate that our importers make of some files."""
    return build_estate([sheet for path in paths for sheet in mapped(path)], namespace=SPACE)


def carried(asset: Asset, *names: str) -> dict[str, object]:
    return {name: getattr(asset, name) for name in names}


def applications_of(estate: Estate) -> dict[str, set[str]]:
    """The names of the servers of each application that a source states."""
    names = {asset.id: asset.name for asset in estate.assets}
    return {
        one.name: {names[i] for i in one.asset_ids if i not in set(one.proposed_asset_ids)}
        for one in estate.applications
    }
