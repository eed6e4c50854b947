"""A real `masterflow up` in a process of its own, and people in it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from masterflow.api.users import link_path
from masterflow.bootstrap import Masterflow, masterflow
from masterflow.config import Settings
from masterflow.errors import Conflict
from masterflow.tenancy.types import Tenant

PATIENCE_SECONDS = 90
LEAVING_SECONDS = 40


@dataclass
class Server:
    """One installation in a folder, which can be stopped and started again on the same port."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it can work."""
        log = (self.folder / "up.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "masterflow", "up", "--port", str(self.port)],
            stdout=log,
            stderr=log,
            env=os.environ | {"MASTERFLOW_DATA_DIR": str(self.folder), "PYTHONPATH": os.pathsep.join(sys.path)},
            start_new_session=True,
        )
        log.close()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self.folder / "up.log").read_text())
            time.sleep(0.1)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it, and wait until it is gone."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(LEAVING_SECONDS)
            self.process = None

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    @asynccontextmanager
    async def inside(self) -> AsyncIterator[Masterflow]:
        """The parts of the installation, beside the server, as the operator at the machine has them."""
        async with masterflow(Settings(data_dir=self.folder), pool_size=2) as parts:
            yield parts

    async def engage(self, client: str, engagement: str, people: dict[str, tuple[str, ...]]) -> Tenant:
        """An engagement of a client with `people` by address, each with roles."""
        async with self.inside() as parts:
            try:
                owner = await parts.operator.create_client(client)
            except Conflict:
                owner = await parts.operator.find_client(client)
            tenant = (await parts.operator.create_engagement(owner, engagement)).tenant
            for email, roles in people.items():
                await parts.operator.add_member(tenant, email=email, role=roles[0])
                for role in roles[1:]:
                    await parts.operator.add_role(tenant, email, role)
            return tenant

    async def link(self, tenant: Tenant, email: str) -> str:
        """A link that signs a member in, once."""
        async with self.inside() as parts:
            return self.url + link_path(await parts.operator.sign_in_link(tenant, email))


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A server in `folder` for as long as the block lasts."""
    server = Server(folder, _free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
