"""Errors as HTTP: one table from error class to status, one form of answer, RFC 9457 `application/problem+json`.

The body of a 404 says nothing that depends on whether the thing exists for somebody else; what tells two answers apart
(the request's id) is a header.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import Response

from masterflow.api.texts import UNKEPT_TEXT
from masterflow.errors import (
    ConfigurationInvalid,
    Conflict,
    EditRejected,
    FileRejected,
    InputRejected,
    InvalidInput,
    KeyInUse,
    KeyMisused,
    MasterflowError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    PhaseSignal,
    QuotaExceeded,
    TooManyRequests,
    Unavailable,
    VersionConflict,
)

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_SECONDS = 5
KEY_RETRY_SECONDS = 1  # most calls that hold a key are over by then

# The most derived class of an error decides. 422 is for payloads alone.
STATUS: Mapping[type[MasterflowError], HTTPStatus] = {
    MasterflowError: HTTPStatus.INTERNAL_SERVER_ERROR,
    InvalidInput: HTTPStatus.BAD_REQUEST,
    FileRejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    ConfigurationInvalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    EditRejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    KeyMisused: HTTPStatus.UNPROCESSABLE_ENTITY,
    InputRejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    QuotaExceeded: HTTPStatus.TOO_MANY_REQUESTS,
    Conflict: HTTPStatus.CONFLICT,
    VersionConflict: HTTPStatus.PRECONDITION_FAILED,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    PhaseSignal: HTTPStatus.CONFLICT,
}

# What the framework itself refuses: a stable code and what to do.
REFUSED: Mapping[int, tuple[str, str]] = {
    400: ("request.invalid", "Correct the request; /openapi.json says what is expected."),
    404: ("not_found", "See /openapi.json for what there is."),
    405: ("request.method", "See the Allow header."),
    413: ("request.too_large", "Split it, or raise MASTERFLOW_MAX_UPLOAD_MB."),
    415: ("request.media_type", "See /openapi.json for the content type of this route."),
}

TOO_LARGE = "too_large"
_ANY_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Wrong(BaseModel):
    """One field of a payload that cannot be used."""

    field: str
    message: str


class Problem(BaseModel):
    """An error as RFC 9457 describes it, with a stable `code` and what to do next."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:masterflow:problem:conflict",
                "title": "Conflict",
                "status": 409,
                "detail": "The flow is completed; it cannot be paused.",
                "code": "conflict",
                "hint": "Only a running flow can be paused.",
            }
        }
    )

    type: str
    title: str
    status: int
    detail: str
    code: str
    hint: str | None = None
    instance: str | None = None
    problems: list[str] | None = None
    errors: list[Wrong] | None = None
    place: dict[str, str | int | None] | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: the refusals that every route knows, and its own."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in sorted({400, 401, 403, 500, 503, *statuses})
    }


def answer(error: MasterflowError, *, instance: str | None = None) -> Response:
    """The response that says `error`."""
    status = status_of(error)
    response = _response(
        Problem(
            type=f"urn:masterflow:problem:{error.code}",
            title=status.phrase,
            status=status,
            detail=_ANY_ID.sub("of this id", error.message) if isinstance(error, NotFound) else error.message,
            code=error.code,
            hint=error.hint,
            instance=instance,
            problems=error.problems if isinstance(error, EditRejected) else None,
            errors=_wrong_fields(error),
            place=_place(error),
        )
    )
    if isinstance(error, TooManyRequests | QuotaExceeded) and error.retry_after is not None:
        response.headers["Retry-After"] = str(ceil(error.retry_after.total_seconds()))
    return response


def _wrong_fields(error: MasterflowError) -> list[Wrong] | None:
    if not isinstance(error, InputRejected):
        return None
    return [Wrong(field=problem.field, message=problem.message) for problem in error.problems]


