"""Where a flow that was started under an older version of its flow type stands under the present one. Pure.

A running flow is never refused because phases were added ahead of it. Anything else that a newer version changes (a
phase with another name, one more before the place where the flow stands, another form of the configuration) is said by
`FlowType.upgrades`; what no rule says, and what does not fit, is a definition that changed under the flow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from masterflow.db.status import FlowStatus
from masterflow.errors import Conflict, ErrorClass
from masterflow.orchestrator.gates import sentences
from masterflow.orchestrator.types import Failure, Flow, JsonObject
from masterflow.spec import FlowType, Upgrade

CHANGED = "flow.definition_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """Where a flow goes on under the present version, and with which configuration. `rules` lead there, in order."""

    kind: FlowType
    phase: str | None
    index: int
    configuration: JsonObject
    rules: tuple[Upgrade, ...]

    def name_of(self, old: str) -> str | None:
        """What the phase `old` is called now; None if there is none in its place."""
        name = _renamed(old, self.rules)
        return name if any(phase.name == name for phase in self.kind.phases) else None

    def carried(self, behind: Sequence[tuple[str, int]]) -> list[tuple[int, int, str]] | None:
        """Results that have to move, given those behind the flow as (phase, index): old index, new index, new name.

        None: all stay where they are. Those of phases that are no more are left out.
        """
        if not self.rules:
            return None
        moved: dict[int, tuple[int, int, str]] = {}
        for old, index in behind:
            name = self.name_of(old)
            if name is not None:
                moved[self.kind.index_of(name)] = (index, self.kind.index_of(name), name)
        same = len(moved) == len(behind) and all(old == new for old, new, _ in moved.values())
        return None if same else list(moved.values())


@dataclass(frozen=True, slots=True)
class DoesNotFit:
    """The flow cannot go on under this version, for the reason that `failure` says."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class TooNew:
    """The flow has gone on under a newer version than this process knows."""

    version: int


def landing(flow: Flow, kind: FlowType) -> Landing | DoesNotFit | TooNew | None:
    """Where `flow` goes on under `kind`; None if it is there already."""
    if flow.definition_version > kind.version:
        return TooNew(flow.definition_version)
    rules = tuple(
        kind.upgrades[version] for version in range(flow.definition_version, kind.version) if version in kind.upgrades
    )
    if not rules:
        return _unruled(flow, kind)
    position = _position(flow, kind, rules)
    if position is None:
        return DoesNotFit(_changed(flow, kind))
    try:
        configuration = _migrated(flow.configuration, rules)
        completed = kind.config.model_validate(dict(configuration)).model_dump(mode="json")
    except ValidationError as error:
        return DoesNotFit(_changed(flow, kind, said="; ".join(sentences(error))))
    except (KeyError, TypeError, ValueError) as error:
        return DoesNotFit(_changed(flow, kind, said=f"its rule stopped with {type(error).__name__}: {error}"))
    return Landing(kind=kind, phase=position[0], index=position[1], configuration=completed, rules=rules)


def refused(kind: FlowType, found: DoesNotFit | TooNew) -> Conflict:
    """Why a command is refused on a flow that this process cannot go on with."""
    if isinstance(found, TooNew):
        return Conflict(
            f"The flow has gone on under version {found.version} of '{kind.name}'; here is version {kind.version}.",
            hint="Use the newer release.",
        )
    return Conflict(found.failure.message, hint=found.failure.hint)


def _unruled(flow: Flow, kind: FlowType) -> Landing | DoesNotFit | None:
    if not _fits(flow, kind):
        return DoesNotFit(_changed(flow, kind))
    if flow.definition_version == kind.version:
        return None
    return Landing(
        kind=kind, phase=flow.current_phase, index=flow.phase_index, configuration=flow.configuration, rules=()
    )


def _fits(flow: Flow, kind: FlowType) -> bool:
    """Whether this definition has the phase that the row names where the flow stands."""
    if flow.current_phase is None:
        return flow.phase_index <= len(kind.phases)
    index = flow.phase_index - _beyond(flow)
    return 0 <= index < len(kind.phases) and kind.phases[index].name == flow.current_phase


def _beyond(flow: Flow) -> int:
    """A flow at a gate has its phase behind it already, and names it still."""
    return 1 if flow.status is FlowStatus.WAITING_FOR_APPROVAL else 0


def _position(flow: Flow, kind: FlowType, rules: Sequence[Upgrade]) -> tuple[str | None, int] | None:
    if flow.current_phase is None:
        return None, len(kind.phases)
    name = _renamed(flow.current_phase, rules)
    names = [phase.name for phase in kind.phases]
    return (name, names.index(name) + _beyond(flow)) if name in names else None


def _renamed(name: str, rules: Sequence[Upgrade]) -> str:
    for rule in rules:
        name = rule.phases.get(name, name)
    return name


def _migrated(configuration: Mapping[str, Any], rules: Sequence[Upgrade]) -> Mapping[str, Any]:
    for rule in rules:
        if rule.configuration is not None:
            configuration = rule.configuration(configuration)
    return configuration


def _changed(flow: Flow, kind: FlowType, *, said: str | None = None) -> Failure:
    cause = f"its configuration does not fit: {said}" if said else f"version {kind.version} has another phase there"
    return Failure(
        code=CHANGED,
        message=f"The flow is at phase {flow.phase_index + 1}, '{flow.current_phase}', of version "
        f"{flow.definition_version} of '{kind.name}'; {cause}.",
        hint="Create a new flow, or run this one with the release that started it.",
        phase=flow.current_phase,
        error_class=ErrorClass.PERMANENT,
        correlation_id=flow.correlation_id,
    )
