"""Proof that this process lives: a lock that its connection holds, and a beat from a thread.

The lock goes with the connection, so a killed process is noticed within seconds; the beat tells of a process that
is frozen while its connection stands. The thread is no task, because a phase that blocks the event loop is a nuisance
and not a death.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from secrets import randbits
from uuid import UUID

import psycopg
from sqlalchemy.engine import URL

from masterflow.errors import Unavailable
from masterflow.logs import get_logger

log = get_logger(__name__)

CONNECT_SECONDS = 5

_REGISTER = """
INSERT INTO workers (worker_id, lock_key, host, pid, version) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (worker_id) DO UPDATE SET beat_at = clock_timestamp(), lock_key = excluded.lock_key"""
_BEAT = "UPDATE workers SET beat_at = clock_timestamp() WHERE worker_id = %s"


class Heartbeat:
    """Beats for one worker from `start` to `stop`. `declared_dead` is called, in the thread, when somebody removed the
    worker's row meanwhile: its flows belong to others by then."""

    def __init__(
        self,
        url: URL,
        *,
        worker_id: UUID,
        pid: int,
        version: str,
        period: timedelta,
        declared_dead: Callable[[], None],
    ) -> None:
        self._url = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._worker_id = worker_id
        self._process = (socket.gethostname(), pid, version)
        self._period = period
        self._declared_dead = declared_dead
        self._stopped = threading.Event()
        self._connection: psycopg.Connection | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Register this worker, take its lock, and beat from now on. Blocks for a round trip or two.

        Raises:
            Unavailable: Postgres does not answer.
        """
        try:
            self._register()
        except psycopg.Error as error:
            raise Unavailable(f"The worker cannot register: {error}.", hint="Check the database.") from error
        self._thread = threading.Thread(target=self._beat_until_stopped, name="masterflow-heartbeat", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the beat and let go of the lock. The row stays for the sweeper of another worker, which frees what this
        one may still hold and then removes it."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        if self._connection is not None:
            self._connection.close()

    def _beat_until_stopped(self) -> None:
        while not self._stopped.wait(self._period.total_seconds()):
            try:
                self._beat()
            except psycopg.Error as error:
                log.warning("heartbeat_failed", error=str(error))
                self._connect_anew()

    def _beat(self) -> None:
        if self._connection is None:
            raise psycopg.OperationalError("not connected")
        if self._connection.execute(_BEAT, (self._worker_id,)).rowcount == 0:
            log.warning("worker_was_declared_dead", worker_id=str(self._worker_id))
            self._enter(self._connection)
            self._declared_dead()

    def _connect_anew(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        with suppress(psycopg.Error):
            self._register()

    def _register(self) -> None:
        connection = psycopg.connect(
            self._url, autocommit=True, application_name="masterflow-heartbeat", connect_timeout=CONNECT_SECONDS
        )
        try:
            self._enter(connection)
        except psycopg.Error:
            connection.close()
            raise
        self._connection = connection

    def _enter(self, connection: psycopg.Connection) -> None:
        """Take a lock under a key of this connection alone: the server may hold a lost one's for a long time."""
        key = _lock_key()
        connection.execute("SELECT pg_advisory_lock(%s)", (key,))
        connection.execute(_REGISTER, (self._worker_id, key, *self._process))


def _lock_key() -> int:
    """A key that no other worker has, and that is not one of ours with a fixed meaning: those have 40 bits at most."""
    return randbits(62) | 1 << 62
