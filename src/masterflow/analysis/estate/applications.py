"""Which applications an estate has and which machines serve them.

What a column states is stated. What a note, a folder or the code in a name suggests is proposed, with its evidence, and
only for machines of which nothing is stated; a machine without evidence stays unassigned.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid5

from masterflow.analysis.estate.application_conflicts import lists_of_parts, row_conflicts
from masterflow.analysis.estate.names import Convention, group_by_code, learn_convention, with_listed_codes
from masterflow.analysis.estate.shared_services import service_evidence
from masterflow.analysis.estate.tabular import ApplicationRow
from masterflow.analysis.estate.values import ENVIRONMENT_WORDS, words
from masterflow.inventory.types import (
    Application,
    ApplicationId,
    AssetId,
    Conflict,
    Criticality,
    Environment,
    Fact,
    Membership,
    Source,
)

BY_NOTE, BY_FOLDER, BY_CODE, BY_CODE_ALONE = 0.8, 0.7, 0.6, 0.4  # confidence of the kinds of evidence
MIXED_FOLDER = 4  # a folder of so many servers whose codes disagree is a drawer, not an application
ENVIRONMENT_SUFFIX = re.compile(
    r"[\s\-_]*[(\[](?P<a>[a-z\-_ ]+)[)\]]$"
    r"|[\s\-_]+(?P<b>prod|prd|production|test|tst|dev|development|uat|qa|stg|staging)$",
    re.IGNORECASE,
)
NOT_APPLICATIONS = words(
    "linux windows win win32 win64 unix rhel redhat ubuntu centos suse sles debian oracle-linux solaris aix bsd server "
    "servers vm vms virtual machine machines discovered template templates image images nonprod non prd drawer misc "
    "miscellaneous other others new old temp tmp temporary archive archived decom decommission decommissioned retired "
    "deleted delete remove removed quarantine powered off on poweredoff srm vcls placeholder replica replicas workload "
    "workloads resources resource pool root default datacenter datacentre folder folders group groups general common "
    "internal external managed unmanaged dmz lan zone site cluster esx esxi host hosts desktop desktops vdi clients "
    "client infra infrastructure customers tenant tenants orphaned lost found staging iso vapp vapps it the of and "
    "production prod live dr"
)
NOTE = re.compile(
    r"\b(?:app|application|service|system|anwendung)\s*(?:name)?\s*[:=]\s*(?P<name>[^;,|\n]+)", re.IGNORECASE
)
SHORT_NAME = 5  # letters
LONGEST_NAME = 8  # words
SMALL_WORDS = words("and of for the in on to de la und der")
SHORT_WORDS = SMALL_WORDS | words(
    "old new web app hub pay log car air tax key map bus one two red sea job fax art box bay day way eye fee oil gas "
    "ice bid buy net fit act add age aid arm ask bar bed big cab cap cat cut dry end far fly fun hot ink joy kit lab "
    "law leg low man mix out own pet pin pit pop put ray run set shop sky son sun tea ten tie tin tip top toy try use "
    "van win zoo"
)
CODE_NOTE = re.compile(r"\b(?:app(?:lication)?\s+)?code\s*[:=]?\s*(?P<code>[A-Za-z][A-Za-z0-9]{1,5})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Machine:
    """What is known of a machine as far as applications go; each text with the cell it stands in."""

    asset_id: AssetId
    name: str
    stated: tuple[tuple[str, Source], ...] = ()
    note: tuple[str, Source] | None = None
    folder: tuple[str, Source] | None = None
    places: frozenset[str] = frozenset()
    owner: str | None = None
    criticality: Criticality | None = None
    environment: Environment | None = None
    name_source: Source | None = None


@dataclass(frozen=True, slots=True)
class Grouped:
    """The applications, per machine the facts that propose one, and where lists contradict each other."""

    applications: tuple[Application, ...]
    proposals: Mapping[AssetId, tuple[Fact, ...]]
    conflicts: tuple[Conflict, ...] = ()


@dataclass(slots=True)
class _Draft:
    """An application while its evidence is collected."""

    key: str
    spellings: Counter[str] = field(default_factory=Counter)
    stated: dict[AssetId, Machine] = field(default_factory=dict)
    proposed: dict[AssetId, Machine] = field(default_factory=dict)
    evidence: Counter[str] = field(default_factory=Counter)
    rows: list[ApplicationRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Hint:
    key: str
    spelling: str
    confidence: float
    rule: str
    reason: str
    source: Source


def application_key(text: str) -> str:
    """What the spellings of one application share: no case, no separators, no environment at the end."""
    bare = text.strip()
    suffix = ENVIRONMENT_SUFFIX.search(bare)
    if suffix and suffix.start() > 0 and (suffix["b"] or (suffix["a"] or "").strip().casefold() in ENVIRONMENT_WORDS):
        bare = bare[: suffix.start()]
    return re.sub(r"[\W_]+", " ", bare.casefold()).strip()


def group_applications(machines: Sequence[Machine], rows: Sequence[ApplicationRow], *, namespace: UUID) -> Grouped:
    """Build the applications of an estate from what is stated, and propose machines for them from what is not."""
    drafts: dict[str, _Draft] = {}
    listed = _listed_codes(rows)
    aliases = _code_aliases(machines, listed)
    for row in rows:
        key = application_key(row.name)
        draft = drafts.setdefault(aliases.get(key, key), _Draft(aliases.get(key, key)))
        draft.spellings[row.name] += 1
        draft.rows.append(row)
    for machine in machines:
        for text, source in machine.stated:
            key = application_key(text)
            key = aliases.get(key, key)
            if key:
                draft = drafts.setdefault(key, _Draft(key))
                draft.spellings[text] += 1
                draft.stated[machine.asset_id] = machine
                draft.evidence[f"stated in {_column(source)}"] += 1
    proposals = _propose(machines, drafts, listed)
    built = [_application(d, namespace) for d in drafts.values() if d.stated or d.proposed or d.rows]
    of_parts = lists_of_parts(d.rows for d in drafts.values())
    conflicts = [
        replace(c, asset_id=AssetId(_id_of(d, namespace)))
        for d in drafts.values()
        for c in row_conflicts(_best_spelling(d), _in_order(d.rows), of_parts=of_parts)
    ]
    return Grouped(
        tuple(sorted(built, key=lambda a: (a.name.casefold(), a.id))),
        proposals,
        tuple(sorted(conflicts, key=lambda c: (c.asset_name.casefold(), c.field))),
    )


def _in_order(rows: Iterable[ApplicationRow]) -> list[ApplicationRow]:
    return sorted(rows, key=lambda r: (r.source.file, r.source.row or 0))


def _column(source: Source) -> str:
    return " ".join(p for p in (source.file, source.sheet if source.sheet != source.file else None, source.column) if p)


def _listed_codes(rows: Sequence[ApplicationRow]) -> dict[str, str]:
    """Codes that a list of applications gives them ("Application code FBK")."""
    notes = [(CODE_NOTE.search(text), row) for row in rows for text in row.attributes.values()]
    return {found["code"].casefold(): application_key(row.name) for found, row in notes if found}


def _code_aliases(machines: Sequence[Machine], listed: Mapping[str, str]) -> dict[str, str]:
    """Codes that some source uses in the place of an application's name ("BIL" for Billing Core)."""
    aliases = dict(listed)
    pairs = [(m.name, application_key(t)) for m in machines for t, _ in m.stated if " " in application_key(t)]
    convention = learn_convention(pairs)
    if convention is not None:
        for code in convention.codes.values():
            if code.agreeing > 1:
                aliases.setdefault(code.text, code.application)
    stated = {application_key(t) for m in machines for t, _ in m.stated}
    return {code: key for code, key in aliases.items() if code != key and (code in stated or len(code) <= 4)}


