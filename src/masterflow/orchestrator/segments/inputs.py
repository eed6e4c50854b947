"""A phase's input from what is known: the outputs of earlier phases first, then the flow's configuration. Pure."""

from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from masterflow.errors import InputMissing, MissingInput, PhaseFailed
from masterflow.orchestrator.gates import sentences
from masterflow.orchestrator.rows import json_text
from masterflow.orchestrator.types import JsonObject
from masterflow.spec import Phase


def build_input(phase: Phase[Any, Any], *, configuration: JsonObject, outputs: Sequence[JsonObject]) -> BaseModel:
    """The phase's `Input`, filled by field name; of several outputs that have a field, the latest counts.

    Raises:
        InputMissing: a field that has no default is given by nobody, or the configuration gives a value that the
            phase cannot take.
        PhaseFailed: an earlier phase gives such a value; a person cannot mend that.
    """
    given: dict[str, Any] = dict(configuration)
    for output in outputs:
        given |= output
    fields = phase.takes.model_fields
    values = {name: given[name] for name in fields if name in given and _usable(given[name], fields[name])}
    missing = [name for name, field in fields.items() if field.is_required() and name not in values]
    if missing:
        raise InputMissing([MissingInput(name, _reason(fields[name])) for name in missing])
    try:
        model: BaseModel = phase.takes.model_validate_json(json_text(values), by_name=True)
        return model
    except ValidationError as error:
        raise _refused(phase, error, computed={name for output in outputs for name in output}) from error


def _usable(value: object, field: FieldInfo) -> bool:
    """Whether a value says anything: None does only where the field takes it; otherwise it means "not given"."""
    return value is not None or _takes_none(field.annotation)


def _takes_none(annotation: object) -> bool:
    if annotation in (Any, None, NoneType):
        return True
    return get_origin(annotation) in (Union, UnionType) and NoneType in get_args(annotation)


def _reason(field: FieldInfo) -> str:
    return field.description or "it has no default, and no earlier phase gives it"


def _refused(phase: Phase[Any, Any], error: ValidationError, *, computed: set[str]) -> InputMissing | PhaseFailed:
    found: Mapping[str, str] = {
        str(problem["loc"][0]) if problem["loc"] else "": sentence
        for problem, sentence in zip(error.errors(include_url=False), sentences(error), strict=True)
    }
    if "" in found or not computed.isdisjoint(found):
        return PhaseFailed(
            f"'{phase.name}' cannot take what earlier phases gave: {'; '.join(found.values())}.",
            hint="This is an error of the flow type; report it.",
        )
    return InputMissing([MissingInput(name, sentence) for name, sentence in found.items()])
