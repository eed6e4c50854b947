"""A real Postgres for every test that asks: one server a run, a fresh database a test, copied from a migrated template.

The server is started by the process that leads the run, so that it outlives every parallel worker and no longer.
`MASTERFLOW_TEST_DATABASE_URL` (a superuser's) runs the suite on a server of your own.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import URL, make_url

from masterflow.db.embedded import EmbeddedPostgres
from masterflow.db.migrate import migrate
from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls, derive_urls
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Principal, Tenant

# The same examples every time, and no clock: a busy machine must not decide what a property test says.
settings.register_profile("repeatable", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")

ROLE_SECRET = "test-roles"
TEMPLATE = "masterflow_template"
OWNER_KEY = pytest.StashKey["PostgresOfTheRun"]()


class PostgresOfTheRun:
    """The server of one test run, started when the first test needs it."""

    def __init__(self) -> None:
        self._server: EmbeddedPostgres | None = None
        self._folder: Path | None = None
        self._url: str | None = os.environ.get("MASTERFLOW_TEST_DATABASE_URL")

    def url(self) -> str:
        if self._url is None:
            self._folder = Path(tempfile.mkdtemp(prefix="masterflow-tests-"))
            self._folder.chmod(0o755)
            self._server = EmbeddedPostgres(self._folder, options=("fsync=off", "full_page_writes=off"))
            self._url = self._server.start().render_as_string(hide_password=False)
            _make_template(make_url(self._url))
        return self._url

    def stop(self) -> None:
        if self._server:
            self._server.stop()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[OWNER_KEY] = PostgresOfTheRun()


def pytest_configure_node(node: object) -> None:
    """Hand the server to a parallel worker."""
    node.workerinput["postgres_url"] = node.config.stash[OWNER_KEY].url()


def pytest_unconfigure(config: pytest.Config) -> None:
    if OWNER_KEY in config.stash:
        config.stash[OWNER_KEY].stop()


def _make_template(admin: URL) -> None:
    _admin(admin, f"DROP DATABASE IF EXISTS {TEMPLATE}")
    _admin(admin, f"CREATE DATABASE {TEMPLATE}")
    migrate(derive_urls(admin.set(database=TEMPLATE), ROLE_SECRET))


def _admin(url: URL, statement: str) -> None:
    with psycopg.connect(
        url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
    ) as connection:
        connection.execute(statement)


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> URL:
    """The superuser's URL of the run's server."""
    given = getattr(request.config, "workerinput", None)
    url = given["postgres_url"] if given else request.config.stash[OWNER_KEY].url()
    return make_url(url)


@pytest.fixture
def urls(postgres: URL) -> Iterator[DatabaseUrls]:
    """A fresh, migrated database of this test alone."""
    name = f"test_{uuid4().hex}"
    _admin(postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield derive_urls(postgres.set(database=name), ROLE_SECRET)
    _admin(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(urls: DatabaseUrls) -> AsyncIterator[Database]:
    """Pools on this test's database."""
    database = await Database(urls, pool_size=4).open()
    yield database
    await database.close()


@dataclass(frozen=True, slots=True)
class Cast:
    """The standing cast: a lead who starts things, an approver beside them, and an outsider of another client."""

    lead: Principal
    approver: Principal
    outsider: Principal

    @property
    def tenant(self) -> Tenant:
        return self.lead.tenant


@pytest.fixture
def cast(urls: DatabaseUrls) -> Cast:
    """Two clients: one with a lead and an approver, one with a lead who must see nothing of the first."""
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        home, away = _client(connection, "home"), _client(connection, "away")
        return Cast(
            lead=_member(connection, home, "lead@home.example", Role.LEAD),
            approver=_member(connection, home, "approver@home.example", Role.APPROVER),
            outsider=_member(connection, away, "lead@away.example", Role.LEAD),
        )


def _client(connection: psycopg.Connection, name: str) -> Tenant:
    tenant = Tenant(uuid4(), uuid4())
    connection.execute("INSERT INTO client_accounts (id, name) VALUES (%s, %s)", (tenant.client_account_id, name))
    connection.execute(
        "INSERT INTO engagements (id, client_account_id, name) VALUES (%s, %s, %s)",
        (tenant.engagement_id, tenant.client_account_id, "programme"),
    )
    return tenant


def _member(connection: psycopg.Connection, tenant: Tenant, email: str, role: Role) -> Principal:
    user: UUID = uuid4()
    connection.execute("INSERT INTO users (id, email, name) VALUES (%s, %s, %s)", (user, email, email))
    connection.execute(
        "INSERT INTO memberships (client_account_id, engagement_id, user_id, role) VALUES (%s, %s, %s, %s)",
        (tenant.client_account_id, tenant.engagement_id, user, role),
    )
    return Principal(user_id=user, email=email, tenant=tenant, roles=frozenset({role}))