def _propose(
    machines: Sequence[Machine], drafts: dict[str, _Draft], listed: Mapping[str, str]
) -> dict[AssetId, tuple[Fact, ...]]:
    stated = [(m.name, application_key(t)) for m in machines for t, _ in m.stated]
    drawers = _drawers(machines, learn_convention(stated))
    hints = {m.asset_id: [*_note_hints(m, drafts), *_folder_hints(m, drawers)] for m in machines if not m.stated}
    known = stated + [(m.name, h.key) for m in machines for h in hints.get(m.asset_id, ())[:1]]
    convention = with_listed_codes(learn_convention(known), listed, (m.name for m in machines))
    if convention is not None:
        spelling = {h.key: h.spelling for found in hints.values() for h in found}
        spelling |= {key: _best_spelling(draft) for key, draft in drafts.items()}
        for machine in machines:
            if not machine.stated:
                hints[machine.asset_id] += _code_hints(machine, convention, spelling)
    if convention is None or not known:
        _add_code_groups([m for m in machines if not m.stated], hints)
    return {m.asset_id: facts for m in machines if (facts := _decide(m, hints.get(m.asset_id, []), drafts))}


def _decide(machine: Machine, hints: Sequence[_Hint], drafts: dict[str, _Draft]) -> tuple[Fact, ...]:
    """Give the machine to the application with the most evidence; as much for two of them is for none."""
    if not hints:
        return ()
    weight: Counter[str] = Counter()
    for hint in hints:
        weight[hint.key] += round(hint.confidence * 100)
    ranked = weight.most_common(2)
    if len(ranked) > 1 and ranked[0][1] == ranked[1][1]:
        return ()
    chosen = [h for h in hints if h.key == ranked[0][0]]
    draft = drafts.setdefault(chosen[0].key, _Draft(chosen[0].key))
    draft.proposed[machine.asset_id] = machine
    for hint in chosen:
        draft.evidence[hint.reason] += 1
        if hint.rule != "proposed_by_code":
            draft.spellings[hint.spelling] += 1
    return tuple(
        Fact("application", h.spelling, h.source, h.rule, chosen=True, confidence=h.confidence) for h in chosen
    )


