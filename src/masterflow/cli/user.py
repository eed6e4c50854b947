"""`masterflow user`: the people of an engagement."""

from typing import Annotated

import typer

from masterflow.api.users import UserOut
from masterflow.bootstrap import Masterflow
from masterflow.cli.acting import AsJson, In, engagement_meant, every, remember, with_parts
from masterflow.cli.output import print_json, print_table, say
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Member

app = typer.Typer(help="People and their roles in an engagement. Needs the owner's connection.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The person's e-mail address")]


@app.command("create")
def create(
    email: Email,
    *,
    role: Annotated[list[Role], typer.Option("--role", help="A role to give; may be repeated")],
    name: Annotated[str | None, typer.Option("--name", help="The person's name; else the part before the @")] = None,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Give a person roles in an engagement; the first one is remembered as who acts here."""

    async def work(parts: Masterflow) -> Member:
        meant = await engagement_meant(parts, engagement)
        for given in role:
            member = await parts.operator.add_member(meant.tenant, email=email, name=name, role=given)
        remember(parts.settings, engagement=meant.id, user=member.user.email)
        return member

    member = with_parts(work)
    if as_json:
        print_json(UserOut.of(member))
    else:
        say(f"{member.user.email} is {', '.join(sorted(member.roles))}.")


@app.command("list")
def list_users(*, engagement: In = None, as_json: AsJson = False) -> None:
    """List the people of an engagement."""

    async def work(parts: Masterflow) -> list[Member]:
        meant = await engagement_meant(parts, engagement)
        tenant = meant.tenant
        return await every(lambda cursor: parts.operator.members(tenant, cursor=cursor, limit=LARGEST_PAGE))

    members = with_parts(work)
    if as_json:
        print_json({"items": [UserOut.of(member).model_dump(mode="json") for member in members]})
    else:
        rows = [(m.user.email, m.user.name, m.roles) for m in members]
        print_table(("e-mail", "name", "roles"), rows, empty="Nobody is a member.")


@app.command("revoke")
def revoke(email: Email, *, engagement: In = None) -> None:
    """Take a person's roles in an engagement away; their tokens open nothing in it from now on."""

    async def work(parts: Masterflow) -> None:
        await parts.operator.remove_member((await engagement_meant(parts, engagement)).tenant, email)

    with_parts(work)
    say(f"{email} is no member any more.")
