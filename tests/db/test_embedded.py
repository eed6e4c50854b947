"""The embedded server starts, is joined, ends with its parent, and says what is wrong."""

import fcntl
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import psycopg
import pytest

from masterflow.db import embedded
from masterflow.db.embedded import EmbeddedPostgres
from masterflow.errors import Unavailable
from masterflow.testing import eventually
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


def starter(folder: Path) -> subprocess.Popen[bytes]:
    """Another process that starts a server on `folder`, says its own server's pid, and stays until its input ends."""
    script = (
        "import sys; from pathlib import Path; from masterflow.db.embedded import EmbeddedPostgres\n"
        f"server = EmbeddedPostgres(Path({str(folder)!r})); url = server.start()\n"
        "print(server.pid, url.port, flush=True); sys.stdin.read(); server.stop()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )


async def is_starting(folder: Path) -> bool:
    """Whether somebody is about to start a server here."""
    with (folder / "starting.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


async def is_stopping(folder: Path) -> bool:
    return "stopping" in (folder / "pgdata" / "postmaster.pid").read_text(encoding="utf-8")


def test_two_processes_that_start_together_share_one_server(folder: Path) -> None:
    pair = [starter(folder) for _ in range(2)]
    told = [one.stdout.readline().decode().split() for one in pair]
    pids, ports = zip(*told, strict=True)
    assert len(set(ports)) == 1
    assert sorted(pid == "None" for pid in pids) == [False, True]
    for one in sorted(pair, key=lambda one: pids[pair.index(one)] != "None"):
        one.communicate()


async def test_a_server_that_is_still_ending_is_waited_for(folder: Path) -> None:
    first = EmbeddedPostgres(folder)
    url = first.start()
    with psycopg.connect(url.render_as_string(hide_password=False)):
        os.kill(first.pid, signal.SIGTERM)  # it ends when its last client has gone
        await eventually(lambda: is_stopping(folder))
        second = starter(folder)
        await eventually(lambda: is_starting(folder))
        assert embedded._servers_of(first.data), "it was run over"
        assert first._process.poll() is None
    pid, _ = second.stdout.readline().decode().split()
    assert int(pid) != first.pid
    assert first._process.wait() == 0
    second.communicate()


def test_a_server_that_neither_answers_nor_ends_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = EmbeddedPostgres(folder)
    url = first.start()
    monkeypatch.setattr(embedded, "START_TIMEOUT", timedelta(0))
    monkeypatch.setattr(embedded, "_answers", lambda _: False)
    with pytest.raises(Unavailable, match=rf"neither answers nor ends \(processes .*\b{first.pid}\b"):
        EmbeddedPostgres(folder).start()
    assert answers(url) == "on"
    first.stop()


def is_checkpointer(process: psutil.Process) -> bool:
    try:
        return "checkpointer" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # a helper that has ended since
        return False


async def test_what_a_killed_server_left_running_is_waited_for(folder: Path) -> None:
    first = EmbeddedPostgres(folder)
    first.start()
    left = [one for one in psutil.Process(first.pid).children() if is_checkpointer(one)]
    left[0].suspend()
    os.kill(first.pid, signal.SIGKILL)
    first._process.wait()
    assert embedded._servers_of(first.data)
    second = starter(folder)
    await eventually(lambda: is_starting(folder))
    assert first._running_port() is None
    left[0].resume()
    assert second.stdout.readline().decode().split()[0] != "None"
    second.communicate()


def test_a_pid_file_that_names_another_program_is_no_obstacle(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    server.stop()
    pid_file = folder / "pgdata" / "postmaster.pid"
    user = embedded._server_user()
    stranger = subprocess.Popen([*embedded._as(user), "sleep", "600"])
    try:
        pid_file.write_text(f"{stranger.pid}\n{folder}/pgdata\n1\n5432\n\n127.0.0.1\n\nready   \n")
        again = EmbeddedPostgres(folder)
        assert answers(again.start()) == "on"
        again.stop()
    finally:
        stranger.kill()
        stranger.wait()


def test_the_pid_file_of_a_living_server_is_not_taken_away(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    assert not embedded._is_of_a_stranger(folder / "pgdata" / "postmaster.pid")
    server.stop()
    assert not embedded._is_of_a_stranger(folder / "pgdata" / "postmaster.pid"), "there is none"