def _note_hints(machine: Machine, drafts: Mapping[str, _Draft]) -> Iterable[_Hint]:
    """ "App: Freight Booking; backup daily", or a note that begins with the name of an application."""
    if machine.note is None:
        return
    text, source = machine.note
    found = NOTE.search(text)
    if found:
        name = re.split(r"\s+\w+\s*[:=]", found["name"])[0].strip()
        if application_key(name):
            yield _Hint(application_key(name), name, BY_NOTE, "proposed_by_note", f"note '{found[0].strip()}'", source)
        return
    first = application_key(text[:100]).split()[:LONGEST_NAME]
    for length in range(len(first), 0, -1):
        key = " ".join(first[:length])
        if key in drafts and len(key) > 3:
            spelling = _best_spelling(drafts[key])
            yield _Hint(key, spelling, BY_NOTE, "proposed_by_note", f"notes that begin with '{spelling}'", source)
            return


def _folder_hints(machine: Machine, drawers: frozenset[str]) -> Iterable[_Hint]:
    if machine.folder is None:
        return
    text, source = machine.folder
    name = application_folder(text, places=machine.places)
    if name is not None and application_key(name) not in drawers:
        yield _Hint(application_key(name), name, BY_FOLDER, "proposed_by_folder", f"folder '{name}'", source)


def application_folder(path: str, *, places: frozenset[str] = frozenset()) -> str | None:
    """The last segment of a folder path that can be an application's name, or None.

    Systems, environments and kinds of machine ("Linux", "NonProd", "Templates") are drawers; `places` are the names of
    data centres, clusters and hosts, in lower case. An environment below an application ("Billing/PROD") is skipped.
    """
    segments = [s for s in re.split(r"[/\\]+", path) if s.strip()]
    for segment in reversed(segments[1:] if len(segments) > 1 and segments[0].casefold() in places else segments):
        kinds = [t for t in re.findall(r"[a-z]+", segment.casefold()) if t not in ENVIRONMENT_WORDS]
        if segment.casefold() in places or (not kinds and not re.search(r"[A-Za-z]", segment)):
            return None
        if not kinds:
            continue
        return None if all(t in NOT_APPLICATIONS or len(t) < 2 for t in kinds) else segment.strip()
    return None


def _drawers(machines: Sequence[Machine], convention: Convention | None) -> frozenset[str]:
    """Folders whose servers carry the codes of many applications."""
    if convention is None:
        return frozenset()
    codes: dict[str, Counter[str]] = {}
    for machine in machines:
        name = application_folder(machine.folder[0], places=machine.places) if machine.folder else None
        code = convention.code_of(machine.name)
        if name and code:
            codes.setdefault(application_key(name), Counter())[code] += 1
    mixed = {k for k, c in codes.items() if c.total() >= MIXED_FOLDER and max(c.values()) * 2 < c.total()}
    return frozenset(mixed)


def _code_hints(machine: Machine, convention: Convention, spelling: Mapping[str, str]) -> list[_Hint]:
    text = convention.code_of(machine.name)
    code = convention.codes.get(text) if text else None
    if code is None or machine.name_source is None:
        return []
    reason = f"name code '{code.text}' ({code.agreeing} of {code.known} known servers with it)"
    shown = spelling.get(code.application, code.application)
    return [_Hint(code.application, shown, BY_CODE, "proposed_by_code", reason, machine.name_source)]


