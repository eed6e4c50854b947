"""The one place where parts meet: settings → database → catalogue → engine → orchestrator → application."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from fastapi import FastAPI

from masterflow import __version__
from masterflow.api.app import create_app
from masterflow.api.metrics import worker_application
from masterflow.api.parts import Services
from masterflow.config import Settings
from masterflow.db.embedded import EmbeddedPostgres
from masterflow.db.health import probe
from masterflow.db.migrate import migrate
from masterflow.db.sealing import Sealer, sealer_from
from masterflow.db.session import ANSWER_SECONDS, Database
from masterflow.db.urls import DatabaseUrls, derive_urls, urls_from_settings
from masterflow.errors import ConfigurationInvalid, Unavailable
from masterflow.flows.catalog import discover
from masterflow.inventory.filestore import FileStore
from masterflow.orchestrator.analytics import AnalyticsFold
from masterflow.orchestrator.engine import Engine
from masterflow.orchestrator.engine_dbos import DbosEngine
from masterflow.orchestrator.gatekeeping.due.watch import GateWatch
from masterflow.orchestrator.quotas.types import Quotas
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.relay import Relay
from masterflow.orchestrator.schedules.clock import ScheduleClock
from masterflow.orchestrator.service import MasterFlowOrchestrator
from masterflow.orchestrator.vitals.service import Vitals
from masterflow.orchestrator.webhooks import Sender, WebhookFold, WebhookService
from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.service import Tenancy
from masterflow.worker.expiry import expiry
from masterflow.worker.periods import Periods
from masterflow.worker.worker import Duty, Worker


@dataclass(frozen=True, kw_only=True)
class Masterflow:
    """Every part of one process, joined; use it inside `masterflow(settings)`."""

    settings: Settings
    urls: DatabaseUrls
    database: Database
    files: FileStore
    tenancy: Tenancy
    engine: Engine

    @cached_property
    def registry(self) -> FlowTypeRegistry:
        """Every flow type that works here; loaded when first asked for, because what they compute with takes seconds.

        Raises:
            ConfigurationInvalid: a flow type does not work.
        """
        return load_registry()

    @cached_property
    def orchestrator(self) -> MasterFlowOrchestrator:
        """The commands on flows."""
        return MasterFlowOrchestrator(self.database, self.registry, self.engine, quotas=self.quotas)

    @property
    def quotas(self) -> Quotas:
        """What an engagement may have where the operator says nothing else of its client."""
        return Quotas(
            running=self.settings.quota_running,
            created_per_hour=self.settings.quota_created_per_hour,
            flows=self.settings.quota_flows,
        )

    @cached_property
    def relay(self) -> Relay:
        """What passes events on, and keeps up to date what is made from them."""
        return Relay(self.database, folds=[AnalyticsFold(), WebhookFold()])

    @cached_property
    def sealer(self) -> Sealer | None:
        """What seals secrets; None where no key is set.

        Raises:
            ConfigurationInvalid: the key is none.
        """
        return sealer_from(self.settings)

    @cached_property
    def webhooks(self) -> WebhookService:
        """The commands on webhooks."""
        return WebhookService(
            self.database,
            self.sealer,
            registry=self.registry,
            allow_private=self.settings.webhooks_allow_private,
        )

    @cached_property
    def vitals(self) -> Vitals:
        """The gauges of this process."""
        return Vitals(self.database)

    @property
    def operator(self) -> LocalOperator:
        """What a person at this machine may do beyond the members' rights.

        Raises:
            ConfigurationInvalid: this process was given no owner's connection.
        """
        return LocalOperator(self.urls.owner)

    def application(self, *, on_loopback: bool = False) -> FastAPI:
        """The HTTP application over these parts; `on_loopback`: it is served on this machine's own address alone."""
        services = Services(
            urls=self.urls,
            database=self.database,
            files=self.files,
            tenancy=self.tenancy,
            orchestrator=self.orchestrator,
            on_loopback=on_loopback,
            webhooks=self.webhooks,
            vitals=self.vitals,
            metrics_token=self.settings.metrics_token,
        )
        return create_app(services, max_upload_bytes=self.settings.max_upload_bytes)

    def worker_application(self) -> FastAPI:
        """What a worker serves beside its work: metrics, and whether it lives."""
        return worker_application(self.vitals, self.settings.metrics_token)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Worker]:
        """A worker that moves flows in this process for as long as the block lasts.

        Raises:
            Conflict: this process has had a worker before; the engine starts once a process.
        """
        periods = Periods(drain=timedelta(seconds=self.settings.drain_seconds))
        sender = Sender(self.database, self.sealer, allow_private=self.settings.webhooks_allow_private)
        worker = Worker(
            self.database,
            self.registry,
            self.engine,
            concurrency=self.settings.worker_concurrency,
            processes=self.settings.worker_processes,
            version=__version__,
            files=self.files,
            hooks=self.orchestrator.hooks,
            duties=[
                Duty(periods.schedules, ScheduleClock(self.database, self.orchestrator).tick),
                Duty(periods.gates, GateWatch(self.database).look),
                Duty(periods.bulk, self.orchestrator.bulk.work),
                Duty(periods.relay, self.relay.run),
                Duty(periods.webhooks, sender.run_once),
                expiry(self.database, period=periods.expire),
            ],
            periods=periods,
        )
        try:
            await worker.start()
            yield worker
        finally:
            await worker.stop()


