"""From a flow's row to what it asks, and from an answer to its configuration. Pure."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from masterflow.db.status import FlowStatus
from masterflow.errors import FieldProblem, InputRejected
from masterflow.orchestrator.asking.types import Asked, AskedElsewhere, AskedField
from masterflow.orchestrator.gates import told
from masterflow.orchestrator.types import Failure, Flow, JsonObject
from masterflow.spec import FlowType

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NOTHING_TO_FILL = "There is nothing to fill in: supply no input, and the phase runs again."


def asked_by(flow: Flow, kind: FlowType) -> Asked:
    """What `flow` waits for."""
    waits = flow.status is FlowStatus.WAITING_FOR_INPUT
    failure = flow.last_error if waits else None
    fields = tuple(_fields(flow, kind, failure)) if failure else ()
    names = {asked.field for asked in fields}
    elsewhere = [
        AskedElsewhere(missing["field"], missing["reason"], missing.get("place"))
        for missing in (failure.missing if failure else ())
        if missing["field"] not in names
    ]
    return Asked(
        flow_id=flow.flow_id,
        flow_type=flow.flow_type,
        waits=waits,
        phase=flow.current_phase,
        code=failure.code if failure else None,
        message=_message(flow, failure),
        hint=NOTHING_TO_FILL if waits and not fields else failure.hint if failure else None,
        fields=fields,
        elsewhere=tuple(elsewhere),
        also=tuple(sorted(set(kind.config.model_fields) - names)),
        schema=_schema(flow, kind, fields),
    )


def filled(flow: Flow, kind: FlowType, values: Mapping[str, Any]) -> JsonObject:
    """The flow's configuration with `values` in it, as its model completes it.

    Raises:
        InputRejected: a field that does not exist, one whose value the configuration refuses, or one that is asked for
            and not given; a sentence for each.
    """
    problems = _unknown(kind, values)
    problems += _unanswered(asked_by(flow, kind).fields, values)
    merged = {**flow.configuration, **values}
    try:
        model = kind.config.model_validate(merged)
    except ValidationError as error:
        refused = [FieldProblem(*told(found)) for found in error.errors(include_url=False)]
        problems += [problem for problem in refused if problem.field not in {known.field for known in problems}]
    if problems:
        raise InputRejected(problems, hint="Correct these fields; nothing was changed.")
    kept: JsonObject = model.model_dump(mode="json")
    return kept


def describe(schema: Mapping[str, Any], root: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """What a field takes, in a word or two, and its choices where it has some; `root` has the definitions."""
    found = _resolved(schema, root)
    if "enum" in found or "const" in found:
        return "choice", tuple(str(choice) for choice in found.get("enum", [found.get("const")]))
    if "anyOf" in found:
        parts = [describe(part, root) for part in found["anyOf"]]
        words = [word for word, _ in parts if word != "nothing"]
        return " or ".join(dict.fromkeys(words)), tuple(choice for _, choices in parts for choice in choices)
    if found.get("type") == "array":
        word, choices = describe(found.get("items", {}), root)
        return f"list of {word}", choices
    return _WORDS.get(found.get("format") or found.get("type", ""), "JSON"), ()


_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "JSON object",
    "date": "date",
    "date-time": "moment",
    "uuid": "id",
    "null": "nothing",
}


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Mapping[str, Any] = root.get("$defs", {}).get(reference.rpartition("/")[2], {})
    return found


def _message(flow: Flow, failure: Failure | None) -> str:
    if failure is not None:
        return failure.message
    if flow.status is FlowStatus.WAITING_FOR_INPUT:
        return "The flow waits for input."
    return f"The flow is {flow.status.replace('_', ' ')} and asks for no input."


def _fields(flow: Flow, kind: FlowType, failure: Failure) -> list[AskedField]:
    """The fields of the configuration that the flow asks for by name.

    One that has no value must be given, and so must a single one; of several that have values any may be changed.
    """
    root = kind.config.model_json_schema()
    found: dict[str, AskedField] = {}
    names = {missing["field"] for missing in failure.missing} & set(kind.config.model_fields)
    for missing in failure.missing:
        name, reason = missing["field"], missing["reason"]
        if name not in names:
            continue
        current = flow.configuration.get(name)
        reasons = found[name].reasons if name in found else ()
        places = found[name].places if name in found else ()
        word, choices = describe(root["properties"][name], root)
        found[name] = AskedField(
            field=name,
            reasons=(*reasons, reason),
            question=root["properties"][name].get("description"),
            places=(*places, missing["place"]) if "place" in missing else places,
            type=word,
            choices=choices,
            required=_says_nothing(current) or len(names) == 1,
            current=current,
        )
    return list(found.values())


def _says_nothing(value: object) -> bool:
    """Whether a value leaves a field as missing as it was."""
    return value is None or value in ([], {})


def _unanswered(fields: Sequence[AskedField], values: Mapping[str, Any]) -> list[FieldProblem]:
    """The fields without whose answer the phase would only ask again."""
    left = [asked for asked in fields if asked.required and _is_left(asked, values)]
    if not left and not any(asked.field in values for asked in fields):
        left = list(fields)  # all have a value, and they do not fit together: one of them has to change
    return [FieldProblem(asked.field, f"it is needed: {'; '.join(asked.reasons)}") for asked in left]


def _is_left(asked: AskedField, values: Mapping[str, Any]) -> bool:
    """A field that has a value may be emptied: that takes away what was wrong with it."""
    if asked.field not in values:
        return True
    return _says_nothing(asked.current) and _says_nothing(values[asked.field])


def _property(asked: AskedField, root: Mapping[str, Any]) -> dict[str, Any]:
    found = {**root, "x-reasons": list(asked.reasons)} | ({"x-places": list(asked.places)} if asked.places else {})
    if root.get("type") == "array" and _says_nothing(asked.current):
        found["minItems"] = max(1, root.get("minItems", 0))
    return found


def _schema(flow: Flow, kind: FlowType, fields: tuple[AskedField, ...]) -> JsonObject:
    root = kind.config.model_json_schema()
    properties = {asked.field: _property(asked, root["properties"][asked.field]) for asked in fields}
    required = [asked.field for asked in fields if asked.required]
    schema: dict[str, Any] = {
        "$schema": DIALECT,
        "title": f"What '{flow.current_phase}' asks" if flow.current_phase else kind.title,
        "type": "object",
        "properties": properties,
        "required": required,
    }
    if fields and not required:
        schema["anyOf"] = [{"required": [asked.field]} for asked in fields]
    definitions = _used(properties, root.get("$defs", {}))
    return schema | ({"$defs": definitions} if definitions else {})


def _used(value: object, definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The definitions that `value` refers to, and those that these refer to."""
    found: dict[str, Any] = {}
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name in definitions and name not in found:
                found[name] = definitions[name]
                waiting.append(definitions[name])
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return found


def _unknown(kind: FlowType, values: Mapping[str, Any]) -> list[FieldProblem]:
    known = set(kind.config.model_fields)
    problems = []
    for name in sorted(set(values) - known):
        near = get_close_matches(name, known, n=1)
        meant = f"did you mean '{near[0]}'?" if near else f"there are: {', '.join(sorted(known)) or 'none'}"
        problems.append(FieldProblem(name, f"there is no such field; {meant}"))
    return problems
