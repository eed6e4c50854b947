"""`masterflow user`: the people of an engagement."""

from typing import Annotated
from uuid import UUID

import typer

from masterflow.api.roles import roles_table
from masterflow.api.users import SignInLinkOut, UserOut, link_path
from masterflow.bootstrap import Masterflow
from masterflow.cli.acting import AsJson, In, acting_principal, engagement_meant, every, remember, with_parts
from masterflow.cli.output import note, print_fields, print_json, print_table, say, shown
from masterflow.db.keyset import LARGEST_PAGE
from masterflow.errors import NotFound
from masterflow.tenancy.roles import Role
from masterflow.tenancy.types import Member, Principal, SignInLink

app = typer.Typer(help="People and their roles in an engagement. Needs the owner's connection.", no_args_is_help=True)

Whom = Annotated[
    str, typer.Argument(metavar="EMAIL", help="The person's e-mail address, or the name of a service account")
]
OneRole = Annotated[Role, typer.Option("--role", help="The role")]
DEFAULT_URL = "http://127.0.0.1:8700"


@app.command("create")
def create(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="E-mail address; the name, with --service")],
    *,
    role: Annotated[list[Role], typer.Option("--role", help="A role to give; may be repeated")],
    name: Annotated[str | None, typer.Option("--name", help="The person's name; else the part before the @")] = None,
    service: Annotated[bool, typer.Option("--service", help="Make a service account, for a machine")] = False,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Give a person, or a new service account, roles in an engagement; the first person is remembered as who acts."""

    async def work(parts: Masterflow) -> Member:
        meant = await engagement_meant(parts, engagement)
        if service:
            return await parts.operator.create_service_account(meant.tenant, email, roles=role)
        for given in role:
            member = await parts.operator.add_member(meant.tenant, email=email, name=name, role=given)
        remember(parts.settings, engagement=meant.id, user=member.user.email)
        return member

    _tell(with_parts(work), as_json=as_json)


@app.command("show")
def show(email: Whom, *, engagement: In = None, as_json: AsJson = False) -> None:
    """Show one person or service account of an engagement's client."""

    async def work(parts: Masterflow) -> Member:
        return await parts.operator.member((await engagement_meant(parts, engagement)).tenant, email)

    member = with_parts(work)
    if as_json:
        print_json(UserOut.of(member))
    else:
        print_fields(UserOut.of(member).model_dump() | {"roles": member.roles})


@app.command("grant")
def grant(email: Whom, *, role: OneRole, engagement: In = None, as_json: AsJson = False) -> None:
    """Give somebody of the client one more role in an engagement."""

    async def work(parts: Masterflow) -> Member:
        return await parts.operator.add_role((await engagement_meant(parts, engagement)).tenant, email, role)

    _tell(with_parts(work), as_json=as_json)


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
        rows = [(m.user.email, m.user.name, m.user.kind, m.roles, m.user.disabled_at) for m in members]
        print_table(("e-mail", "name", "kind", "roles", "disabled"), rows, empty="Nobody is a member.")


@app.command("revoke")
def revoke(
    email: Whom,
    *,
    role: Annotated[Role | None, typer.Option("--role", help="Take this role alone; else all of them")] = None,
    engagement: In = None,
) -> None:
    """Take roles in an engagement away; without any, somebody's tokens open nothing in it from now on."""

    async def work(parts: Masterflow) -> frozenset[Role]:
        tenant = (await engagement_meant(parts, engagement)).tenant
        if role is None:
            await parts.operator.remove_member(tenant, email)
            return frozenset()
        return (await parts.operator.remove_role(tenant, email, role)).roles

    left = with_parts(work)
    say(f"{email} is {', '.join(sorted(left))}." if left else f"{email} is no member any more.")


@app.command("disable")
def disable(email: Whom, *, engagement: In = None) -> None:
    """Let somebody act in no client any more; their tokens and sessions are good for nothing at once."""

    async def work(parts: Masterflow) -> Member:
        return await parts.operator.disable((await engagement_meant(parts, engagement)).tenant, email)

    say(f"{with_parts(work).user.email} is disabled.")


@app.command("enable")
def enable(email: Whom, *, engagement: In = None) -> None:
    """Let somebody act again, also if a client admin of the engagement's client disabled them."""

    async def work(parts: Masterflow) -> Member:
        return await parts.operator.enable((await engagement_meant(parts, engagement)).tenant, email)

    say(f"{with_parts(work).user.email} may act again.")


@app.command("sign-in-link")
def sign_in_link(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="E-mail address of a member")],
    *,
    url: Annotated[str, typer.Option("--url", help="Where the server answers")] = DEFAULT_URL,
    engagement: In = None,
    as_json: AsJson = False,
) -> None:
    """Make a link that signs a member in with a browser, once, within 15 minutes."""

    async def work(parts: Masterflow) -> SignInLink:
        if parts.settings.token is None:
            return await parts.operator.sign_in_link((await engagement_meant(parts, engagement)).tenant, email)
        actor = await acting_principal(parts, engagement=engagement)
        return await parts.tenancy.signing.make_link(actor, await _id_of(parts, actor, email))

    link = with_parts(work)
    if as_json:
        print_json(SignInLinkOut.of(link))
        return
    say(url.rstrip("/") + link_path(link))
    note(f"It signs {link.email} in once, until {shown(link.expires_at)} UTC. Keep it: it is not shown again.")


@app.command("roles")
def roles(*, as_json: AsJson = False) -> None:
    """Show who may do what: every role with its operations."""
    table = roles_table()
    if as_json:
        print_json(table)
    else:
        rows = [(one.role, one.description, ", ".join(one.operations)) for one in table.roles]
        print_table(("role", "who it is for", "operations"), rows, empty="")


def _tell(member: Member, *, as_json: bool) -> None:
    if as_json:
        print_json(UserOut.of(member))
    else:
        say(f"{member.user.email} is {', '.join(sorted(member.roles))}.")


async def _id_of(parts: Masterflow, actor: Principal, wanted: str) -> UUID:
    """The id of a member whom a token's owner names by address or id."""
    members = await every(lambda cursor: parts.tenancy.members(actor, cursor=cursor, limit=LARGEST_PAGE))
    for member in members:
        if wanted.strip().lower() in (member.user.email, str(member.user.id)):
            return member.user.id
    raise NotFound(f"{wanted} is no member of this engagement.", hint="`masterflow user list` shows them.")
