"""The embedded server starts, is joined, ends with its parent, and says what is wrong."""

import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from masterflow.db.embedded import EmbeddedPostgres
from masterflow.errors import Unavailable
from tests.rules.source import ROOT


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="masterflow-pg-") as name:
        Path(name).chmod(0o755)
        yield Path(name) / "data"


def answers(url) -> str:
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        (value,) = connection.execute("SHOW data_checksums").fetchone()
        return value


def test_a_cold_start_a_join_and_a_warm_start_reach_the_same_data(folder: Path) -> None:
    first = EmbeddedPostgres(folder)
    url = first.start()
    assert answers(url) == "on"
    joined = EmbeddedPostgres(folder)
    assert joined.start() == url
    assert joined.pid is None
    joined.stop()
    assert answers(url) == "on"
    first.stop()
    again = EmbeddedPostgres(folder)
    assert answers(again.start()) == "on"
    again.stop()


def test_the_server_refuses_a_wrong_password(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    url = server.start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.set(password="guess").render_as_string(hide_password=False))
    server.stop()


def test_a_killed_parent_leaves_no_server_behind(folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from masterflow.db.embedded import EmbeddedPostgres\n"
        f"server = EmbeddedPostgres(Path({str(folder)!r})); server.start()\n"
        "print(server.pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    pid = int(parent.stdout.readline())
    handle = os.pidfd_open(pid)
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    readable, _, _ = select.select([handle], [], [], 20)
    os.close(handle)
    assert readable, "the server outlived its killed parent"


def test_a_server_that_cannot_start_shows_its_last_log_lines(folder: Path) -> None:
    server = EmbeddedPostgres(folder, options=("no_such_setting=1",))
    with pytest.raises(Unavailable, match=r"did not start: .*no_such_setting"):
        server.start()


def test_a_stale_pid_file_of_a_dead_server_is_no_obstacle(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    os.kill(server.pid, signal.SIGKILL)
    server._process.wait()
    again = EmbeddedPostgres(folder)
    assert answers(again.start()) == "on"
    again.stop()
