"""Juju bundles (YAML): applications, and the relations between them.

A bundle does not say which end of a relation asks; the order in which it names them is kept.
"""

import re
from collections.abc import Iterator

import yaml

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files.connections import ALIASES, TALKS_WITH, UNITS, End, Evidence, Observation
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.records import is_json, numbered_lines, text_start
from masterflow.inventory.reading import FileHead, FileRead, Importer

KNOWS = 0.98
APPLICATIONS = re.compile(r"^(applications|services|saas)\s*:", re.MULTILINE)
RELATIONS = re.compile(r"^relations\s*:", re.MULTILINE)
CHARM = re.compile(r"^\s+\"?charm\"?\s*:", re.MULTILINE)
MAX_BYTES = 2 * 1024 * 1024  # a hundred times a large bundle; YAML is slow to read
MAX_ALIASES = 1_000
MAX_DEPTH = 50


class BundleLoader(yaml.BaseLoader):
    """Reads plain YAML, every value as text; refuses what is nested or referred to without end."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.aliases = 0
        self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """A node, counted."""
        self.aliases += self.check_event(yaml.AliasEvent)
        self.depth += 1
        if self.aliases > MAX_ALIASES or self.depth > MAX_DEPTH:
            raise yaml.YAMLError("it refers to itself too often, or nests too deep")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def recognises(head: FileHead) -> float:
    """YAML with applications (or services, as they were called) made of charms, and relations."""
    if is_json(head):
        return 0.0
    start = text_start(head)
    named = APPLICATIONS.search(start) is not None
    whole = len(head.start) >= head.size_bytes
    return KNOWS if named and (RELATIONS.search(start) or (not whole and CHARM.search(start))) else 0.0


def reads(head: FileHead) -> FileRead:
    """One row for each pair of related applications; a row's number is the place of the relation.

    Raises:
        FileRejected: the YAML is broken or a trap, or relates nothing.
    """
    evidence = Evidence(head, TALKS_WITH)
    number = 0
    for bundle in bundles_in(head):
        named = bundle.get("applications") or bundle.get("services")
        evidence.counts["applications"] += len(named) if isinstance(named, dict) else 0
        relations = bundle.get("relations")
        for relation in relations if isinstance(relations, list) else []:
            number += 1
            evidence.counts["relations"] += 1
            take(evidence, number, relation)
    return evidence.read("juju")


def bundles_in(head: FileHead) -> list[dict[str, Json]]:
    """The documents of the file: a bundle and its overlays.

    Raises:
        FileRejected: the YAML is broken or a trap.
    """
    place = Place(head.name)
    if head.size_bytes > MAX_BYTES:
        message = f"The bundle has more than {MAX_BYTES // 1024 // 1024} MiB, which no bundle needs."
        raise FileRejected(place, message, hint="Export the bundle again with juju export-bundle.", code="too_large")
    text = "\n".join(line for _, line in numbered_lines(head))
    try:
        documents = list(yaml.load_all(text, Loader=BundleLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        message = f"The YAML is broken: {' '.join(str(error).split())[:300]}."
        raise FileRejected(place, message, hint="Export the bundle again.", code="broken_yaml") from error
    return [document for document in documents if isinstance(document, dict)]


def take(evidence: Evidence, number: int, relation: Json) -> None:
    """Add a relation up, between one application and one or several others."""
    ends = relation if isinstance(relation, list) else []
    if len(ends) != 2:
        evidence.reject(number, "no_relation", "A relation does not name two applications", str(relation))
        return
    for source in named_in(ends[0]):
        for target in named_in(ends[1]):
            evidence.connections.add(
                Observation(line=number, source=End(application=source), target=End(application=target), asked=True)
            )


def named_in(end: Json) -> Iterator[str]:
    """The applications at one end, without the endpoint behind the colon."""
    for text in end if isinstance(end, list) else [end]:
        name = text.partition(":")[0].strip() if isinstance(text, str) else ""
        if name:
            yield name


IMPORTER = Importer(
    name="juju",
    title="Juju bundles (.yaml)",
    recognises=recognises,
    reads=reads,
    aliases=ALIASES,
    units=UNITS,
    tells_dependencies=True,
)
