"""Whether a request that a browser's cookie lets in was meant by a page of ours."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers

from masterflow.errors import CsrfRefused
from masterflow.tenancy.tokens import is_csrf_of

CSRF = "Masterflow-CSRF"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = frozenset({"same-origin", "none"})  # none: typed or bookmarked


def require_csrf(headers: Headers, method: str, session_secret: str) -> None:
    """Let a change through only with the session's own CSRF token, from a page of this origin.

    Raises:
        CsrfRefused: the token is missing or another session's, or the browser says that another site asks.
    """
    if method in READING:
        return
    require_own_origin(headers)
    if not is_csrf_of(session_secret, headers.get(CSRF, "")):
        raise CsrfRefused(
            f"{CSRF} is missing or not this session's.", hint="Send the `csrf` that `GET /api/v1/me` answers."
        )


def require_own_origin(headers: Headers) -> None:
    """Refuse what a browser sends on behalf of another site; who sends neither header is no browser of today.

    Raises:
        CsrfRefused: `Sec-Fetch-Site` or `Origin` names another site.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    foreign_site = site is not None and site not in _OWN_SITES
    if foreign_site or (origin is not None and _place(origin) != headers.get("host", "").lower()):
        raise CsrfRefused(
            "The request comes from another site.",
            hint="Send it from a page of this server; a proxy has to pass the Host header on as it is.",
        )


def _place(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None
