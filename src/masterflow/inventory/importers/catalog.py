"""Which importers exist, and which of them a file belongs to.

An importer is a module in this folder with `IMPORTER = Importer(...)`, or an object that another package names under
the entry point group "masterflow.importers". Every importer says how sure it is; the highest answer wins.
"""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from pkgutil import iter_modules

from masterflow.errors import ConfigurationInvalid, FileRejected, Place
from masterflow.inventory import importers as folder
from masterflow.inventory.files.delimited import no_table
from masterflow.inventory.files.heads import head_of, not_readable
from masterflow.inventory.files.unread import CERTAIN, UnreadFormat, container_of, unread_format
from masterflow.inventory.reading import MAX_FILE_BYTES, FileHead, FileRead, Importer

ENTRY_POINTS = "masterflow.importers"
BEYOND_DOUBT = 1.0  # of an importer that opens archives itself; text inside an uncompressed one looks like a table


@cache
def all_importers() -> tuple[Importer, ...]:
    """Every importer of this folder and of other packages, by name.

    Raises:
        ConfigurationInvalid: two have the same name, or an entry point gives something else.
    """
    return collected([*own_importers(), *foreign_importers()])


def own_importers() -> Iterable[tuple[str, object]]:
    """What the modules of this folder declare, with where it stands."""
    for module in iter_modules(folder.__path__, f"{folder.__name__}."):
        found = getattr(import_module(module.name), "IMPORTER", None)
        if found is not None:
            yield module.name, found


def foreign_importers() -> Iterable[tuple[str, object]]:
    """What other packages declare, with where it stands."""
    for point in entry_points(group=ENTRY_POINTS):
        yield point.value, point.load()


def collected(found: Iterable[tuple[str, object]]) -> tuple[Importer, ...]:
    """The importers among what was found, by name.

    Raises:
        ConfigurationInvalid: two have the same name, or one is no `Importer`.
    """
    places: dict[str, str] = {}
    importers: list[Importer] = []
    for place, importer in found:
        if not isinstance(importer, Importer):
            message = f"{place} is a {type(importer).__name__}, not an Importer."
            raise ConfigurationInvalid(message, hint="Name an object made by masterflow.inventory.reading.Importer.")
        if importer.name in places:
            message = f'Two importers are called "{importer.name}": {places[importer.name]} and {place}.'
            raise ConfigurationInvalid(message, hint="Rename one of them, or remove a package.")
        places[importer.name] = place
        importers.append(importer)
    return tuple(sorted(importers, key=lambda importer: importer.name))


def recognise(path: Path, *, max_bytes: int = MAX_FILE_BYTES) -> Importer:
    """The importer that a file belongs to.

    Raises:
        FileRejected: the file cannot be opened, is over the limit, or of a format that is not read.
    """
    return importer_of(head_of(path, max_bytes=max_bytes))


def open_file(path: Path, *, max_bytes: int = MAX_FILE_BYTES) -> FileRead:
    """All that can be read of a file, by the importer it belongs to.

    Raises:
        FileRejected: the file cannot be opened, is over the limit, of a format that is not read, or has no rows.
    """
    head = head_of(path, max_bytes=max_bytes)
    return read_by(importer_of(head), head)


def read_by(importer: Importer, head: FileHead) -> FileRead:
    """All that this importer reads of a file.

    Raises:
        FileRejected: nothing at all can be read, or the file went away meanwhile.
    """
    try:
        return importer.reads(head)
    except OSError as error:
        raise not_readable(Place(head.name), error) from error


def importer_of(head: FileHead) -> Importer:
    """The importer that is surest of a file, unless the file looks more like a format that is not read.

    Raises:
        FileRejected: no importer wants it.
    """
    try:
        return surest(head)
    except OSError as error:
        raise not_readable(Place(head.name), error) from error


def surest(head: FileHead) -> Importer:
    """The importer that is surest of a file.

    Raises:
        FileRejected: no importer wants it, or it looks more like a format that is not read.
    """
    claims = [(importer.recognises(head), importer) for importer in all_importers()]
    sureness, best = max(claims, key=lambda claim: claim[0])
    container = container_of(head) if sureness < BEYOND_DOUBT else None
    if container is not None:
        raise FileRejected(Place(head.name), f"{container.what}.", hint=container.next_step, code=container.name)
    if sureness >= CERTAIN:
        return best
    unread = unread_format(head)
    if unread is not None:
        raise not_read(head, unread)
    if sureness <= 0:
        raise no_table(Place(head.name), head)
    return best


def not_read(head: FileHead, unread: UnreadFormat) -> FileRejected:
    """The refusal of a format that is known and not read."""
    titles = "; ".join(importer.title for importer in all_importers())
    message = f"This seems to be {unread.what}, which is not read. Read today: {titles}."
    return FileRejected(Place(head.name), message, hint=unread.next_step, code=f"unread.{unread.name}")
