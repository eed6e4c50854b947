"""By what a request is let in: a bearer token, or a session's cookie. With both, the token counts alone."""

from dataclasses import dataclass
from uuid import UUID

from starlette.datastructures import Headers
from starlette.types import Scope

from masterflow.api.cookies import cookie_for
from masterflow.api.csrf import require_csrf
from masterflow.api.parts import Admission, Services
from masterflow.errors import InvalidInput
from masterflow.tenancy.refusals import no_credential
from masterflow.tenancy.tokens import csrf_of

ENGAGEMENT = "Masterflow-Engagement"
OPEN = frozenset({("POST", "/api/v1/sign-in")})  # what works before anybody is known


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request shows of its caller; at most one of them counts."""

    token: str | None
    session: str | None


def is_open(scope: Scope) -> bool:
    """Whether a request needs no credential."""
    return (scope["method"], scope["path"]) in OPEN


async def admit(scope: Scope) -> Admission:
    """Who makes a request, in which engagement.

    Raises:
        NotAuthenticated: no credential, or one that opens nothing.
        CsrfRefused: a cookie lets it in, it changes something, and no page of ours meant it.
        InvalidInput: the engagement is no id.
    """
    headers, services = Headers(scope=scope), _services(scope)
    shown = _shown(headers, services)
    if shown.token is not None:
        access = await services.tenancy.enter(shown.token, _engagement(headers))
        return Admission(access, csrf=None)
    if shown.session is None:
        raise no_credential()
    access = await services.tenancy.signing.enter(shown.session, _engagement(headers))
    require_csrf(headers, scope["method"], shown.session)
    return Admission(access, csrf=csrf_of(shown.session))


def _services(scope: Scope) -> Services:
    services: Services = scope["app"].state.services
    return services


def _shown(headers: Headers, services: Services) -> Shown:
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return Shown(token=secret.strip(), session=None)
    return Shown(token=None, session=cookie_for(headers, on_loopback=services.on_loopback).secret_in(headers))


def _engagement(headers: Headers) -> UUID | None:
    wanted = headers.get(ENGAGEMENT)
    if wanted is None:
        return None
    try:
        return UUID(wanted)
    except ValueError:
        raise InvalidInput(
            f"{ENGAGEMENT} is {wanted[:80]!r}, which is no engagement's id.",
            hint="`GET /api/v1/engagements` lists yours.",
        ) from None
