"""How a session travels: in a cookie that a browser sends to this server alone, and that no script can read.

Over https it is `__Host-masterflow`, which a browser keeps only if it is Secure, for this host and every path. A server
that listens on the loopback address may be spoken to without TLS, and only then without that prefix.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from masterflow.tenancy.tokens import SESSION_LIFETIME

SECURE_NAME = "__Host-masterflow"
LOCAL_NAME = "masterflow_session"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """The cookie of one request's way here."""

    is_local: bool

    @property
    def name(self) -> str:
        """What it is called."""
        return LOCAL_NAME if self.is_local else SECURE_NAME

    def secret_in(self, headers: Headers) -> str | None:
        """The session's secret that a request brings; None without one."""
        return cookie_parser(headers.get("cookie", "")).get(self.name) or None

    def keeping(self, secret: str) -> str:
        """The `Set-Cookie` that lets a browser keep `secret` as long as the session can last."""
        return self._header(secret, int(SESSION_LIFETIME.total_seconds()))

    def forgetting(self) -> str:
        """The `Set-Cookie` that lets a browser drop it."""
        return self._header("", 0)

    def _header(self, value: str, seconds: int) -> str:
        secure = "" if self.is_local else "; Secure"
        return f"{self.name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"


def cookie_for(headers: Headers, *, on_loopback: bool) -> SessionCookie:
    """The cookie for a request: the local one only if the server listens on loopback and is called by that address."""
    return SessionCookie(is_local=on_loopback and is_loopback(headers.get("host", "")))


def is_loopback(host: str) -> bool:
    """Whether a host, with or without a port, is this machine itself."""
    try:
        return urlsplit(f"//{host}").hostname in LOOPBACK
    except ValueError:
        return False
