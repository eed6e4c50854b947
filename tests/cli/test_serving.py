"""The processes that stay: they say where they answer, do their work, and end when told."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from masterflow.cli.serving import connections_for
from tests.cli.conftest import Shell

PATIENCE_SECONDS = 60


@pytest.mark.parametrize(("concurrency", "connections"), [(1, 20), (100, 20), (101, 21), (1000, 110)])
def test_a_worker_has_a_connection_for_every_ten_flows(concurrency: int, connections: int) -> None:
    assert connections_for(concurrency) == connections


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """One command in a process of its own."""
    started = subprocess.Popen(
        [sys.executable, "-m", "masterflow", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"},
    )
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.communicate()


def line_with(started: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    """The first line of its output that matches, however long it takes; fails when the output ends before."""
    assert started.stdout is not None
    for line in started.stdout:
        if found := re.search(pattern, line):
            return found
    raise AssertionError(started.communicate()[1])


def ends(started: subprocess.Popen[str]) -> int:
    started.send_signal(signal.SIGTERM)
    return started.wait(PATIENCE_SECONDS)


def test_up_runs_everything_and_tells_the_owners_token_once(settings: Path) -> None:
    with process("up", "--port", "0") as up:
        token = line_with(up, r"^(mf_\S+)$")[1]
        url = line_with(up, r"answers at (http://127\.0\.0\.1:\d+)/")[1]
        ready = httpx.get(f"{url}/health/ready").json()
        assert ready["status"] == "ready", ready
        me = httpx.get(f"{url}/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert me.json()["email"] == "owner@localhost"
        assert "server" not in me.headers
        assert ends(up) == 0
    with process("up", "--port", "0") as again:
        first = line_with(again, r"(mf_|answers at)")[1]
        assert first == "answers at"
        assert ends(again) == 0


def test_serve_and_worker_run_apart(ana: Shell, settings: Path) -> None:
    with process("serve", "--port", "0") as serve, process("worker") as worker:
        url = line_with(serve, r"answers at (http://\S+)/")[1]
        line_with(worker, r"^Worker [0-9a-f-]{36} moves flows")
        assert httpx.get(f"{url}/health/ready").json()["status"] == "ready"
        assert (ends(worker), ends(serve)) == (0, 0)


def test_a_second_signal_does_not_wait_for_open_connections(ana: Shell, settings: Path) -> None:
    with process("serve", "--port", "0") as serve:
        port = int(line_with(serve, r"answers at http://127\.0\.0\.1:(\d+)/")[1])
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.sendall(b"POST /api/v1/flows HTTP/1.1\r\nHost: x\r\n")
            serve.send_signal(signal.SIGINT)
            serve.send_signal(signal.SIGINT)
            assert serve.wait(PATIENCE_SECONDS) == 0


def test_a_port_that_is_taken_is_said(ana: Shell) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = ana("serve", "--port", taken.getsockname()[1])
    assert (ran.code, "Address already in use" in ran.err) == (1, True)
    assert "Choose another with --port." in ran.err


def test_a_database_that_was_never_migrated_is_refused_by_serve(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTERFLOW_DATABASE_ROLE_SECRET", "another")
    ran = shell("serve")
    assert (ran.code, "If it is new, run `masterflow db migrate`" in ran.err) == (1, True)