@asynccontextmanager
async def masterflow(
    settings: Settings,
    *,
    may_migrate: bool = False,
    name: str = "masterflow",
    pool_size: int = 10,
    answer_seconds: float = ANSWER_SECONDS,
) -> AsyncIterator[Masterflow]:
    """Join the parts for as long as the block lasts.

    An embedded database is started if it does not run, and always brought to the newest version; another one only with
    `may_migrate`. `name` is what Postgres shows for the connections, `answer_seconds` how long any statement may take.

    Raises:
        ConfigurationInvalid: a setting does not fit, or the database is not at the version this code works with.
        Unavailable: Postgres does not answer.
    """
    with database_server(settings) as urls:
        await _make_current(urls, may_migrate=may_migrate or settings.database_is_embedded)
        database = await Database(
            urls, pool_size=pool_size, application_name=name, answer_seconds=answer_seconds
        ).open()
        try:
            yield Masterflow(
                settings=settings,
                urls=urls,
                database=database,
                files=FileStore(settings.files_url, max_bytes=settings.max_upload_bytes),
                tenancy=Tenancy(database),
                engine=DbosEngine(urls),
            )
        finally:
            await database.close()


def load_registry() -> FlowTypeRegistry:
    """Every flow type that works here."""
    return FlowTypeRegistry(discover())


@contextmanager
def database_server(settings: Settings) -> Iterator[DatabaseUrls]:
    """The database that the settings name, or the embedded one, which stops at the end if this call started it."""
    urls = urls_from_settings(settings)
    if urls is not None:
        yield urls
        return
    server = embedded_server(settings)
    admin = server.start()
    try:
        yield derive_urls(admin, str(admin.password))
    finally:
        server.stop()


def embedded_server(settings: Settings) -> EmbeddedPostgres:
    """The database of the data folder, started or not."""
    return EmbeddedPostgres(settings.data_dir / "postgres")


async def _make_current(urls: DatabaseUrls, *, may_migrate: bool) -> None:
    """Migrate, or refuse to work with a database that would need it. A current database costs two short questions."""
    health = await probe(urls)
    if health.migrated and (health.revision or "") <= health.newest_revision:
        return
    if may_migrate:
        await asyncio.to_thread(migrate, urls)
        return
    if health.trouble:
        raise Unavailable(
            f"The database does not answer: {health.cause}.",
            hint="If it is new, run `masterflow db migrate`; `masterflow doctor` says more.",
        )
    raise ConfigurationInvalid(
        f"The database is at version {health.revision}, this Masterflow works with {health.newest_revision}.",
        hint="Run `masterflow db migrate`.",
    )
