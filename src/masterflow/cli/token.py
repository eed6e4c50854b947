"""`masterflow token`: API tokens of an engagement's people."""

from typing import Annotated
from uuid import UUID

import typer

from masterflow.api.tokens import IssuedTokenOut, TokenOut
from masterflow.bootstrap import Masterflow
from masterflow.cli.acting import As, AsJson, In, engagement_meant, every, recall, with_parts
from masterflow.cli.output import note, print_json, print_table, say
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.errors import InvalidInput
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.tokens import DEFAULT_LIFETIME
from masterflow.tenancy.types import IssuedToken, Token

app = typer.Typer(help="API tokens. Needs the owner's connection.", no_args_is_help=True)

_COLUMNS = ("id", "name", "owner", "state", "scopes", "expires", "last used", "made by")


@app.command("create")
def create(
    *,
    name: Annotated[str, typer.Option("--name", help="What it is for")] = "command line",
    days: Annotated[int, typer.Option("--days", help="How many days it lives, 1 to 366")] = DEFAULT_LIFETIME.days,
    scope: Annotated[
        list[Operation] | None,
        typer.Option("--scope", help="Narrow it to this operation; may be repeated. Else: all that its owner may do"),
    ] = None,
    every_engagement: Annotated[
        bool, typer.Option("--every-engagement", help="Good for each engagement of the client its owner belongs to")
    ] = False,
    as_: As = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Make a token for a member or, by its name, a service account; its secret is printed now and never again."""

    async def work(parts: Masterflow) -> IssuedToken:
        owner = as_ or parts.settings.user or recall(parts.settings).user
        if owner is None:
            raise InvalidInput("Nobody is named.", hint="Say whose token it is with --as EMAIL.")
        meant = await engagement_meant(parts, engagement)
        return await parts.operator.create_token(
            meant.tenant, owner, name=name, days=days, every_engagement=every_engagement, scopes=scope
        )

    issued = with_parts(work)
    if as_json:
        print_json(IssuedTokenOut.of(issued))
        return
    say(issued.secret)
    note(f"Good until {issued.token.expires_at:%Y-%m-%d}. Keep it: it is not shown again.")


@app.command("list")
def list_tokens(*, engagement: In = None, as_json: AsJson = False) -> None:
    """List the tokens that are good for an engagement; never their secrets."""

    async def work(parts: Masterflow) -> list[Token]:
        meant = await engagement_meant(parts, engagement)
        tenant = meant.tenant
        return await every(lambda cursor: parts.operator.tokens(tenant, cursor=cursor, limit=LARGEST_PAGE))

    tokens = with_parts(work)
    if as_json:
        print_json({"items": [TokenOut.of(token).model_dump(mode="json") for token in tokens]})
    else:
        rows = [_row(token) for token in tokens]
        print_table(_COLUMNS, rows, empty="There is no token.")


@app.command("revoke")
def revoke(
    token_id: Annotated[UUID, typer.Argument(metavar="ID", help="The id that `token list` shows")],
    *,
    engagement: In = None,
) -> None:
    """End a token at once."""

    async def work(parts: Masterflow) -> Token:
        return await parts.operator.revoke_token((await engagement_meant(parts, engagement)).tenant, token_id)

    say(f"Token '{with_parts(work).name}' is ended.")


def _row(token: Token) -> tuple[object, ...]:
    scopes = "all" if token.scopes is None else ", ".join(token.scopes)
    made_by = token.made_by if token.made_by != token.owner else None
    state = (token.id, token.name, token.owner, token.state, scopes)
    return (*state, token.expires_at, token.last_used_at, made_by)