def refusal(status: int, detail: str, *, code: str | None = None, errors: list[Wrong] | None = None) -> Response:
    """The response for what the framework refuses."""
    known, hint = REFUSED.get(status, ("request.invalid", "See /openapi.json."))
    code = code or known
    return _response(
        Problem(
            type=f"urn:masterflow:problem:{code}",
            title=HTTPStatus(status).phrase,
            status=status,
            detail=detail,
            code=code,
            hint=hint,
            errors=errors,
        )
    )


def breakdown(request_id: str) -> Response:
    """The response to an error nobody foresaw: nothing of it leaves the process but the id that the log names."""
    return _response(
        Problem(
            type="urn:masterflow:problem:internal",
            title=HTTPStatus.INTERNAL_SERVER_ERROR.phrase,
            status=HTTPStatus.INTERNAL_SERVER_ERROR,
            detail="Something broke that should not have; it was logged.",
            code="internal",
            hint=f"Tell the operator the request's id {request_id}.",
            instance=f"urn:masterflow:request:{request_id}",
        )
    )


def status_of(error: MasterflowError) -> HTTPStatus:
    """The status of the most derived class of `error` that is in the table."""
    if isinstance(error, FileRejected) and error.reason == TOO_LARGE:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def install(app: FastAPI) -> None:
    """Let `app` say every error that it foresees as a problem document."""
    app.exception_handler(MasterflowError)(_masterflow_error)
    app.exception_handler(RequestValidationError)(_validation_error)
    app.exception_handler(HTTPException)(_http_error)


async def _masterflow_error(_: Request, error: MasterflowError) -> Response:
    return answer(error)


async def _http_error(_: Request, error: HTTPException) -> Response:
    details = {404: "There is no such route.", 405: "This route does not take that method."}
    response = refusal(error.status_code, details.get(error.status_code, str(error.detail)))
    response.headers.update(error.headers or {})
    return response


async def _validation_error(_: Request, error: RequestValidationError) -> Response:
    wrong = [_wrong(entry, error.body) for entry in error.errors()]
    sentence = "; ".join(f"{w.field}: {w.message}" for w in wrong)
    places = {str(entry["loc"][0]) for entry in error.errors()}
    if any(entry["type"] == UNKEPT_TEXT for entry in error.errors()):
        return refusal(422, f"The request cannot be kept: {sentence}.", code="request.text", errors=wrong)
    if "path" in places:  # an id that no thing can have is like one that nothing has
        return answer(NotFound("There is no such thing."))
    if "body" in places and not any(entry["type"] == "json_invalid" for entry in error.errors()):
        return refusal(422, f"The payload does not fit: {sentence}.", code="request.payload", errors=wrong)
    return refusal(400, f"The request does not fit: {sentence}.", errors=wrong)


def _wrong(entry: Mapping[str, Any], body: object) -> Wrong:
    if entry["type"] == "json_invalid":
        return Wrong(field="body", message=_broken(entry, body))
    where = [str(part) for part in entry["loc"]]
    return Wrong(field=".".join(where[1:]) or where[0], message=str(entry["msg"]).removeprefix("Value error, "))


def _broken(entry: Mapping[str, Any], body: object) -> str:
    """Where a body stops being JSON, by line and column instead of by offset."""
    said = f"{entry['msg']}: {entry.get('ctx', {}).get('error', '')}".removesuffix(": ")
    offset = entry["loc"][-1]
    if not isinstance(body, str) or not isinstance(offset, int):
        return said
    before = body[:offset]
    return f"{said} at line {before.count(chr(10)) + 1}, column {offset - before.rfind(chr(10))}"


def _place(error: MasterflowError) -> dict[str, str | int | None] | None:
    if not isinstance(error, FileRejected):
        return None
    place = error.place
    return {"file": place.file, "sheet": place.sheet, "row": place.row, "column": place.column}


def _response(problem: Problem) -> Response:
    headers = {}
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if problem.code == KeyInUse.code:
        headers["Retry-After"] = str(KEY_RETRY_SECONDS)
    return Response(
        problem.model_dump_json(exclude_none=True), status_code=problem.status, media_type=PROBLEM_JSON, headers=headers
    )
