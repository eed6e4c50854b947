"""The first look at a file: that it is there, that it has a bearable size, and how it begins."""

import re
import stat
from pathlib import Path

from masterflow.errors import FileRejected, Place
from masterflow.inventory.reading import MAX_FILE_BYTES, FileHead

UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")  # in a name: no line and no database holds it
MAX_PARSED_WHOLE_BYTES = 64 * 1024 * 1024  # of a document held as values at once: they need about ten times as much
START_BYTES = 64 * 1024  # what an importer may look at without opening the file


def head_of(path: Path, *, max_bytes: int = MAX_FILE_BYTES) -> FileHead:
    """What is known of a file before it is read.

    Raises:
        FileRejected: there is no such file, it is a folder, a pipe or a device, empty, not readable, or larger than
            `max_bytes`.
    """
    place = Place(UNPRINTABLE.sub("\ufffd", path.name))
    try:
        found = path.stat()
        check_kind(place, found.st_mode)
        size = found.st_size
        check_size(place, size, max_bytes)
        with path.open("rb") as file:
            start = file.read(START_BYTES)
    except (OSError, ValueError) as error:
        raise not_readable(place, error) from error
    return FileHead(name=place.file, size_bytes=size, start=start, path=path)


def not_readable(place: Place, error: OSError | ValueError) -> FileRejected:
    """The refusal of a file that is not there, may not be read, or went away while it was read."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    message = f"The file cannot be opened ({reason})."
    return FileRejected(place, message, hint="Check the name and the rights.", code="not_readable")


def check_kind(place: Place, mode: int) -> None:
    """Refuse what is no file; a pipe would be waited for without end."""
    if stat.S_ISDIR(mode):
        raise FileRejected(place, "This is a folder.", hint="Name the files inside it.", code="folder")
    if not stat.S_ISREG(mode):
        message = "This is a pipe, a socket or a device, not a file."
        raise FileRejected(place, message, hint="Save what it gives as a file, and name that.", code="no_file")


def check_size(place: Place, size: int, max_bytes: int) -> None:
    """Refuse an empty file and one over the limit."""
    if size == 0:
        raise FileRejected(
            place, "The file is empty (0 bytes).", hint="Export it again and check that it has rows.", code="empty"
        )
    if size > max_bytes:
        has, limit = megabytes(size), megabytes(max_bytes)
        if has == limit:
            has, limit = f"{size:,} bytes", f"{max_bytes:,} bytes"
        raise FileRejected(
            place,
            f"The file has {has}, more than the limit of {limit}.",
            hint="Split it, or leave out columns and sheets that are not needed, or raise MASTERFLOW_MAX_UPLOAD_MB.",
            code="too_large",
        )


def check_parsed_whole(head: FileHead) -> None:
    """Refuse a document that has to be parsed as a whole and would need too much memory.

    Raises:
        FileRejected: it has more than `MAX_PARSED_WHOLE_BYTES`.
    """
    if head.size_bytes > MAX_PARSED_WHOLE_BYTES:
        has, limit = megabytes(head.size_bytes), megabytes(MAX_PARSED_WHOLE_BYTES)
        raise FileRejected(
            Place(head.name),
            f"This kind of JSON is read as a whole and has {has}, more than the limit of {limit}.",
            hint="Export it in parts, by site, project or day, and upload the parts.",
            code="too_large_whole",
        )


def megabytes(size: int) -> str:
    """A size for a sentence; MB are 10^6 bytes, as in MASTERFLOW_MAX_UPLOAD_MB."""
    return f"{size / 1_000_000:,.1f} MB" if size >= 1_000_000 else f"{size:,} bytes"
