"""The web application: one page for every address of it, and the files that it is built of.

The files are made by `make web` and ship inside the wheel. Their names change with their content, so a browser keeps
them for good; the page itself it asks for each time, since it has a nonce for the style sheets that scripts add.
"""

import gzip
import mimetypes
import secrets
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from masterflow import __version__
from masterflow.errors import NotFound

BUILT = Path(__file__).parents[1] / "web"
NONCE = "__CSP_NONCE__"
VERSION = "__VERSION__"
ONCE = "public, max-age=31536000, immutable"
PACKED = frozenset({".js", ".css", ".svg"})  # the other kinds are packed already

NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Masterflow</title></head>
<body><h1>Masterflow</h1><p>The web application was not built. Run <code>make web</code> and load this page again.
The command line and the <a href="/openapi.json">HTTP API</a> work without it.</p></body></html>
"""

router = APIRouter(include_in_schema=False)


@router.get("/", response_class=HTMLResponse)
@router.get("/sign-in", response_class=HTMLResponse)
@router.get("/e/{path:path}", response_class=HTMLResponse)
async def application() -> HTMLResponse:
    """The page; which place it shows it reads from its own address."""
    nonce = secrets.token_urlsafe(16)
    return HTMLResponse(
        _page().replace(NONCE, nonce).replace(VERSION, __version__), headers={"Content-Security-Policy": policy(nonce)}
    )


@router.get("/assets/{name}", response_class=Response)
async def asset(name: str, request: Request) -> Response:
    """One file of the application."""
    return _file(BUILT / "assets" / name, request, ONCE)


@router.get("/mark.svg", response_class=Response)
async def mark(request: Request) -> Response:
    """The mark beside the name."""
    return _file(BUILT / "mark.svg", request, "public, max-age=86400")


def policy(nonce: str) -> str:
    """What the page may load and do: its own files, and style sheets that its own scripts add."""
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def _page() -> str:
    try:
        return (BUILT / "index.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        return NOT_BUILT


def _file(path: Path, request: Request, keep: str) -> Response:
    may_pack = path.suffix in PACKED and "gzip" in request.headers.get("accept-encoding", "")
    try:
        content = _content(path, packed=may_pack)
    except (OSError, ValueError):  # a name with a null character is none of a file
        raise NotFound("There is no such file.", hint="Load the page again: it may be of another release.") from None
    headers = {"Cache-Control": keep, "Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if may_pack else {})
    return Response(content, media_type=mimetypes.guess_type(path)[0] or "application/octet-stream", headers=headers)


@cache
def _content(path: Path, *, packed: bool) -> bytes:
    content = path.read_bytes()
    return gzip.compress(content, 9, mtime=0) if packed else content
