"""What a waiting flow asks for."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from masterflow.orchestrator.types import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedField:
    """One field of the configuration that is missing or wrong.

    `reasons` say why it is asked, `question` what it means, `places` where it was found to be missing, `type` and
    `choices` what it takes. `required`: an answer has to give it. `current` is its value now.
    """

    field: str
    reasons: tuple[str, ...]
    question: str | None
    places: tuple[str, ...]
    type: str
    choices: tuple[str, ...]
    required: bool
    current: Any


@dataclass(frozen=True, slots=True)
class AskedElsewhere:
    """Something that has to be done before the phase can go on, and that no field of the flow answers."""

    what: str
    reason: str
    place: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a flow waits for. `schema` (JSON Schema, draft 2020-12) describes exactly the missing fields.

    A flow that does not wait, or whose gate was rejected or expired, has nothing to fill in; `waits` tells the two
    apart: of a flow that waits, supplying input, even none, runs the phase again. `also` names the other fields of the
    configuration, which may be changed on the way.
    """

    flow_id: UUID
    flow_type: str
    waits: bool
    phase: str | None
    code: str | None
    message: str
    hint: str | None
    fields: tuple[AskedField, ...]
    elsewhere: tuple[AskedElsewhere, ...]
    also: tuple[str, ...]
    schema: JsonObject

    def field(self, name: str) -> AskedField | None:
        """The field of this name, if it is asked for."""
        return next((asked for asked in self.fields if asked.field == name), None)
