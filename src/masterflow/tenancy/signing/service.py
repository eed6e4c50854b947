"""Signing in with a browser: links that are good once, sessions that end by themselves."""

from dataclasses import dataclass, field
from uuid import UUID

from masterflow.db.keyset import DEFAULT_PAGE, clean_limit
from masterflow.db.session import Database, Session
from masterflow.errors import Conflict, NotAllowed, NotAuthenticated, NotFound
from masterflow.tenancy.people.store import PeopleStore
from masterflow.tenancy.recency import Recency
from masterflow.tenancy.refusals import unknown_credential
from masterflow.tenancy.roles import Operation, Role
from masterflow.tenancy.signing.store import SigningStore, resolve_session, sign_in
from masterflow.tenancy.store import existing
from masterflow.tenancy.tokens import CODE_PREFIX, LINK_LIFETIME, SESSION_PREFIX, hash_of, new_secret
from masterflow.tenancy.types import (
    Access,
    BrowserSession,
    Member,
    OpenedSession,
    Page,
    Principal,
    SignInLink,
    UserKind,
)

LONGEST_BROWSER = 200  # characters of what a browser says of itself


@dataclass(frozen=True, slots=True)
class Signing:
    """Links and sessions, for callers who are known by a code or a session's secret."""

    database: Database
    _noted: Recency = field(default_factory=Recency)

    async def enter(self, secret: str, engagement_id: UUID | None = None) -> Access:
        """Who a session lets in: in the engagement asked for, else in the one used last.

        Raises:
            NotAuthenticated: the session is unknown or over, or not good for the engagement.
        """
        async with self.database.asking() as connection:
            found = await resolve_session(connection, hash_of(secret), engagement_id)
        if found is None:
            raise unknown_credential()
        access, moved = found
        if moved or self._noted.is_due(access.id):
            async with self.database.transaction(access.principal.tenant) as session:
                await SigningStore(session).touch(access.id, moved=moved)
        return access

    async def sign_in(self, code: str, *, browser: str | None = None) -> OpenedSession:
        """Use up a link's code and open a session for its owner: 12 hours at most, 2 without a call.

        Raises:
            NotAuthenticated: the code is wrong, used or too old, or its owner may not come in; which is not said.
        """
        secret = new_secret(SESSION_PREFIX)
        shown = browser[:LONGEST_BROWSER] if browser else None
        async with self.database.asking() as connection:
            opened = await sign_in(connection, code_hash=hash_of(code), secret_hash=hash_of(secret), browser=shown)
        if opened is None:
            raise NotAuthenticated(
                "This sign-in link was used before, is older than 15 minutes, or never was one.",
                hint="Get a new one: `masterflow user sign-in-link EMAIL`, or ask a client admin.",
            )
        return OpenedSession(
            id=opened.id,
            tenant=opened.tenant,
            user_id=opened.user_id,
            expires_at=opened.expires_at,
            secret=secret,
        )

    async def sessions(
        self, actor: Principal, *, cursor: str | None = None, limit: int = DEFAULT_PAGE
    ) -> Page[BrowserSession]:
        """The caller's sessions in this client, oldest first."""
        async with self.database.transaction(actor.tenant) as session:
            return await SigningStore(session).sessions(actor.user_id, cursor=cursor, limit=clean_limit(limit))

    async def end(self, actor: Principal, session_id: UUID) -> None:
        """End one of the caller's sessions at once.

        Raises:
            NotAllowed: the caller acts by a narrowed token.
            NotFound: the caller has no such session.
        """
        actor.require_whole("end sessions")
        async with self.database.transaction(actor.tenant) as session:
            if not await SigningStore(session).end(actor.user_id, session_id):
                raise NotFound("There is no such session.")

    async def make_link(self, actor: Principal, user_id: UUID) -> SignInLink:
        """A link that signs a member of the caller's engagement in, once, within 15 minutes.

        Raises:
            NotAllowed: the caller is no client admin, acts by a narrowed token, or the member is a platform operator.
            NotFound: there is no such member.
            Conflict: the member is disabled, or a service account.
        """
        actor.require(Operation.MANAGE_CLIENT)
        actor.require_whole("make sign-in links")
        async with self.database.transaction(actor.tenant) as session:
            store = PeopleStore(session)
            found = existing(await store.person(user_id), "member")
            if await store.holds(user_id, Role.PLATFORM_OPERATOR):
                raise NotAllowed(
                    f"{found.user.email} is a platform operator, for whom no client admin signs in.",
                    hint="Use `masterflow user sign-in-link` at the machine.",
                )
            return await new_link(session, found, made_by=actor.email)


async def new_link(session: Session, member: Member, *, made_by: str | None) -> SignInLink:
    """A link for a member of the session's engagement.

    Raises:
        NotFound: nobody of that address holds a role in the engagement.
        Conflict: the member is disabled, or a service account.
    """
    user = member.user
    if not member.roles:
        raise NotFound("There is no such member.")
    if user.kind is UserKind.SERVICE:
        raise Conflict(f"{user.email} is a service account and signs in nowhere.", hint="Make a token for it.")
    if user.disabled_at is not None:
        raise Conflict(f"{user.email} is disabled.", hint="Enable them first: `masterflow user enable`.")
    code = new_secret(CODE_PREFIX)
    expires_at = await SigningStore(session).insert_link(
        user.id, code_hash=hash_of(code), made_by=made_by, lifetime=LINK_LIFETIME
    )
    return SignInLink(code=code, email=user.email, expires_at=expires_at)
