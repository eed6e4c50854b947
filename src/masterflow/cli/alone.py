"""One `masterflow up` for a data folder: the database that it starts ends with it, under whoever else uses it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from masterflow.bootstrap import embedded_server
from masterflow.config import Settings
from masterflow.errors import Conflict

PATIENCE = timedelta(seconds=15)  # with another command that has started the database and will stop it
LOOK = timedelta(milliseconds=200)


@contextmanager
def the_only_one_up(settings: Settings) -> Iterator[None]:
    """Hold the data folder until the block ends, and begin with its database stopped.

    Raises:
        Conflict: another `up` holds the folder, or another command keeps its database running.
    """
    if not settings.database_is_embedded:
        yield
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / "up.lock").open("a+", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.seek(0)
            raise Conflict(
                f"Masterflow is up on {settings.data_dir} already, as process {held.read() or 'unknown'}.",
                hint="Use that one, stop it first, or set another MASTERFLOW_DATA_DIR.",
            ) from None
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        _await_stopped(settings)
        yield


def _await_stopped(settings: Settings) -> None:
    server = embedded_server(settings)
    until = time.monotonic() + PATIENCE.total_seconds()
    while server.runs:
        if time.monotonic() >= until:
            raise Conflict(
                f"Another command has started the database of {settings.data_dir}, and would stop it under this one.",
                hint="Try again when it has ended.",
            )
        time.sleep(LOOK.total_seconds())
