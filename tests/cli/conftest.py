"""The command line in this process, on this test's database and a folder of its own."""

import asyncio
import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog

from masterflow.bootstrap import Masterflow
from masterflow.cli.acting import engagement_meant, with_parts
from masterflow.cli.root import run
from masterflow.db.status import FlowStatus
from masterflow.db.urls import DatabaseUrls
from tests.conftest import ROLE_SECRET


@dataclass(frozen=True, slots=True)
class Ran:
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Shell = Callable[..., Ran]


@pytest.fixture
def settings(urls: DatabaseUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of a command; answers the folder it works in."""
    for name in os.environ:
        if name.startswith("MASTERFLOW_"):
            monkeypatch.delenv(name)
    assert urls.admin is not None
    monkeypatch.setenv("MASTERFLOW_DATABASE_URL", urls.admin.render_as_string(hide_password=False))
    monkeypatch.setenv("MASTERFLOW_DATABASE_ROLE_SECRET", ROLE_SECRET)
    monkeypatch.setenv("MASTERFLOW_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("MASTERFLOW_WORKER_PROCESSES", "1")
    for module in ("root", "serving"):  # the log of this process is the test runner's
        monkeypatch.setattr(f"masterflow.cli.{module}.configure_logs", lambda *_, **__: None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def shell(settings: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Run one command as `shell("flow", "list")`."""

    def ran(*arguments: object) -> Ran:
        capsys.readouterr()
        with quiet():
            code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return ran


@pytest.fixture
def ana(shell: Shell) -> Shell:
    """The same after Ana has become the lead of an engagement, and is remembered."""
    for command in (
        ("client", "create", "Northwind"),
        ("engagement", "create", "Exit"),
        ("user", "create", "ana@northwind.example", "--role", "lead"),
    ):
        assert shell(*command).code == 0
    return shell


@pytest.fixture
def inventory_csv(settings: Path) -> Path:
    """A small inventory of three servers, two of them with an application."""
    path = settings / "servers.csv"
    path.write_text(
        "Server Name,Operating System,CPU Cores,Memory (MB),Application\n"
        "web-01,Windows Server 2012 R2,4,8192,Shop\n"
        "db-01,Red Hat Enterprise Linux 8,8,32768,Shop\n"
        "old-01,Windows Server 2022,2,4096,\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def settle(settings: Path) -> Callable[[str], None]:
    """Run a worker until a flow runs no more: it ended, or waits for somebody."""

    async def settled(parts: Masterflow, flow_id: str) -> None:
        owner = await engagement_meant(parts, None)
        actor = await parts.operator.principal(owner.tenant, "ana@northwind.example")
        async with parts.working(), asyncio.timeout(120):
            while (await parts.orchestrator.get(actor, UUID(flow_id))).status is FlowStatus.RUNNING:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    def settling(flow_id: str) -> None:
        with quiet():
            with_parts(lambda parts: settled(parts, flow_id))

    return settling


@contextmanager
def quiet() -> Iterator[None]:
    """No log lines, and none from the engine's library: it keeps a handler on the standard error of its first start,
    which pytest has closed by the second."""
    with structlog.testing.capture_logs():
        yield
    logging.getLogger("dbos").handlers.clear()
