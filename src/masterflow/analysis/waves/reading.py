"""Read a planning file; what is wrong with it is said in sentences that name the path inside the file."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from masterflow.analysis.waves.types import Wave, WaveApplication, WaveConstraints, WaveEdge, WaveInstance, near_miss
from masterflow.errors import FileRejected, InvalidInput, Place

MAX_BYTES = 64 * 1024 * 1024
MAX_PROBLEMS = 20  # a file with one systematic mistake has thousands

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class ReadInstance:
    """A planning task and what its file holds beyond it."""

    instance: WaveInstance
    notes: tuple[str, ...]


def read_instance(data: bytes, source: str) -> ReadInstance:
    """Read a planning file of schema version 1; `source` is its name in messages.

    A key that is not known is ignored and noted, unless it looks like a misspelt one.

    Raises:
        FileRejected: the file is no JSON object.
        InvalidInput: it is one, but not a planning task; every path and value that is wrong is named.
    """
    raw = _json_object(data, source)
    misspelt, ignored = _unknown_keys(raw)
    if misspelt:
        raise _refusal(source, misspelt)
    try:
        instance = WaveInstance.model_validate_json(json.dumps(raw))
    except ValidationError as error:
        raise _refusal(source, problems(error, raw)) from error
    return ReadInstance(instance=instance, notes=tuple(ignored))


def problems(error: ValidationError, raw: Json = None) -> list[str]:
    """What is wrong with an instance, a sentence each; `raw` is the JSON it came from, to name ids in paths."""
    return [sentence for detail in error.errors() for sentence in _sentences(detail, raw)]


def _json_object(data: bytes, source: str) -> dict[str, Json]:
    place = Place(file=source)
    schema = "Give a planning file: a JSON object with applications, edges and waves."
    if not data.strip():
        raise FileRejected(place, "the file is empty.", hint=schema, code="empty")
    if len(data) > MAX_BYTES:
        said = f"the file has {len(data):,} bytes, the limit is {MAX_BYTES:,}."
        raise FileRejected(place, said, hint="Plan the estate in parts.", code="too_large")
    try:
        raw = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        said = f"the file is not UTF-8 text (byte {error.start})."
        raise FileRejected(place, said, hint=schema, code="not_utf8") from error
    except RecursionError as error:
        raise FileRejected(place, "the file is nested too deeply.", hint=schema, code="not_json") from error
    except ValueError as error:
        raise FileRejected(place, f"the file is not JSON: {error}.", hint=schema, code="not_json") from error
    if not isinstance(raw, dict):
        said = f"the file holds a JSON {_kind(raw)}, not an object."
        raise FileRejected(place, said, hint=schema, code="not_object")
    return raw


def _refusal(source: str, wrong: Sequence[str]) -> InvalidInput:
    shown = list(wrong[:MAX_PROBLEMS])
    if len(wrong) > MAX_PROBLEMS:
        shown.append(f"and {len(wrong) - MAX_PROBLEMS:,} more")
    return InvalidInput(f"{source} is not a planning file: {'; '.join(shown)}.", hint="Correct it and try again.")


def _unknown_keys(raw: dict[str, Json]) -> tuple[list[str], list[str]]:
    """Keys that look misspelt, and keys that are simply not known (each of these once, not once an application)."""
    misspelt, ignored = [], dict[str, None]()
    for path, general, thing, model in _things(raw):
        known = model.model_fields.keys()
        for key in thing:
            if key in known:
                continue
            if hint := near_miss(key, known - thing.keys()):
                misspelt.append(f"{path}: unknown key '{key}'{hint}")
            else:
                ignored[f"The key '{key}' of {general} is not known and was ignored."] = None
    return misspelt, list(ignored)


def _things(raw: dict[str, Json]) -> Iterator[tuple[str, str, Mapping[str, Json], type[BaseModel]]]:
    yield "top level", "the file", raw, WaveInstance
    lists: tuple[tuple[str, type[BaseModel]], ...] = (
        ("applications", WaveApplication),
        ("edges", WaveEdge),
        ("waves", Wave),
    )
    for key, model in lists:
        listed = raw.get(key)
        for i, thing in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(thing, dict):
                yield f"{key}[{i}]", key, thing, model


def _sentences(error: ErrorDetails, raw: Json) -> Iterator[str]:
    if error["type"] == "value_error":
        yield from str(error["ctx"]["error"]).splitlines()
        return
    path = _path(error["loc"], raw) or "the file"
    if error["type"] == "missing":
        yield f"{path} is missing"
    elif error["type"] == "extra_forbidden":
        known = WaveConstraints.model_fields
        yield f"{path} is not a rule that the planner knows{near_miss(str(error['loc'][-1]), known)}"
    else:
        yield f"{path} is {_shown(error['input'])}: {error['msg'][0].lower()}{error['msg'][1:]}"


def _path(loc: Sequence[int | str], raw: Json) -> str:
    path, here = "", raw
    for step in loc:
        if isinstance(step, int):
            path += f"[{step}]"
            here = here[step] if isinstance(here, list) and step < len(here) else None
        else:
            path += f".{step}" if path else step
            here = here.get(step) if isinstance(here, dict) else None
        if isinstance(here, dict) and isinstance(here.get("id"), str):
            path += f" ({here['id']})"
    return path


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _kind(value: Json) -> str:
    if isinstance(value, list):
        return "list"
    return "null" if value is None else f"value {_shown(value)}"
