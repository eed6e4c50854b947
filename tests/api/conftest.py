"""The application on a real database, spoken to over ASGI, and one HTTP client for each of the cast."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from masterflow.api.app import create_app
from masterflow.api.cookies import SECURE_NAME
from masterflow.api.csrf import CSRF
from masterflow.api.parts import Services
from masterflow.db.sealing import Sealer
from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.inventory.filestore import FileStore
from masterflow.orchestrator.webhooks import WebhookService
from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.service import Tenancy
from masterflow.tenancy.tokens import csrf_of
from masterflow.tenancy.types import Principal
from masterflow.testing import Kit, running_orchestrator
from tests.api.toy import TOY
from tests.conftest import Cast

MAX_UPLOAD_BYTES = 200_000

Connect = Callable[[Principal | None], Awaitable[httpx.AsyncClient]]


@pytest.fixture
def tenancy(database: Database) -> Tenancy:
    return Tenancy(database)


@pytest.fixture
def operator(urls: DatabaseUrls) -> LocalOperator:
    return LocalOperator(urls.owner)


@pytest.fixture
async def kit(database: Database) -> AsyncIterator[Kit]:
    """An orchestrator that runs the toy's flows in the test's own loop."""
    async with running_orchestrator(database, [TOY]) as kit:
        yield kit


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path.as_uri(), max_bytes=MAX_UPLOAD_BYTES)


@pytest.fixture
def app(
    database: Database,
    urls: DatabaseUrls,
    tenancy: Tenancy,
    files: FileStore,
    kit: Kit,
) -> FastAPI:
    services = Services(
        urls=urls,
        database=database,
        files=files,
        tenancy=tenancy,
        orchestrator=kit.orchestrator,
        webhooks=WebhookService(database, Sealer([bytes(32)]), registry=kit.orchestrator.registry),
    )
    return create_app(services, max_upload_bytes=MAX_UPLOAD_BYTES)


@pytest.fixture
async def connect(app: FastAPI, tenancy: Tenancy) -> AsyncIterator[Connect]:
    """Open a client that speaks for somebody, or for nobody."""
    async with AsyncExitStack() as stack:

        async def connected(actor: Principal | None) -> httpx.AsyncClient:
            headers = {}
            if actor is not None:
                issued = await tenancy.create_token(actor, name="test")
                headers["Authorization"] = f"Bearer {issued.secret}"
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://masterflow.test", headers=headers)
            return await stack.enter_async_context(client)

        yield connected


@pytest.fixture
async def browse(app: FastAPI, tenancy: Tenancy, operator: LocalOperator) -> AsyncIterator[Connect]:
    """Open a client that speaks for somebody as a browser does: by a session's cookie, with its CSRF token."""
    async with AsyncExitStack() as stack:

        async def browsing(actor: Principal | None) -> httpx.AsyncClient:
            assert actor is not None
            link = await operator.sign_in_link(actor.tenant, actor.email)
            opened = await tenancy.signing.sign_in(link.code, browser="test")
            headers = {"Cookie": f"{SECURE_NAME}={opened.secret}", CSRF: csrf_of(opened.secret)}
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://masterflow.test", headers=headers)
            return await stack.enter_async_context(client)

        yield browsing


@pytest.fixture
async def lead(connect: Connect, cast: Cast) -> httpx.AsyncClient:
    return await connect(cast.lead)


@pytest.fixture
async def approver(connect: Connect, cast: Cast) -> httpx.AsyncClient:
    return await connect(cast.approver)


@pytest.fixture
async def outsider(connect: Connect, cast: Cast) -> httpx.AsyncClient:
    return await connect(cast.outsider)


@pytest.fixture
async def nobody(connect: Connect) -> httpx.AsyncClient:
    return await connect(None)
