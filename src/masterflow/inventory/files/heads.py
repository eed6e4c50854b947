"""The first look at a file: that it is there, that it has a bearable size, and how it begins."""

from pathlib import Path

from masterflow.errors import FileRejected, Place
from masterflow.inventory.reading import MAX_FILE_BYTES, FileHead

START_BYTES = 64 * 1024  # what an importer may look at without opening the file


def head_of(path: Path, *, max_bytes: int = MAX_FILE_BYTES) -> FileHead:
    """What is known of a file before it is read.

    Raises:
        FileRejected: there is no such file, it is a folder, empty, not readable, or larger than `max_bytes`.
    """
    place = Place(path.name)
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise FileRejected(place, "This is a folder.", hint="Name the files inside it.", code="folder")
        check_size(place, size, max_bytes)
        with path.open("rb") as file:
            start = file.read(START_BYTES)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        message = f"The file cannot be opened ({reason})."
        raise FileRejected(place, message, hint="Check the name and the rights.", code="not_readable") from error
    return FileHead(name=path.name, size_bytes=size, start=start, path=path)


def check_size(place: Place, size: int, max_bytes: int) -> None:
    """Refuse an empty file and one over the limit."""
    if size == 0:
        raise FileRejected(
            place, "The file is empty (0 bytes).", hint="Export it again and check that it has rows.", code="empty"
        )
    if size > max_bytes:
        raise FileRejected(
            place,
            f"The file has {megabytes(size)}, more than the limit of {megabytes(max_bytes)}.",
            hint="Split it, or leave out columns and sheets that are not needed, and upload the parts.",
            code="too_large",
        )


def megabytes(size: int) -> str:
    """A size for a sentence."""
    return f"{size / 1024 / 1024:,.1f} MiB" if size >= 1024 * 1024 else f"{size:,} bytes"
