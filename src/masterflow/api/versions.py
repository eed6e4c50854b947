"""Versions of a flow and contents of a gate as entity tags: reads carry `ETag`, commands take `If-Match`."""

import re
from typing import Annotated

from fastapi import Depends, Header
from pydantic import BaseModel
from starlette.responses import Response

from masterflow.errors import InvalidInput, VersionConflict

_TAG = re.compile(r'(?:W/)?"(\d{1,9})"')


def _expected(
    if_match: Annotated[
        str | None,
        Header(description="The ETag that was read; the command is refused with 412 if it is no longer true"),
    ] = None,
) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    tag = _TAG.fullmatch(if_match.strip())
    if tag is None:
        raise InvalidInput(
            f"If-Match is {if_match[:80]!r}, which no flow has as its ETag.", hint='Send it as read: "7".'
        )
    return int(tag[1])


ExpectedVersion = Annotated[int | None, Depends(_expected)]


def _expected_content(
    if_match: Annotated[
        str | None,
        Header(description="The ETag that was read with the gate; refused with 412 if something else is asked now"),
    ] = None,
) -> str | None:
    return None if if_match is None or if_match.strip() == "*" else if_match.strip().strip('"')


ExpectedContent = Annotated[str | None, Depends(_expected_content)]


def require_content(expected: str | None, content_hash: str) -> None:
    """Let a decision pass that was made on what is asked now.

    Raises:
        VersionConflict: something else was looked at.
    """
    if expected is not None and expected != content_hash:
        raise VersionConflict("Another output was looked at than is asked about now.", hint="Read the gate again.")


def tagged(body: BaseModel, version: int, *, status: int = 200, location: str | None = None) -> Response:
    """`body` as JSON with its version as ETag; validated when it was built, so the framework need not do it again."""
    headers = {"ETag": f'"{version}"'} | ({"Location": location} if location else {})
    return Response(body.model_dump_json(), status_code=status, media_type="application/json", headers=headers)


def unchanged(if_none_match: str | None, version: int) -> Response | None:
    """304 if the caller has this version already."""
    known = {tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")}
    return Response(status_code=304, headers={"ETag": f'"{version}"'}) if f'"{version}"' in known else None
