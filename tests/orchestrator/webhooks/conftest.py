"""A receiver on loopback that checks signatures as a receiver would, and webhooks made behind the service's back."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest

from masterflow.db.sealing import Sealer
from masterflow.db.session import Database
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.webhooks import Sender, WebhookService
from masterflow.orchestrator.webhooks.service import secret_place
from masterflow.tenancy.types import Tenant
from masterflow.testing import empty_flow

KEY = bytes(32)
REGISTRY = FlowTypeRegistry([empty_flow(1), empty_flow(1, name="other")])


@dataclass
class Received:
    """One request as the receiver read it."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> dict:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """As the Standard Webhooks libraries check it."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + self.body
        expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return expected in self.headers["webhook-signature"].split(" ")


@dataclass
class Receiver:
    """Answers every request with `answers`, the last one for ever. `hold` keeps it from answering."""

    url: str = ""
    answers: list[bytes] = field(default_factory=lambda: [b"HTTP/1.1 204 No Content\r\n\r\n"])
    received: list[Received] = field(default_factory=list)
    hold: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.received.append(Received(head[0].split(" ")[1], headers, body))
        if self.hold:
            await reader.read()
        else:
            writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
            await writer.drain()
        writer.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/in?a=b"
    yield receiver
    server.close()
    await server.wait_closed()


@pytest.fixture
def webhooks(database: Database) -> WebhookService:
    return WebhookService(database, Sealer([KEY]), registry=REGISTRY, allow_private=True)


@pytest.fixture
def sender(database: Database) -> Sender:
    return Sender(database, Sealer([KEY]), allow_private=True)


async def plant(database: Database, tenant: Tenant, url: str) -> UUID:
    """A webhook with a delivery that is due, whatever its URL."""
    webhook_id = uuid4()
    secret = Sealer([KEY]).seal(b"s" * 32, secret_place(tenant.client_account_id, "secret", webhook_id))
    async with database.moving() as connection:
        await connection.execute(
            """INSERT INTO webhooks (client_account_id, engagement_id, id, url, description, kinds, flow_types, secret,
                   created_by) VALUES ($1, $2, $3, $4, '', '{}', '{}', $5, 'test')""",
            tenant.client_account_id,
            tenant.engagement_id,
            webhook_id,
            url,
            secret,
        )
        await connection.execute(
            """INSERT INTO webhook_deliveries (client_account_id, engagement_id, webhook_id, kind, body)
               VALUES ($1, $2, $3, 'test', '{}')""",
            tenant.client_account_id,
            tenant.engagement_id,
            webhook_id,
        )
    return webhook_id


async def make_due(database: Database) -> None:
    """Let nobody wait for the next attempt."""
    async with database.moving() as connection:
        await connection.execute("UPDATE webhook_deliveries SET next_at = clock_timestamp()")
