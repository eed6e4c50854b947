"""The risk register: what can go wrong with a server or an application, how likely and how bad.

Likelihood and impact run from 1 to 5, their product is the score. Every entry has a mitigation and a trigger, the thing
to watch for. Only known facts make an entry; that something is not known is a risk of its own kind.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from masterflow.analysis.eol.support import Support, support_status
from masterflow.analysis.servers import ServerFacts
from masterflow.inventory.types import Criticality
from masterflow.records.assessments.types import SupportStatus

OVERSIZED_DISK_TIB = 10.0
MANY_DEPENDENTS = 8


class RiskKind(StrEnum):
    """What part of a programme a risk belongs to."""

    TECHNOLOGY = "technology"
    DEPENDENCY = "dependency"
    SCHEDULE = "schedule"
    DATA = "data"
    COMPLIANCE = "compliance"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """One entry of the register. `evidence` are the facts behind it, as text."""

    code: str
    subject: str
    kind: RiskKind
    sentence: str
    likelihood: int
    impact: int
    mitigation: str
    trigger: str
    evidence: tuple[str, ...] = ()

    @property
    def score(self) -> int:
        """Likelihood times impact, 1 to 25."""
        return self.likelihood * self.impact


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFacts:
    """What the register needs to know of an application; None is not known.

    `circle` names the other applications that need this one while it needs them, by hard dependencies.
    """

    name: str
    criticality: Criticality | None = None
    owner: str | None = None
    servers: int | None = None
    circle: tuple[str, ...] = ()
    dependents: int | None = None
    observed: bool | None = None
    shared_service: bool = False
    membership_proposed: bool = False
    data_residency: str | None = None
    licence_constraint: str | None = None


def server_risks(server: ServerFacts, *, at: date) -> list[Risk]:
    """The register entries of a server on the day `at`, the gravest first."""
    found = [
        *_of_support(server, support_status(server.os, at=at)),
        *_of_disks(server),
        *_of_copying(server),
        *_of_power(server),
    ]
    return gravest_first(found)


def application_risks(application: ApplicationFacts) -> list[Risk]:
    """The register entries of an application, the gravest first."""
    found = [
        *_of_people(application),
        *_of_ties(application),
        *_of_observation(application),
        *_of_rules(application),
        *_of_redundancy(application),
    ]
    return gravest_first(found)


def gravest_first(risks: list[Risk]) -> list[Risk]:
    """The entries by falling score; equals by subject and code, so that a register reads the same every time."""
    return sorted(risks, key=lambda r: (-r.score, r.subject, r.code))


def impact_of(criticality: Criticality | None) -> int:
    """How bad an outage is, 2 to 5; not known counts as the middle."""
    return {Criticality.LOW: 2, Criticality.HIGH: 4, Criticality.CRITICAL: 5}.get(criticality or Criticality.MEDIUM, 3)


def _of_support(server: ServerFacts, support: Support) -> list[Risk]:
    likelihood = {SupportStatus.ENDED: 4, SupportStatus.EXTENDED_ONLY: 3, SupportStatus.WITHIN_12_MONTHS: 2}
    if support.status is SupportStatus.UNKNOWN:
        return [_unknown_system(server, support)]
    if support.status not in likelihood:
        return []
    return [
        Risk(
            code=f"os.{support.status.value}",
            subject=server.name,
            kind=RiskKind.TECHNOLOGY,
            sentence=support.sentence,
            likelihood=likelihood[support.status],
            impact=impact_of(server.criticality),
            mitigation="Upgrade in the move, buy extended support, or isolate it.",
            trigger="A vulnerability without a patch, or a target that refuses the system.",
            evidence=(server.os_text or "",),
        )
    ]


def _unknown_system(server: ServerFacts, support: Support) -> Risk:
    return Risk(
        code="os.unknown",
        subject=server.name,
        kind=RiskKind.TECHNOLOGY,
        sentence=support.sentence,
        likelihood=3,
        impact=impact_of(server.criticality),
        mitigation="Read the release from the guest, or ask its owner.",
        trigger="The server reaches planning without a known release.",
        evidence=(server.os_text or "",),
    )


def _of_disks(server: ServerFacts) -> list[Risk]:
    size = server.disk_tib
    if size is None or size <= OVERSIZED_DISK_TIB:
        return []
    return [
        Risk(
            code="disk.oversized",
            subject=server.name,
            kind=RiskKind.SCHEDULE,
            sentence=f"{size:.1f} TiB take long to copy and longer to copy back.",
            likelihood=3,
            impact=4,
            mitigation="Clean up first, copy ahead of the window, measure the line with a trial copy.",
            trigger="The trial copy needs more than half of the window.",
            evidence=(f"{server.disk_mib} MiB",),
        )
    ]


def _of_copying(server: ServerFacts) -> list[Risk]:
    hard = sorted(server.concerns & {"disk.rdm", "disk.shared", "disk.independent", "passthrough_device"})
    if not hard:
        return []
    return [
        Risk(
            code="copy.hindered",
            subject=server.name,
            kind=RiskKind.DATA,
            sentence=f"Ordinary copying leaves out or breaks a part of it ({', '.join(hard)}).",
            likelihood=4,
            impact=impact_of(server.criticality),
            mitigation="Convert the disks, or copy their data by the application's own means, and compare afterwards.",
            trigger="A copy that misses a disk.",
            evidence=tuple(hard),
        )
    ]


def _of_power(server: ServerFacts) -> list[Risk]:
    if not server.powered_off:
        return []
    return [
        Risk(
            code="powered_off",
            subject=server.name,
            kind=RiskKind.PEOPLE,
            sentence="It is switched off; nobody knows whether it would still start or is still needed.",
            likelihood=3,
            impact=2,
            mitigation="Ask its owner; start it once for a test before it is moved or given up.",
            trigger="Its wave comes near and nobody has answered.",
            evidence=(server.power_state or "",),
        )
    ]


def _of_people(application: ApplicationFacts) -> list[Risk]:
    found = []
    if application.owner is None:
        found.append(
            Risk(
                code="owner.missing",
                subject=application.name,
                kind=RiskKind.PEOPLE,
                sentence="Nobody is named who may decide about it.",
                likelihood=4,
                impact=impact_of(application.criticality),
                mitigation="Find an owner before its wave is fixed; leave the decision open until then.",
                trigger="A gate waits for a decision that nobody may take.",
            )
        )
    if application.membership_proposed:
        found.append(
            Risk(
                code="membership.proposed",
                subject=application.name,
                kind=RiskKind.DATA,
                sentence="Its servers were inferred from names; some may belong elsewhere.",
                likelihood=3,
                impact=impact_of(application.criticality),
                mitigation="Have its owner confirm the list of servers.",
                trigger="A connection to a server that no wave contains.",
            )
        )
    return found


def _of_ties(application: ApplicationFacts) -> list[Risk]:
    found = []
    if application.circle:
        found.append(
            Risk(
                code="dependency.circle",
                subject=application.name,
                kind=RiskKind.DEPENDENCY,
                sentence=f"It and {', '.join(application.circle)} need each other and have to move together.",
                likelihood=4,
                impact=min(5, 2 + len(application.circle)),
                mitigation="Plan them into one wave, or cut a connection before.",
                trigger="One of them slips to another wave.",
                evidence=application.circle,
            )
        )
    if application.dependents is not None and application.dependents >= MANY_DEPENDENTS:
        found.append(
            Risk(
                code="dependency.hub",
                subject=application.name,
                kind=RiskKind.DEPENDENCY,
                sentence=f"{application.dependents} applications need it.",
                likelihood=3,
                impact=5,
                mitigation="Move it early or last, with a line that bears its traffic, and test each dependent.",
                trigger="A dependent's response time rises after the move.",
                evidence=(f"{application.dependents} dependents",),
            )
        )
    return found


def _of_observation(application: ApplicationFacts) -> list[Risk]:
    if application.observed is not False:
        return []
    return [
        Risk(
            code="observation.missing",
            subject=application.name,
            kind=RiskKind.DEPENDENCY,
            sentence="Its traffic was not observed; connections may be missing from the plan.",
            likelihood=4,
            impact=impact_of(application.criticality),
            mitigation="Observe it for a month, a closing period included, before its wave is fixed.",
            trigger="An unplanned connection in the first trial.",
        )
    ]


def _of_rules(application: ApplicationFacts) -> list[Risk]:
    texts = {"data_residency": application.data_residency, "licence_constraint": application.licence_constraint}
    return [
        Risk(
            code=f"rule.{name}",
            subject=application.name,
            kind=RiskKind.COMPLIANCE,
            sentence=f"A rule binds it: {text}.",
            likelihood=3,
            impact=5,
            mitigation="Have the rule's owner confirm in writing what a move must respect.",
            trigger="A target is chosen without that confirmation.",
            evidence=(text,),
        )
        for name, text in texts.items()
        if text
    ]


def _of_redundancy(application: ApplicationFacts) -> list[Risk]:
    weighty = application.criticality in {Criticality.HIGH, Criticality.CRITICAL}
    if not weighty or application.servers != 1:
        return []
    return [
        Risk(
            code="server.single",
            subject=application.name,
            kind=RiskKind.TECHNOLOGY,
            sentence="Much hangs on it and it runs on one server; the move is an outage.",
            likelihood=3,
            impact=impact_of(application.criticality),
            mitigation="Agree on the outage, rehearse the move, keep the old server startable.",
            trigger="The rehearsal takes longer than the outage agreed on.",
            evidence=("1 server",),
        )
    ]
