"""As whom a command acts, and on which parts.

With MASTERFLOW_TOKEN a command acts as the token's owner and needs no more than that person's rights. Without one it
acts as a local operator: whoever can reach the database as its owner may act as any member, and says as whom with
`--as` and `--engagement`. Who was used first is remembered in DATA_DIR/cli.json.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import UUID, uuid4

import typer
from pydantic import BaseModel, ValidationError
from typer.main import get_current_context  # type: ignore[attr-defined]  # typer has it and does not list it

from masterflow.api.errors import status_of
from masterflow.bootstrap import Masterflow, masterflow
from masterflow.cli.output import note
from masterflow.config import Settings
from masterflow.db.calls import Call, Ongoing, calling
from masterflow.db.health import WORKER_SEEN_WITHIN, probe
from masterflow.errors import InvalidInput, MasterflowError, NotAllowed, NotFound
from masterflow.inventory.service import InventoryService
from masterflow.tenancy.types import Engagement, Page, Principal

T = TypeVar("T")

# The last word of commands that change nothing.
READING = frozenset(
    {
        "analytics",
        "asks",
        "compare",
        "deliveries",
        "events",
        "evidence",
        "export",
        "facets",
        "formats",
        "graph",
        "history",
        "inspect",
        "jobs",
        "list",
        "preview",
        "results",
        "runs",
        "show",
        "status",
        "table",
        "types",
    }
)
OPERATOR = "operator"  # who commands at the machine, as no member

As = Annotated[
    str | None,
    typer.Option("--as", metavar="EMAIL", help="Act as this member; else MASTERFLOW_USER, else the remembered one"),
]
In = Annotated[
    str | None,
    typer.Option(
        "--engagement",
        metavar="NAME",
        help="Work in this engagement (name, CLIENT/NAME or id); else MASTERFLOW_ENGAGEMENT, else the remembered one",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON with stable keys")]


class Remembered(BaseModel):
    """What the command line keeps between calls."""

    engagement: UUID | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Here:
    """The parts and the person of one command."""

    parts: Masterflow
    actor: Principal

    async def note_missing_worker(self) -> None:
        """Say so when no worker will do what was just ordered."""
        age = (await probe(self.parts.urls)).worker_age
        if age is None or age > WORKER_SEEN_WITHIN:
            note("No worker is running: start `masterflow worker`, or `masterflow up` for everything in one.")


def inventory_of(here: Here) -> InventoryService:
    """The estate of the person's engagement."""
    return InventoryService(here.parts.database, here.parts.files, here.actor)


def act(work: Callable[[Here], Awaitable[T]], *, as_: str | None = None, engagement: str | None = None) -> T:
    """Run one command as the member that is meant."""

    async def acting(parts: Masterflow) -> T:
        actor = await acting_principal(parts, as_=as_, engagement=engagement)
        with calling(_call(actor.email, actor.user_id, through=actor.through)) as ongoing:
            try:
                return await work(Here(parts, actor))
            except MasterflowError as error:
                await _note_refusal(parts, actor, ongoing, error)
                raise

    return with_parts(acting)


def with_parts(work: Callable[[Masterflow], Awaitable[T]], *, may_migrate: bool = False) -> T:
    """Run one command on the parts alone."""

    async def working(settings: Settings) -> T:
        async with masterflow(settings, may_migrate=may_migrate, name="masterflow-cli", pool_size=2) as parts:
            with calling(_call(OPERATOR, None)):
                return await work(parts)

    return with_settings(working)


def with_settings(work: Callable[[Settings], Coroutine[Any, Any, T]]) -> T:
    """Run one command on the settings of the environment."""
    return asyncio.run(work(Settings.from_environment()))


def _call(actor: str, user_id: UUID | None, *, through: str = "cli") -> Call:
    return Call(actor=actor, user_id=user_id, through=through, action=_words(), request_id=uuid4().hex)


def _words() -> str:
    """The words of the command that runs: `flow pause`."""
    context = get_current_context(silent=True)
    return context.command_path.partition(" ")[2] if context else ""