def _add_code_groups(machines: Sequence[Machine], hints: dict[AssetId, list[_Hint]]) -> None:
    for code, members in group_by_code([m.name for m in machines]).items():
        for machine in (machines[i] for i in members):
            if machine.name_source is not None and not hints.get(machine.asset_id):
                reason = f"name code '{code}' ({len(members)} servers, no source names the application)"
                hint = _Hint(code, code.upper(), BY_CODE_ALONE, "proposed_by_code_alone", reason, machine.name_source)
                hints[machine.asset_id] = [hint]


def _id_of(draft: _Draft, namespace: UUID) -> ApplicationId:
    return ApplicationId(uuid5(namespace, f"application:{draft.key}"))


def _application(draft: _Draft, namespace: UUID) -> Application:
    name = _best_spelling(draft)
    members = {**draft.proposed, **draft.stated}
    ids = tuple(sorted(members))
    owners = Counter(m.owner for m in members.values() if m.owner)
    stated_rows = _in_order(draft.rows)
    criticality = next((r.criticality for r in stated_rows if r.criticality), None)
    ranks = Counter(m.criticality for m in members.values() if m.criticality)
    shared = service_evidence(name, [m.name for m in members.values()])
    evidence = [f"{reason}: {count} servers" for reason, count in sorted(draft.evidence.items())]
    evidence += [f"listed in {r.source.file}, row {r.source.row}" for r in stated_rows]
    return Application(
        id=_id_of(draft, namespace),
        name=name,
        variants=tuple(sorted(draft.spellings)),
        membership=Membership.STATED if draft.stated or draft.rows else Membership.PROPOSED,
        asset_ids=ids,
        proposed_asset_ids=tuple(i for i in ids if i not in draft.stated),
        criticality=criticality or (ranks.most_common(1)[0][0] if ranks else None),
        business_owner=next((r.business_owner for r in stated_rows if r.business_owner), _usual(owners)),
        environment=_environment(draft, members.values()),
        shared_service=bool(shared),
        evidence=(*evidence, *(f"shared service proposed: {s}" for s in shared)),
        attributes={k: v for r in reversed(stated_rows) for k, v in r.attributes.items()},
    )


def _usual(owners: Counter[str]) -> str | None:
    """The most frequent owner; among equals the first in the alphabet, so that the answer does not change."""
    return min(owners, key=lambda o: (-owners[o], o)) if owners else None


def _environment(draft: _Draft, members: Iterable[Machine]) -> Environment | None:
    """Production as soon as one part is; otherwise what all parts are."""
    found = {m.environment for m in members if m.environment} or {r.environment for r in draft.rows if r.environment}
    if Environment.PRODUCTION in found:
        return Environment.PRODUCTION
    return found.pop() if len(found) == 1 else None


def _best_spelling(draft: _Draft) -> str:
    """The spelling a person would print: mixed case, blanks rather than hyphens, no environment, then the usual one."""
    if not draft.spellings:
        return readable(draft.key)

    def order(spelling: str) -> tuple[bool, bool, bool, int, str]:
        joined = "-" in spelling or "_" in spelling
        return (
            bool(ENVIRONMENT_SUFFIX.search(spelling)),
            _one_case(spelling),
            joined,
            -draft.spellings[spelling],
            spelling,
        )

    best = min(draft.spellings, key=order)
    return readable(best) if _one_case(best) else best


def _one_case(text: str) -> bool:
    return text.isupper() or text.islower()


def readable(spelling: str) -> str:
    """A name written all in one case, as a title: "old-intranet" is "Old Intranet", "EDI GATEWAY" is "EDI Gateway".

    A single short word in capitals stays, as it is more likely an abbreviation than shouting.
    """
    parts = re.split(r"[\s\-_]+", spelling.strip())
    if len(parts) == 1 and spelling.isupper() and len(spelling) <= SHORT_NAME:
        return spelling
    return " ".join(_titled(p.casefold(), first=i == 0) for i, p in enumerate(parts) if p)


def _titled(word: str, *, first: bool) -> str:
    if word in SMALL_WORDS and not first:
        return word
    return word.upper() if len(word) <= 3 and word not in SHORT_WORDS else word.capitalize()
