"""`masterflow up`, `serve` and `worker`: the processes that stay."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from math import ceil
from typing import Annotated

import typer
import uvicorn
from starlette.types import ASGIApp

from masterflow import __version__
from masterflow.api.cookies import LOOPBACK
from masterflow.api.users import link_path
from masterflow.bootstrap import Masterflow, masterflow
from masterflow.cli.acting import remember
from masterflow.cli.alone import the_only_one_up
from masterflow.cli.output import note, say
from masterflow.config import Settings
from masterflow.db.session import ANSWER_SECONDS, SOON_SECONDS
from masterflow.errors import Conflict, NotFound, Unavailable
from masterflow.logs import configure_logs
from masterflow.logs.spans import exporting
from masterflow.tenancy.types import Principal
from masterflow.worker.process import Deadline, Stop, stop_signals
from masterflow.worker.worker import FLOWS_PER_CONNECTION, RELEASE_GRACE

DEFAULT_PORT = 8700
POOL_SIZE = 20  # of a process that answers requests alone
BACKLOG = 2048
LEAVING = timedelta(seconds=15)  # for what is left to do after running phases were given back

Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Where the API listens; 0: any free port")]
Host = Annotated[
    str, typer.Option("--host", help="Address to listen on; put a proxy with TLS before any other than this machine")
]


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: it would end the process before the database is closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def up(*, port: Port = DEFAULT_PORT, host: Host = "127.0.0.1") -> None:
    """Run everything in one process: the database, migrations, API and worker."""

    async def work(parts: Masterflow, stop: Stop) -> None:
        owner = await _welcome(parts)
        async with parts.working() as running:
            stop.hurry_with(running.runner.release)
            await _serve(parts, host, port, stop, owner=owner)

    settings = Settings.from_environment()
    with the_only_one_up(settings):
        _stay(work, may_migrate=True, name="masterflow-up", moves_flows=True)


def serve(*, port: Port = DEFAULT_PORT, host: Host = "127.0.0.1") -> None:
    """Run the API alone; flows move when a worker runs beside it."""

    async def work(parts: Masterflow, stop: Stop) -> None:
        await _serve(parts, host, port, stop)

    _stay(work, may_migrate=False, name="masterflow-api")


def worker() -> None:
    """Run a worker alone: it moves flows until it is told to stop, and gives back what it has not finished."""

    async def work(parts: Masterflow, stop: Stop) -> None:
        async with parts.working() as running:
            stop.hurry_with(running.runner.release)
            say(f"Worker {running.worker_id} moves flows; stop it with Ctrl-C, at once with a second.")
            async with _metrics(parts, stop):
                await stop.asked()

    _stay(work, may_migrate=False, name="masterflow-worker", moves_flows=True)


Stay = Callable[[Masterflow, Stop], Awaitable[None]]


def connections_for(concurrency: int) -> int:
    """The pool of a process that moves `concurrency` flows at a time beside its requests, in connections."""
    return max(POOL_SIZE, POOL_SIZE // 2 + ceil(concurrency / FLOWS_PER_CONNECTION))


def _stay(work: Stay, *, may_migrate: bool, name: str, moves_flows: bool = False) -> None:
    """Do `work` until it ends or the process is told to stop."""
    settings = Settings.from_environment()
    pool_size = connections_for(settings.worker_concurrency) if moves_flows else POOL_SIZE
    answer_seconds = ANSWER_SECONDS if moves_flows else SOON_SECONDS
    configure_logs(settings.log_format, settings.log_level)
    for noisy in ("uvicorn", "alembic", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

    deadline = Deadline(timedelta(seconds=settings.drain_seconds) + RELEASE_GRACE + LEAVING)

    async def staying() -> None:
        endpoint = settings.otel_exporter_otlp_endpoint
        with stop_signals(deadline.start) as stop, exporting(endpoint, service=name, version=__version__):
            async with masterflow(
                settings,
                may_migrate=may_migrate,
                name=f"{name}/{__version__}",
                pool_size=pool_size,
                answer_seconds=answer_seconds,
            ) as parts:
                await work(parts, stop)

    try:
        asyncio.run(staying())
    finally:
        deadline.cancel()


async def _serve(parts: Masterflow, host: str, port: int, stop: Stop, *, owner: Principal | None = None) -> None:
    # Takes seconds: nobody shall connect meanwhile and wait.
    application = parts.application(on_loopback=host in LOOPBACK)
    listener = _listen(host, port)
    server = _server(application)
    url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    say(f"Masterflow answers at {url}/")
    if owner is not None and host in LOOPBACK:
        await _offer_sign_in(parts, owner, url)
    relaying = asyncio.create_task(parts.relay.run())
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.asked())
    stop.hurry_with(lambda: setattr(server, "force_exit", True))
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await application.state.hub.close()
    server.should_exit = True
    await serving
    stopping.cancel()
    relaying.cancel()
    await asyncio.gather(relaying, return_exceptions=True)


@asynccontextmanager
async def _metrics(parts: Masterflow, stop: Stop) -> AsyncIterator[None]:
    """Serve a worker's metrics for as long as the block lasts, where a port is set for them.

    On every address once there is a token, else on this machine's own alone.
    """
    settings = parts.settings
    if settings.metrics_port is None:
        yield
        return
    listener = _listen("0.0.0.0" if settings.metrics_token else "127.0.0.1", settings.metrics_port)  # noqa: S104
    server = _server(parts.worker_application())
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stop.hurry_with(lambda: setattr(server, "force_exit", True))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def _server(application: ASGIApp) -> _Server:
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )
    return _Server(config)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Unavailable(
            f"Cannot listen on {host}:{port}: {error.strerror}.", hint="Choose another with --port."
        ) from error
    listener.listen(BACKLOG)
    return listener


async def _offer_sign_in(parts: Masterflow, owner: Principal, url: str) -> None:
    """Print a link that signs the local owner in. Only for this machine's browsers: others need TLS, and so a proxy."""
    link = await parts.operator.sign_in_link(owner.tenant, owner.email)
    say(f"Sign in, once and within 15 minutes: {url}{link_path(link)}")


async def _welcome(parts: Masterflow) -> Principal | None:
    """The local owner, made on the first start with a token that is printed, so that there is somebody to work as."""
    if parts.urls.migrate is None:
        return None
    try:
        owner, is_new = await parts.operator.local_owner()
    except (NotFound, Conflict) as error:  # no member any more, or disabled: somebody wanted it so
        note(str(error))
        return None
    remember(parts.settings, engagement=owner.tenant.engagement_id, user=owner.email)
    if not is_new:
        say(f"You are {owner.email}. `masterflow token create` makes a token for the API.")
        return owner
    issued = await parts.operator.create_token(owner.tenant, owner.email, name="first start")
    say(f"You are {owner.email}, lead and admin of client 'local'. Your token, shown this once:")
    say(issued.secret)
    note(f"It is good until {issued.token.expires_at:%Y-%m-%d}; `masterflow token create` makes another.")
    return owner