async def _note_refusal(parts: Masterflow, actor: Principal, ongoing: Ongoing, error: MasterflowError) -> None:
    """Record what the HTTP API would record: refused commands, and reads that the person may not have."""
    reads = ongoing.call.action.rpartition(" ")[2] in READING
    if status_of(error) >= HTTPStatus.INTERNAL_SERVER_ERROR or (reads and not isinstance(error, NotAllowed)):
        return
    await parts.database.note_refusal(actor.tenant, ongoing, code=error.code, message=error.message)


async def every(turn: Callable[[str | None], Awaitable[Page[T]]]) -> list[T]:
    """All items of a paged list; `turn` reads the page after a cursor, the first one with None."""
    page = await turn(None)
    items = list(page.items)
    while page.cursor is not None:
        page = await turn(page.cursor)
        items += page.items
    return items


async def engagement_meant(parts: Masterflow, wanted: str | None) -> Engagement:
    """The engagement that a local operator works in.

    Raises:
        InvalidInput: none is named or remembered, and there is not exactly one.
        NotFound: there is none of that name.
    """
    remembered = recall(parts.settings)
    wanted = wanted or parts.settings.engagement or (str(remembered.engagement) if remembered.engagement else None)
    if wanted:
        return await parts.operator.find_engagement(wanted)
    known = [engagement for _, engagement in await parts.operator.engagements()]
    if len(known) == 1:
        return known[0]
    if not known:
        raise NotFound(
            "There is no engagement yet.",
            hint="Make one: `masterflow client create NAME`, then `masterflow engagement create NAME`.",
        )
    raise InvalidInput(
        f"There are {len(known)} engagements.",
        hint="Say which with --engagement NAME; `masterflow engagement list` shows them.",
    )


def recall(settings: Settings) -> Remembered:
    """What was remembered, or nothing."""
    path = _memory(settings)
    if not path.exists():
        return Remembered()
    try:
        return Remembered.model_validate_json(path.read_bytes())
    except ValidationError:
        raise InvalidInput(
            f"{path} cannot be read.", hint="Delete it; `--as` and `--engagement` say the same."
        ) from None


def remember(settings: Settings, *, engagement: UUID, user: str | None = None, anew: bool = False) -> None:
    """Keep who works where; unless `anew`, only while nobody is remembered."""
    known = recall(settings)
    taken = known.user is not None or (known.engagement is not None and known.engagement != engagement)
    if taken and not anew:
        return
    path = _memory(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(Remembered(engagement=engagement, user=user).model_dump_json(), encoding="utf-8")


def _memory(settings: Settings) -> Path:
    return settings.data_dir / "cli.json"


async def acting_principal(parts: Masterflow, *, as_: str | None = None, engagement: str | None = None) -> Principal:
    """Who acts: the owner of MASTERFLOW_TOKEN, or the member whom a local operator means."""
    if parts.settings.token is not None:
        return await _token_owner(parts, engagement or parts.settings.engagement)
    meant = await engagement_meant(parts, engagement)
    email = as_ or parts.settings.user or recall(parts.settings).user
    if email:
        return await parts.operator.principal(meant.tenant, email)
    members = (await parts.operator.members(meant.tenant, limit=2)).items
    if len(members) == 1:
        return await parts.operator.principal(meant.tenant, members[0].user.email)
    if not members:
        raise NotFound(
            f"Nobody is a member of '{meant.name}'.", hint="Add somebody: `masterflow user create EMAIL --role lead`."
        )
    raise InvalidInput(
        f"'{meant.name}' has several members.",
        hint="Say who you are with --as EMAIL; `masterflow user list` shows them.",
    )


async def _token_owner(parts: Masterflow, engagement: str | None) -> Principal:
    token = parts.settings.token
    secret = token.get_secret_value() if token else None
    try:
        wanted = UUID(engagement) if engagement else None
    except ValueError:
        raise InvalidInput(
            f"With a token an engagement is named by its id, not {engagement!r}.",
            hint="`GET /api/v1/engagements` lists the ids; a token that is bound to one needs no --engagement.",
        ) from None
    return await parts.tenancy.authenticate(secret, wanted)
