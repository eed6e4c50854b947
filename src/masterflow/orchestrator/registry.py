"""The flow types that exist in this process, by name."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from masterflow.errors import ConfigurationInvalid, InvalidInput
from masterflow.spec import FlowType, Phase


class FlowTypeRegistry:
    """The list of flow types that the orchestrator was given; it finds none by itself.

    Raises:
        ConfigurationInvalid: two flow types share a name.
    """

    def __init__(self, flow_types: Iterable[FlowType]) -> None:
        self._by_name: dict[str, FlowType] = {}
        for flow_type in flow_types:
            if flow_type.name in self._by_name:
                raise ConfigurationInvalid(
                    f"There are two flow types called '{flow_type.name}'.", hint="Give each its own name."
                )
            self._by_name[flow_type.name] = flow_type

    def get(self, name: str) -> FlowType:
        """The flow type called `name`.

        Raises:
            InvalidInput: there is none; the message suggests the nearest name.
        """
        try:
            return self._by_name[name]
        except KeyError:
            raise InvalidInput(f"There is no flow type '{name}'.", hint=_suggestion(name, self.names())) from None

    def phase(self, flow_type: FlowType, name: str) -> Phase[Any, Any]:
        """The phase of `flow_type` called `name`.

        Raises:
            InvalidInput: there is none; the message suggests the nearest name.
        """
        names = [phase.name for phase in flow_type.phases]
        if name not in names:
            raise InvalidInput(f"'{flow_type.name}' has no phase '{name}'.", hint=_suggestion(name, names))
        return flow_type.phase(name)

    def find(self, name: str) -> FlowType | None:
        """The flow type called `name`, or None: a row may outlive its flow type."""
        return self._by_name.get(name)

    def names(self) -> list[str]:
        """The names in catalogue order."""
        return list(self._by_name)

    def all(self) -> list[FlowType]:
        """The flow types in catalogue order."""
        return list(self._by_name.values())


def _suggestion(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return f"Did you mean '{near[0]}'?"
    return f"There are: {', '.join(known)}." if known else "There are none."
