"""How hard servers and applications are to move.

A server scores 0 to 4: its operating system for the target against its disks, by a published table that is data and
can be replaced (`complexity_profiles.yaml`); 0 means that a part of it is not known. An application scores 1 to 5 for
planning: its hardest server and what ties it to others, each with its points.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from masterflow.analysis.eol.support import ProductMatch
from masterflow.analysis.servers import MIB_PER_TIB, ServerFacts, total_disk_mib
from masterflow.errors import ConfigurationInvalid

UNKNOWN = 0
NAMES = {0: "unknown", 1: "easy", 2: "medium", 3: "hard", 4: "database"}


class OsRow(BaseModel):
    """One row of a profile: a product, the releases it speaks of (none: all) and the score."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: str
    releases: tuple[str, ...] = ()
    score: int = Field(ge=1, le=3)

    def fits(self, cycle: str) -> bool:
        """Whether the row speaks of this release cycle."""
        return not self.releases or any(cycle == r or cycle.startswith((f"{r}.", f"{r}-")) for r in self.releases)


class DiskTier(BaseModel):
    """The tier of disk capacities up to a number of TiB."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    up_to_tib: float | None
    tier: int


class ComplexityProfile(BaseModel):
    """How hard operating systems and disk sizes are for one target."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    target: str
    source: str
    operating_systems: tuple[OsRow, ...]
    database: int
    disk_tiers: tuple[DiskTier, ...]
    combined: Mapping[int, Mapping[int, int]]

    @model_validator(mode="after")
    def _every_pair_has_a_score(self) -> "ComplexityProfile":
        for score in (1, 2, 3):
            missing = {t.tier for t in self.disk_tiers} - set(self.combined.get(score, {}))
            if missing:
                raise ValueError(f"combined has no score for operating-system score {score} and tier {min(missing)}")
        return self


@dataclass(frozen=True, slots=True)
class ServerComplexity:
    """The score of a server (0 unknown, 1 easy to 3 hard, 4 database), its parts and the sentences behind them."""

    score: int
    os_score: int
    disk_tier: int | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationTies:
    """What ties an application down; None is not known. `circle_size` counts applications that need each other."""

    dependency_degree: int | None = None
    circle_size: int | None = None
    technologies: int | None = None
    compliance_scopes: int | None = None
    customised: bool | None = None
    tested: bool | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """What one factor adds; None where it is not known."""

    factor: str
    points: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class ApplicationComplexity:
    """The planning score of an application (1 to 5), the points behind it and the share of factors that are known."""

    score: int
    points: tuple[Points, ...]
    data_completeness: float


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that is counted: up to the first step it adds nothing, up to the second one point, and so on."""

    name: str
    steps: tuple[float, ...]
    sentence: str


SERVERS = Factor("servers", (1, 5, 15), "{} servers")
DEPENDENCIES = Factor("dependencies", (2, 7), "{} applications depend on it or it on them")
CIRCLE = Factor("circle", (1, 3), "{} applications that need each other in a circle")
TECHNOLOGIES = Factor("technologies", (2, 4), "{} technologies")
DATA = Factor("data", (1, 10), "{:.1f} TiB of disks")
COMPLIANCE = Factor("compliance", (0, 2), "{} compliance scopes")
BANDS = ((2, 1), (4, 2), (7, 3), (10, 4))  # most points of a score; more is 5


def load_profiles(path: Path | None = None) -> dict[str, ComplexityProfile]:
    """The profiles by name: the bundled ones, or those of a file of the same form.

    Raises:
        ConfigurationInvalid: the file is no such file; the message names the place.
    """
    if path is None:
        return dict(_bundled())
    return _parsed(path.read_text(encoding="utf-8"), str(path))


def server_complexity(server: ServerFacts, profile: ComplexityProfile) -> ServerComplexity:
    """How hard a server is to move to the profile's target."""
    os_score, os_reason = _os_score(server.os, profile)
    tier, disk_reason = _disk_tier(server.disk_tib, profile)
    if server.runs_database:
        reason = "It runs a database, which is moved with its own tools."
        return ServerComplexity(profile.database, os_score, tier, (reason, os_reason, disk_reason))
    known = os_score != UNKNOWN and tier is not None
    combined = profile.combined[os_score][tier] if known and tier is not None else UNKNOWN
    return ServerComplexity(combined, os_score, tier, (os_reason, disk_reason))


