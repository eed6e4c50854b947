"""The application: every resource under `/api/v1`, health and the front page beside it, and its own description."""

from functools import cache
from typing import Any, ClassVar

from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.utils import get_openapi

from masterflow import __version__
from masterflow.api import (
    analytics,
    applications,
    artifacts,
    assessments,
    asset_values,
    assets,
    audit,
    bulk,
    calendars,
    clients,
    conflicts,
    dependencies,
    engagements,
    errors,
    flow_input,
    flow_types,
    flows,
    gate_tables,
    gates,
    health,
    imports,
    inbox,
    learned_headers,
    me,
    metrics,
    plans,
    roles,
    schedules,
    service_accounts,
    signing,
    streams,
    tokens,
    users,
    views,
    web,
    webhooks,
)
from masterflow.api.cookies import SECURE_NAME
from masterflow.api.credentials import ENGAGEMENT, OPEN
from masterflow.api.csrf import CSRF, READING
from masterflow.api.guard import Guard, body_rules
from masterflow.api.keys import KEY, LONGEST_KEY
from masterflow.api.limits import SignInLimit
from masterflow.api.operations import operations
from masterflow.api.parts import Services
from masterflow.api.telling import Telling
from masterflow.api.texts import refuse_unkept_text
from masterflow.orchestrator.streams import Hub

PREFIX = "/api/v1"
RESOURCES = (
    analytics,  # before the flows, whose ids would take its path
    bulk,  # before the routes of one flow, whose id would take its name
    flows,
    flow_input,
    streams,
    flow_types,
    gate_tables,
    gates,
    inbox,
    imports,
    learned_headers,
    assets,
    asset_values,
    applications,
    conflicts,
    dependencies,
    assessments,
    plans,
    artifacts,
    schedules,
    calendars,
    me,
    clients,
    engagements,
    users,
    roles,
    service_accounts,
    tokens,
    audit,
    signing,
    views,
    webhooks,
)
METHODS = ("get", "post", "put", "patch", "delete")

DESCRIPTION = """Cloud migration programmes as flows: discovery, assessment, planning.

Send `Authorization: Bearer mf_…` with every call. A token that is bound to no engagement
needs `Masterflow-Engagement` too. A browser that signed in sends its cookie instead, and with every
change the `csrf` of `GET /api/v1/me` as `Masterflow-CSRF`.
Errors are `application/problem+json` with a stable `code`; lists are continued by `cursor`.
Reads of a flow carry `ETag`; commands take it as `If-Match`.
Every write takes `Idempotency-Key`: sent again within 24 hours, it has no second effect."""


class Application(FastAPI):
    """A FastAPI application whose description also tells what the guard does before a route is reached."""

    _document: ClassVar[dict[str, Any] | None] = None

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once a process: every application has the same routes."""
        if Application._document is None:
            Application._document = _described(self)
        return Application._document


def create_app(services: Services, *, max_upload_bytes: int) -> FastAPI:
    """The application over `services`, ready to be served."""
    app = _bare(max_upload_bytes)
    app.state.services = services
    app.state.hub = Hub(services.database)  # ends with `close`, before the server waits for its answers to end
    app.state.pace = streams.Pace()
    return app


def describe_api() -> dict[str, Any]:
    """The OpenAPI document, without a server."""
    return _bare(1).openapi()


def _bare(max_upload_bytes: int) -> FastAPI:
    app = Application(
        title="Masterflow",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.include_router(_resources())
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(web.router)
    errors.install(app)
    app.add_middleware(Guard, max_upload_bytes=max_upload_bytes)
    app.state.sign_in_limit = SignInLimit()
    app.add_middleware(Telling)
    app.state.body_rules = body_rules(app.openapi())
    app.state.operations = operations(app.openapi())
    return app


@cache
def _resources() -> APIRouter:
    """The routes under the prefix; they know no application, so that one set serves every one of them."""
    api = APIRouter(prefix=PREFIX, dependencies=[Depends(refuse_unkept_text)])
    for resource in RESOURCES:
        api.include_router(resource.router)
    return api


def _described(app: FastAPI) -> Any:
    """The OpenAPI document with what the framework does not know: the guard's token, header and refusals."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = errors.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {}) | {"Problem": problem}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token, mf_…"},
        "session": {"type": "apiKey", "in": "cookie", "name": SECURE_NAME, "description": "A browser that signed in"},
        "csrf": {"type": "apiKey", "in": "header", "name": CSRF, "description": "The `csrf` of `GET /api/v1/me`"},
    }
    for path, methods in document["paths"].items():
        for method in set(METHODS) & set(methods):
            guarded = path.startswith(PREFIX) and (method.upper(), path) not in OPEN
            _complete(methods[method], guarded=guarded, reads=method.upper() in READING)
    return document


def _complete(operation: Any, *, guarded: bool, reads: bool) -> None:
    operation["summary"] = operation.get("description", operation["summary"]).splitlines()[0].removesuffix(".")
    invalid = operation["responses"].get("422", {}).get("content", {})
    if "application/json" in invalid:  # the framework's own form of it, which is never sent
        del operation["responses"]["422"]
    if "requestBody" in operation:
        operation["responses"] |= {str(s): r for s, r in errors.problems(413, 415).items()}
    if not guarded:
        return
    operation["security"] = [{"token": []}, {"session": []} if reads else {"session": [], "csrf": []}]
    operation.setdefault("parameters", []).append(
        {
            "name": ENGAGEMENT,
            "in": "header",
            "required": False,
            "schema": {"type": "string", "format": "uuid"},
            "description": "The engagement that the call is about; needed when a token is bound to none",
        }
    )
    if not reads:
        _complete_write(operation)


def _complete_write(operation: Any) -> None:
    """Say that a request may carry a key, and how one is refused."""
    operation["parameters"].append(
        {
            "name": KEY,
            "in": "header",
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
            "description": "Your own name for this request, such as a new UUID: sent again within 24 hours, it has no "
            "second effect and gets the first answer, with Idempotency-Replayed: true",
        }
    )
    operation["responses"] |= {str(s): r for s, r in errors.problems(409, 422).items()}
