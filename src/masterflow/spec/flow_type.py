"""A flow type: its configuration and its phases in order, checked when it is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as declared
from typing import Any

from pydantic import BaseModel

from masterflow.errors import ConfigurationInvalid
from masterflow.spec.phase import Phase

FLOW_TYPE_NAMES = (
    "discovery",
    "assessment",
    "planning",
    "execution",
    "modernize",
    "finops",
    "observability",
    "decommission",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """How a flow that stands in the middle of one version goes on under the next.

    `phases` names, for a phase that is called otherwise or is no more, the one that takes its place. A flow goes on at
    the phase of its own (new) name, wherever that stands now: what was added before it is not run for it, and
    `configuration`, which makes the new form of the configuration from the old, can give what it would have given.
    """

    phases: Mapping[str, str] = declared(default_factory=dict)
    configuration: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowType:
    """A declared kind of flow. `version` rises when the phases change in a way a running flow would notice.

    `upgrades` says, by the version that a flow was started or last moved under, how it goes on under the next one;
    phases that are added at the end need no rule.

    Raises:
        ConfigurationInvalid: two phases share a name, a gate rejects to a phase that is not earlier or the same, or a
            phase needs a field that neither the configuration nor an earlier phase gives; or a rule of `upgrades` is
            for no older version, or the last leads to a phase that does not exist.
    """

    name: str
    title: str
    summary: str
    config: type[BaseModel]
    phases: tuple[Phase[Any, Any], ...]
    version: int = 1
    upgrades: Mapping[int, Upgrade] = declared(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.phases:
            raise ConfigurationInvalid(f"Flow type '{self.name}' has no phases.", hint="Declare at least one.")
        self._refuse_duplicate_names()
        self._refuse_unknown_rejections()
        self._refuse_needs_nobody_gives()
        self._refuse_upgrades_to_nowhere()

    def phase(self, name: str) -> Phase[Any, Any]:
        """The phase called `name`; `KeyError` if there is none."""
        return self.phases[self.index_of(name)]

    def index_of(self, name: str) -> int:
        """Position of the phase called `name`, from 0; `KeyError` if there is none."""
        for index, phase in enumerate(self.phases):
            if phase.name == name:
                return index
        raise KeyError(name)

    def _refuse_duplicate_names(self) -> None:
        names = [phase.name for phase in self.phases]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ConfigurationInvalid(
                f"Flow type '{self.name}' has two phases called '{doubled[0]}'.", hint="Give each phase its own name."
            )

    def _refuse_unknown_rejections(self) -> None:
        for index, phase in enumerate(self.phases):
            target = phase.gate.rejects_to if phase.gate else None
            earlier = [p.name for p in self.phases[: index + 1]]
            if target is not None and target not in earlier:
                raise ConfigurationInvalid(
                    f"The gate of {self.name}.{phase.name} rejects to '{target}', which is not one of {earlier}.",
                    hint="Name this phase or an earlier one.",
                )

    def _refuse_needs_nobody_gives(self) -> None:
        given = {name: field.annotation for name, field in self.config.model_fields.items()}
        for phase in self.phases:
            for name, field in phase.takes.model_fields.items():
                if field.is_required():
                    self._refuse_need(phase.name, name, taken=field.annotation, given=given)
            given |= {name: field.annotation for name, field in phase.gives.model_fields.items()}

    def _refuse_upgrades_to_nowhere(self) -> None:
        for version in self.upgrades:
            if not 1 <= version < self.version:
                raise ConfigurationInvalid(
                    f"Flow type '{self.name}' has an upgrade from version {version}, but is version {self.version}.",
                    hint="Name an older version, or raise the flow type's.",
                )
        last = self.upgrades.get(self.version - 1, Upgrade())
        unknown = sorted(set(last.phases.values()) - {phase.name for phase in self.phases})
        if unknown:
            raise ConfigurationInvalid(
                f"The upgrade of '{self.name}' to version {self.version} leads to '{unknown[0]}', which is no phase.",
                hint="Name a phase of this version.",
            )

    def _refuse_need(self, phase: str, name: str, *, taken: object, given: Mapping[str, object]) -> None:
        if name not in given:
            raise ConfigurationInvalid(
                f"{self.name}.{phase} needs '{name}', which neither the configuration nor an earlier phase gives "
                f"(there are: {', '.join(sorted(given)) or 'none'}).",
                hint="Add it to the configuration or to the output of an earlier phase, or give it a default.",
            )
        if not _fits(given[name], taken):
            raise ConfigurationInvalid(
                f"{self.name}.{phase} takes '{name}' as {taken}, but it is given as {given[name]}.",
                hint="Make the two types equal.",
            )


def _fits(given: object, taken: object) -> bool:
    """Whether a field given as one type may be taken as another: equal, or taken more widely (optional)."""
    if given == taken:
        return True
    members = getattr(taken, "__args__", ())
    given_members = getattr(given, "__args__", (given,))
    return given in members or (type(None) in given_members and taken in given_members)