def application_complexity(
    servers: Sequence[tuple[ServerFacts, ServerComplexity]], ties: ApplicationTies
) -> ApplicationComplexity:
    """How hard an application is to plan and move, from 1 (routine) to 5 (a project of its own)."""
    data_mib = total_disk_mib(facts for facts, _ in servers)
    points = (
        _stepped(SERVERS, len(servers) or None),
        _hardest([c.score for _, c in servers]),
        _stepped(DEPENDENCIES, ties.dependency_degree),
        _stepped(CIRCLE, ties.circle_size),
        _stepped(TECHNOLOGIES, ties.technologies),
        _stepped(DATA, _tib(data_mib)),
        _stepped(COMPLIANCE, ties.compliance_scopes),
        _flag("customisation", ties.customised, yes="customised", no="as delivered"),
        _flag("tests", None if ties.tested is None else not ties.tested, yes="no tests to rely on", no="tested"),
    )
    known = [p.points for p in points if p.points is not None]
    total = sum(known)
    score = next((s for most, s in BANDS if total <= most), 5)
    return ApplicationComplexity(score, points, round(len(known) / len(points), 4))


def _os_score(os: ProductMatch, profile: ComplexityProfile) -> tuple[int, str]:
    rows = [r for r in profile.operating_systems if r.product == os.product]
    if os.product is None or not rows:
        named = os.product or "its operating system"
        return UNKNOWN, f"{profile.title} says nothing about {named}."
    if os.cycle is None:
        whole = {r.score for r in rows} if any(not r.releases for r in rows) else set()
        score = whole.pop() if len(whole) == 1 else UNKNOWN
        return score, f"The release of {os.product} is not known; {NAMES[score]} for {profile.title}."
    score = next((r.score for r in rows if r.fits(os.cycle)), UNKNOWN)
    return score, f"{os.product} {os.cycle} is {NAMES[score]} for {profile.title}."


def _disk_tier(disk_tib: float | None, profile: ComplexityProfile) -> tuple[int | None, str]:
    if disk_tib is None:
        return None, "The size of its disks is not known."
    tier = next((t.tier for t in profile.disk_tiers if t.up_to_tib is None or disk_tib <= t.up_to_tib), None)
    return tier, f"{disk_tib:.2f} TiB of disks are tier {tier}."


def _stepped(factor: Factor, value: float | None) -> Points:
    if value is None:
        return Points(factor.name, None, "not known")
    points = next((p for p, most in enumerate(factor.steps) if value <= most), len(factor.steps))
    return Points(factor.name, points, factor.sentence.format(value))


def _hardest(scores: list[int]) -> Points:
    known = [s for s in scores if s != UNKNOWN]
    if not known:
        return Points("hardest server", None, "not known")
    points = {1: 0, 2: 1, 3: 2, 4: 2}[max(known)]
    return Points("hardest server", points, f"its hardest server is {NAMES[max(known)]}")


def _flag(factor: str, value: bool | None, *, yes: str, no: str) -> Points:
    if value is None:
        return Points(factor, None, "not known")
    return Points(factor, int(value), yes if value else no)


def _tib(mib: int | None) -> float | None:
    return None if mib is None else mib / MIB_PER_TIB


@cache
def _bundled() -> Mapping[str, ComplexityProfile]:
    name = "complexity_profiles.yaml"
    return _parsed(files("masterflow.analysis").joinpath(name).read_text(encoding="utf-8"), name)


def _parsed(text: str, where: str) -> dict[str, ComplexityProfile]:
    try:
        loaded = yaml.safe_load(text)
        return {str(name): ComplexityProfile.model_validate(raw) for name, raw in dict(loaded).items()}
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationInvalid(
            f"{where}: {place}: {first['msg']}.", hint="Compare it with the bundled profiles."
        ) from error
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise ConfigurationInvalid(
            f"{where} holds no complexity profiles: {error}.", hint="Use YAML by profile name."
        ) from error
