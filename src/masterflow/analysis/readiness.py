"""Whether a server can move to a target as it is, after a remedy, or not at all, and how much of that is known.

The rules are data (`readiness_rules.yaml`): concerns that an importer found or that the server's facts show, and what
each target runs. A server whose operating system is not known is `unknown`, unless something blocks it anyway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from masterflow.analysis.eol.support import ProductMatch, support_status
from masterflow.analysis.servers import MIB_PER_GIB, ServerFacts
from masterflow.errors import ConfigurationInvalid, InvalidInput
from masterflow.records.assessments.types import Readiness as ReadinessState
from masterflow.records.assessments.types import SupportStatus

DEFAULT_NAMES = frozenset(
    {"localhost", "localhost.localdomain", "ubuntu", "debian", "template", "new-host", "vm", "linux"}
)
NEEDED = ("operating system", "processors", "memory", "disks", "addresses", "name", "power state")

DEFAULT_TARGET = "public_cloud"  # of who does not say where an estate goes


class EffectOnMove(StrEnum):
    """What a concern means for a move."""

    BLOCKS = "blocks"
    CONDITION = "condition"
    NOTE = "note"


class ConcernRule(BaseModel):
    """What a concern means, and what removes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    effect: EffectOnMove
    sentence: str
    remedy: str
    targets: tuple[str, ...] = ()


class SystemRow(BaseModel):
    """A product that a target runs, and in which releases; none means all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: str
    releases: tuple[str, ...] = ()


class TargetProfile(BaseModel):
    """What a target runs and how large its machines are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    max_disk_tib: float
    max_memory_gib: float
    max_cpu_cores: int
    systems: tuple[SystemRow, ...]


class ReadinessRules(BaseModel):
    """All concerns and targets of one version of the rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    concerns: tuple[ConcernRule, ...]
    targets: Mapping[str, TargetProfile]


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing about a server that matters for its move."""

    id: str
    effect: EffectOnMove
    sentence: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The answer for one server and target. `data_completeness` is the share (0 to 1) of the needed facts known."""

    server: str
    target: str
    state: ReadinessState
    concerns: tuple[Concern, ...]
    missing: tuple[str, ...]
    data_completeness: float


def target_names() -> tuple[str, ...]:
    """The names of the targets that the bundled rules know."""
    return tuple(_bundled().targets)


def load_rules(path: Path | None = None) -> ReadinessRules:
    """The bundled rules, or those of a file of the same form.

    Raises:
        ConfigurationInvalid: the file is no such file; the message names the place.
    """
    if path is None:
        return _bundled()
    return _parsed(path.read_text(encoding="utf-8"), str(path))


def readiness(server: ServerFacts, target: str, *, at: date, rules: ReadinessRules | None = None) -> Readiness:
    """Whether a server can move to the target on the day `at`.

    Raises:
        InvalidInput: the rules know no target of this name; the message lists those they know.
    """
    known = rules or load_rules()
    profile = known.targets.get(target)
    if profile is None:
        raise InvalidInput(
            f"No target '{target}' in the readiness rules.", hint=f"Use one of {', '.join(known.targets)}."
        )
    codes = server.concerns | _codes_of(server, profile, at=at)
    concerns = tuple(_concern(r) for r in known.concerns if r.id in codes and (not r.targets or target in r.targets))
    missing = tuple(_missing(server))
    return Readiness(
        server=server.name,
        target=target,
        state=_state(concerns, missing),
        concerns=concerns,
        missing=missing,
        data_completeness=round(1 - len(missing) / len(NEEDED), 4),
    )


def runs_on(os: ProductMatch, profile: TargetProfile) -> bool | None:
    """Whether the target runs an operating system; None when its product or a deciding release is not known."""
    if os.product is None:
        return None
    rows = [r for r in profile.systems if r.product == os.product]
    if not rows:
        return False
    if any(not r.releases for r in rows):
        return True
    if os.cycle is None:
        return None
    return any(os.cycle == r or os.cycle.startswith((f"{r}.", f"{r}-")) for row in rows for r in row.releases)


def _state(concerns: tuple[Concern, ...], missing: tuple[str, ...]) -> ReadinessState:
    effects = {c.effect for c in concerns}
    if EffectOnMove.BLOCKS in effects:
        return ReadinessState.NOT_READY
    if "operating system" in missing:
        return ReadinessState.UNKNOWN
    return ReadinessState.CONDITIONALLY_READY if EffectOnMove.CONDITION in effects else ReadinessState.READY


def _codes_of(server: ServerFacts, profile: TargetProfile, *, at: date) -> set[str]:
    return _codes_of_system(server, profile, at=at) | _codes_of_size(server, profile) | _codes_of_identity(server)


def _codes_of_system(server: ServerFacts, profile: TargetProfile, *, at: date) -> set[str]:
    by_status = {
        SupportStatus.ENDED: {"os.ended"},
        SupportStatus.EXTENDED_ONLY: {"os.extended_only"},
        SupportStatus.WITHIN_12_MONTHS: {"os.ends_soon"},
    }
    codes = set(by_status.get(support_status(server.os, at=at).status, ()))
    return codes | {"os.unsupported"} if runs_on(server.os, profile) is False else codes


def _codes_of_size(server: ServerFacts, profile: TargetProfile) -> set[str]:
    sizes = {
        "disk.oversized": (server.disk_tib, profile.max_disk_tib),
        "memory.oversized": (_gib(server.memory_mib), profile.max_memory_gib),
        "cpu.oversized": (server.cpu_cores, profile.max_cpu_cores),
    }
    return {code for code, (size, most) in sizes.items() if size is not None and size > most}


def _codes_of_identity(server: ServerFacts) -> set[str]:
    codes = set()
    if not server.ip_addresses:
        codes.add("vm_missing_ip")
    if not server.hostname:
        codes.add("hostname.empty")
    elif server.hostname.casefold() in DEFAULT_NAMES:
        codes.add("hostname.default")
    if server.powered_off:
        codes.add("powered_off")
    return codes


def _missing(server: ServerFacts) -> list[str]:
    present = (
        server.os.release is not None,
        server.cpu_cores is not None,
        server.memory_mib is not None,
        server.disk_mib is not None,
        bool(server.ip_addresses),
        bool(server.hostname),
        server.power_state is not None,
    )
    return [name for name, is_known in zip(NEEDED, present, strict=True) if not is_known]


def _concern(rule: ConcernRule) -> Concern:
    return Concern(rule.id, rule.effect, rule.sentence, rule.remedy)


def _gib(mib: int | None) -> float | None:
    return None if mib is None else mib / MIB_PER_GIB


@cache
def _bundled() -> ReadinessRules:
    name = "readiness_rules.yaml"
    return _parsed(files("masterflow.analysis").joinpath(name).read_text(encoding="utf-8"), name)


def _parsed(text: str, where: str) -> ReadinessRules:
    try:
        return ReadinessRules.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationInvalid(
            f"{where}: {place}: {first['msg']}.", hint="Compare it with the bundled rules."
        ) from error
    except yaml.YAMLError as error:
        raise ConfigurationInvalid(
            f"{where} is no YAML: {error}.", hint="Compare it with the bundled rules."
        ) from error
