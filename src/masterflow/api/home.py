"""The page at `/`: what works here, the routes, and where the documents are. It needs nothing from outside."""

import base64
import hashlib
from dataclasses import dataclass

from fastapi import APIRouter, Request
from jinja2 import Environment
from starlette.responses import HTMLResponse

from masterflow import __version__
from masterflow.api.credentials import signed_in
from masterflow.api.parts import services_of

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b2733; }
h1 { margin-bottom: 0 } h2 { margin-top: 2.5rem; border-bottom: 1px solid #ccd5dd }
.note { color: #5a6b7a } code { background: #eef2f5; padding: 0 .3em; border-radius: 3px; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; padding: .3rem .8rem .3rem 0; vertical-align: top }
tr + tr td { border-top: 1px solid #e6ebef } .gate { color: #8a4b00 }
@media (prefers-color-scheme: dark) { body { background: #12181e; color: #dde5ec } code { background: #23303b }
.note { color: #93a4b3 } .gate { color: #f0b36a } tr + tr td { border-color: #2a3743 } a { color: #8ac6ff } }
"""

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Masterflow {{ version }}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>STYLE</style></head>
<body>
<h1>Masterflow</h1>
<p class="note">Cloud migration programme manager, version {{ version }}</p>
<p>{% if who %}Signed in as <strong>{{ who.email }}</strong>: {{ who.roles | sort | join(", ") }}.
<a href="/sign-in">Sign out</a>{% else %}Nobody is signed in here.
<code>masterflow user sign-in-link EMAIL</code> makes a link.{% endif %}</p>

<h2>What works here</h2>
{% for flow_type in flow_types %}
<h3>{{ flow_type.title }} <code>{{ flow_type.name }}</code></h3>
<p>{{ flow_type.summary }}</p>
<table>
<tr><th>Phase</th><th>What it does</th><th>What a person is asked</th></tr>
{% for phase in flow_type.phases %}
<tr><td><code>{{ phase.name }}</code>{% if phase.optional %} (may be skipped){% endif %}</td><td>{{ phase.title }}</td>
<td class="gate">{{ phase.gate.asks if phase.gate else "" }}</td></tr>
{% endfor %}
</table>
{% else %}
<p>No flow type is installed.</p>
{% endfor %}

<h2>Routes</h2>
<p>Each needs <code>Authorization: Bearer mf_…</code> or a browser that signed in; make a token with
<code>masterflow token create</code>.
<a href="/openapi.json">/openapi.json</a> describes every field, <a href="/health/ready">/health/ready</a> says whether
this server can work.</p>
<table>
{% for route in routes %}
<tr><td><code>{{ route.method }} {{ route.path }}</code></td><td>{{ route.summary }}</td></tr>
{% endfor %}
</table>

<h2>Documents</h2>
<table>
<tr><td><code>README.md</code></td><td>What Masterflow is, and the first two commands</td></tr>
<tr><td><code>docs/tutorial.md</code></td><td>From an inventory export to a wave plan</td></tr>
<tr><td><code>docs/reference/</code></td><td>Settings, errors, roles, flow types, commands, routes</td></tr>
<tr><td><code>ARCHITECTURE.md</code>, <code>docs/adr/</code></td><td>How it is built, and why</td></tr>
<tr><td><code>masterflow --help</code></td><td>The same from the command line</td></tr>
</table>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table of routes."""

    method: str
    path: str
    summary: str


_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_TEMPLATE = Environment(autoescape=True).from_string(PAGE.replace("STYLE", STYLE))

HOME_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
}

router = APIRouter(include_in_schema=False)


@router.get("/", response_class=HTMLResponse)
async def home(request: Request) -> HTMLResponse:
    """The page itself."""
    registry = services_of(request).orchestrator.registry
    routes: tuple[Route, ...] = request.app.state.routes_shown
    who = await signed_in(request.scope)
    page = _TEMPLATE.render(version=__version__, flow_types=registry.all(), routes=routes, who=who)
    return HTMLResponse(page, headers=HOME_HEADERS)
