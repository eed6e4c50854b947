"""No text enters that the database could not keep: every query parameter and body is looked at before its route."""

from collections.abc import Mapping

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import FormData, UploadFile

from masterflow.db.text import WHY_UNKEPT, is_kept, printable, unkept_texts

UNKEPT_TEXT = "text_unkept"
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


async def refuse_unkept_text(request: Request) -> None:
    """Let a request through whose texts can be kept.

    Raises:
        RequestValidationError: some cannot; it names each field.
    """
    query = [printable(name) for name, text in request.query_params.multi_items() if not is_kept(name + text)]
    wrong = [_entry("query", (name,)) for name in query]
    wrong += [_entry("body", path) for path in unkept_texts(await _body(request))]
    if wrong:
        raise RequestValidationError(wrong)


async def _body(request: Request) -> object:
    """The body as the framework has parsed it for a route that takes one; reading it again costs nothing."""
    if getattr(request.scope.get("route"), "body_field", None) is None:
        return None
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in _FORMS:
        return _plain(await request.form())
    if media_type == "application/json" and await request.body():
        return await request.json()
    return None


def _plain(form: FormData) -> Mapping[str, str]:
    """What a form says in text: its fields, and the names of its files."""
    texts: dict[str, str] = {}
    for name, part in form.multi_items():
        said = part.filename or "" if isinstance(part, UploadFile) else part
        texts[name] = texts.get(name, "") + said
    return texts


def _entry(place: str, path: tuple[str, ...]) -> dict[str, object]:
    return {"type": UNKEPT_TEXT, "loc": (place, *path), "msg": WHY_UNKEPT}
