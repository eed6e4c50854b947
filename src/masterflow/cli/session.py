"""`masterflow session`: the browsers that a person is signed in with."""

from typing import Annotated
from uuid import UUID

import typer

from masterflow.api.signing import session_out
from masterflow.cli.acting import As, AsJson, Here, In, act, every
from masterflow.cli.output import print_json, print_table, say
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.tenancy.types import BrowserSession

app = typer.Typer(help="Signed-in browsers of whoever acts.", no_args_is_help=True)


@app.command("list")
def list_sessions(*, as_: As = None, engagement: In = None, as_json: AsJson = False) -> None:
    """List the browsers that a person is or was signed in with."""

    async def work(here: Here) -> list[BrowserSession]:
        signing = here.parts.tenancy.signing
        return await every(lambda cursor: signing.sessions(here.actor, cursor=cursor, limit=LARGEST_PAGE))

    sessions = act(work, as_=as_, engagement=engagement)
    if as_json:
        print_json({"items": [session_out(one).model_dump(mode="json") for one in sessions]})
    else:
        rows = [(s.id, s.state, s.created_at, s.last_seen_at, s.expires_at, s.browser) for s in sessions]
        print_table(("id", "state", "since", "last seen", "expires", "browser"), rows, empty="There is no session.")


@app.command("end")
def end(
    session_id: Annotated[UUID, typer.Argument(metavar="ID", help="The id that `session list` shows")],
    *,
    as_: As = None,
    engagement: In = None,
) -> None:
    """End a session at once."""

    async def work(here: Here) -> None:
        await here.parts.tenancy.signing.end(here.actor, session_id)

    act(work, as_=as_, engagement=engagement)
    say("The session is ended.")
