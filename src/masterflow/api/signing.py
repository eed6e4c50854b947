"""Signing in and out with a browser, and the browsers that one is signed in with."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from masterflow.api.cookies import cookie_for
from masterflow.api.csrf import require_own_origin
from masterflow.api.errors import problems
from masterflow.api.limits import SignInLimit
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import Actor, Admitted, Parts, UseTenancy
from masterflow.api.shown import Shown
from masterflow.errors import Conflict
from masterflow.tenancy.types import BrowserSession, SecretState, Through


class SignIn(BaseModel):
    """The code behind `#code=` of a sign-in link."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"code": "mfc_…"}})

    code: str = Field(max_length=200)


class SignedInOut(BaseModel):
    """A session is open; its secret is in the cookie alone."""

    user_id: UUID
    client_account_id: UUID
    engagement_id: UUID
    expires_at: datetime


class SessionOut(Shown):
    """A browser that is or was signed in. `made_by` made the link; null: the operator at the machine."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    state: SecretState
    browser: str | None
    made_by: str | None
    current: bool = False


class SessionsOut(Listed):
    """Sessions, oldest first."""

    items: list[SessionOut]


router = APIRouter(tags=["sessions"])
Browser = Annotated[str | None, Header(alias="User-Agent", include_in_schema=False)]


@router.post("/sign-in", response_model=SignedInOut, responses=problems(422, 429))
async def sign_in(
    given: SignIn, request: Request, services: Parts, response: Response, browser: Browser = None
) -> SignedInOut:
    """Use up a sign-in link's code and get a session's cookie; needs no token."""
    require_own_origin(request.headers)
    limit: SignInLimit = request.app.state.sign_in_limit
    limit.take(request.client.host if request.client else "")
    opened = await services.tenancy.signing.sign_in(given.code, browser=browser)
    cookie = cookie_for(request.headers, on_loopback=services.on_loopback)
    response.headers["Set-Cookie"] = cookie.keeping(opened.secret)
    tenant = opened.tenant
    return SignedInOut(
        user_id=opened.user_id,
        client_account_id=tenant.client_account_id,
        engagement_id=tenant.engagement_id,
        expires_at=opened.expires_at,
    )


@router.post("/sign-out", status_code=204, response_class=Response, responses=problems(409))
async def sign_out(request: Request, admitted: Admitted, services: Parts) -> Response:
    """End the session of this browser now."""
    if admitted.access.through is not Through.SESSION:
        raise Conflict(
            "You are here with a token, not with a session.", hint="End a token with `DELETE /api/v1/tokens`."
        )
    await services.tenancy.signing.end(admitted.access.principal, admitted.access.id)
    cookie = cookie_for(request.headers, on_loopback=services.on_loopback)
    return Response(status_code=204, headers={"Set-Cookie": cookie.forgetting()})


@router.get("/sessions", response_model=SessionsOut, responses=problems())
async def list_sessions(
    admitted: Admitted, tenancy: UseTenancy, cursor: Cursor = None, limit: Limit = FULL_PAGE
) -> SessionsOut:
    """The browsers that the caller is or was signed in with."""
    access = admitted.access
    page = await tenancy.signing.sessions(access.principal, cursor=cursor, limit=limit)
    return SessionsOut(items=[session_out(one, current=access.id) for one in page.items], cursor=page.cursor)


@router.delete("/sessions/{session_id}", status_code=204, response_class=Response, responses=problems(404))
async def end_session(session_id: UUID, actor: Actor, tenancy: UseTenancy) -> Response:
    """End one of the caller's sessions now."""
    await tenancy.signing.end(actor, session_id)
    return Response(status_code=204)


def session_out(session: BrowserSession, *, current: UUID | None = None) -> SessionOut:
    """As the API shows it."""
    return SessionOut.of(session).model_copy(update={"current": session.id == current})
