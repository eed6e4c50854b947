"""The processes that stay: they say where they answer, do their work, and end when told."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from masterflow.bootstrap import masterflow
from masterflow.cli.serving import connections_for
from masterflow.config import Settings
from masterflow.db.health import probe
from masterflow.db.urls import DatabaseUrls
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


@contextmanager
def when_it_answers(port: int, ask: Callable[[str], None]) -> Iterator[list[BaseException]]:
    """Beside the block, which serves: once the port answers, `ask`, and then tell this process to stop."""
    failed: list[BaseException] = []

    def asking() -> None:
        url = f"http://127.0.0.1:{port}"
        transport = httpx.HTTPTransport(retries=12)  # with a doubling rest between them
        try:
            with httpx.Client(transport=transport) as client:
                client.get(f"{url}/health/live")
            ask(url)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failed.append(error)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=asking)
    thread.start()
    try:
        yield failed
    finally:
        thread.join(PATIENCE_SECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_up_runs_everything_and_tells_the_owners_token_once(shell: Shell) -> None:
    def ask(url: str) -> None:
        assert httpx.get(f"{url}/health/ready").json()["status"] == "ready"
        assert "server" not in httpx.get(f"{url}/").headers

    port = free_port()
    with when_it_answers(port, ask) as failed:
        first = shell("up", "--port", port)
    assert (failed, first.code) == ([], 0)
    [token] = [line for line in first.out.splitlines() if line.startswith("mf_")]
    port = free_port()

    def ask_again(url: str) -> None:
        me = httpx.get(f"{url}/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert me.json()["email"] == "owner@localhost"

    with when_it_answers(port, ask_again) as failed:
        again = shell("up", "--port", port)
    assert (failed, again.code, "mf_" in again.out) == ([], 0, False)
    for out in (first.out, again.out):  # at every start
        assert re.search(r"http://127\.0\.0\.1:\d+/sign-in#code=mfc_", out)


def test_up_offers_no_link_where_it_could_not_work(shell: Shell, settings: Path) -> None:
    port = free_port()
    with when_it_answers(port, lambda _: None) as failed:
        elsewhere = shell("up", "--port", port, "--host", "0.0.0.0")
    assert (failed, elsewhere.code, "sign-in#" in elsewhere.out) == ([], 0, False)
    assert shell("user", "disable", "owner@localhost").code == 0
    port = free_port()
    with when_it_answers(port, lambda _: None) as failed:
        disabled = shell("up", "--port", port)
    assert (failed, disabled.code, "sign-in#" in disabled.out) == ([], 0, False)
    assert "owner@localhost is disabled" in disabled.err


def test_serve_and_worker_run_apart(ana: Shell, settings: Path) -> None:
    port = free_port()
    with process("worker") as worker:
        line_with(worker, r"^Worker [0-9a-f-]{36} moves flows")

        def ask(url: str) -> None:
            assert httpx.get(f"{url}/health/ready").json()["status"] == "ready"

        with when_it_answers(port, ask) as failed:
            assert ana("serve", "--port", port).code == 0
        assert failed == []
        assert ends(worker) == 0


def test_a_process_without_the_owners_connection_makes_nobody(
    settings: Path, urls: DatabaseUrls, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MASTERFLOW_DATABASE_URL")
    monkeypatch.setenv("MASTERFLOW_DATABASE_APP_URL", urls.app.render_as_string(hide_password=False))
    monkeypatch.setenv("MASTERFLOW_DATABASE_ENGINE_URL", urls.engine.render_as_string(hide_password=False))
    port = free_port()
    with when_it_answers(port, lambda _: None) as failed:
        ran = shell("up", "--port", port)
    assert (failed, ran.code, "mf_" in ran.out) == ([], 0, False)


def test_a_worker_in_this_process_says_who_it_is(ana: Shell, settings: Path) -> None:
    def stop_when_it_works() -> None:
        async def beaten() -> None:
            async with masterflow(Settings.from_environment(), pool_size=2) as parts:
                while (await probe(parts.urls)).worker_age is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)

        asyncio.run(beaten())
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=stop_when_it_works)
    thread.start()
    ran = ana("worker")
    thread.join(PATIENCE_SECONDS)
    assert (ran.code, "moves flows; stop it with Ctrl-C" in ran.out) == (0, True)


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
