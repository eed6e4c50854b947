"""Finds the machine that a text in another table means: a relation's end, the server of a measurement.

Names are compared without case, underscores and an environment in brackets ("db01 (PROD)"). A full name finds the
machine of that full name, or one of the short name whose own domain nobody states; a short name finds the machine that
has it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from masterflow.analysis.estate.addresses import name_key, short_key
from masterflow.analysis.estate.records import Record, claim_text
from masterflow.analysis.estate.uuids import parse_uuid, swap_free
from masterflow.analysis.estate.values import ENVIRONMENT_WORDS
from masterflow.inventory.types import AssetType, Identity, IdentityScheme

IN_BRACKETS = re.compile(r"\s*[(\[](?P<words>[A-Za-z\-_ ]+)[)\]]$")
UUID_SCHEMES = (IdentityScheme.VM_UUID, IdentityScheme.SMBIOS_UUID)
NAME_CLAIMS = ("fqdn", "hostname", "vm_name", "name")


class Missed(StrEnum):
    """Why a text finds no machine."""

    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that was found: its place in the list of clusters, its usual name and whether it is a hypervisor."""

    index: int
    name: str
    is_host: bool


class MachineFinder:
    """Knows the machines of an estate by every spelling of their names, by address and by their sources' own ids."""

    def __init__(self, clusters: Sequence[Sequence[Record]]) -> None:
        self._machines = [_machine(i, records) for i, records in enumerate(clusters)]
        self._whole: dict[str, set[int]] = defaultdict(set)
        self._short: dict[str, set[int]] = defaultdict(set)
        self._ids: dict[str, set[int]] = defaultdict(set)
        self._addresses: dict[str, set[int]] = defaultdict(set)
        self._with_domain: set[int] = set()
        self._files = [frozenset(r.file for r in records) for records in clusters]
        for index, records in enumerate(clusters):
            self._learn(index, records)

    def _learn(self, index: int, records: Sequence[Record]) -> None:
        for record in records:
            for claim in record.claims:
                if claim.field in NAME_CLAIMS:
                    self._whole[name_key(claim_text(claim.value))].add(index)
                elif claim.field == "ip_addresses" and isinstance(claim.value, tuple):
                    for address in claim.value:
                        self._addresses[address].add(index)
            for identity in record.identities:
                self._learn_identity(index, identity)

    def _learn_identity(self, index: int, identity: Identity) -> None:
        if identity.scheme is IdentityScheme.NAME:
            self._short[identity.value].add(index)
        elif identity.scheme is IdentityScheme.FQDN:
            self._whole[name_key(identity.value)].add(index)
            self._with_domain.add(index)
        elif identity.scheme in (IdentityScheme.EXTERNAL_ID, IdentityScheme.INSTANCE_ID):
            self._ids[identity.value.casefold()].add(index)
        elif identity.scheme in UUID_SCHEMES:
            self._ids[swap_free(identity.value)].add(index)

    def by_id(self, source_kind: str, text: str, *, file: str = "") -> Machine | Missed:
        """The machine that a source of this kind gives this id, or that has this UUID in either byte order."""
        uuid = parse_uuid(text).value
        found = self._ids.get(f"{source_kind}/{text}".casefold(), set())
        return self._one(found or (self._ids.get(swap_free(uuid), set()) if uuid else set()), file)

    def find(self, text: str, *, file: str = "") -> Machine | Missed:
        """The one machine that a text names; of several, the one that `file` lists itself."""
        found: Machine | Missed = Missed.UNKNOWN
        for spelling in dict.fromkeys((text, _without_environment(text))):
            found = self._one(self._candidates(spelling), file)
            if isinstance(found, Machine):
                return found
        return found

    def _candidates(self, text: str) -> set[int]:
        whole, short = name_key(text), short_key(text)
        for known, key in ((self._whole, whole), (self._addresses, text.strip()), (self._ids, text.strip().casefold())):
            if known.get(key):
                return known[key]
        named = self._short.get(short, set())
        return named if whole == short else named - self._with_domain

    def _one(self, found: Iterable[int], file: str) -> Machine | Missed:
        indexes = sorted(found)
        if not indexes:
            return Missed.UNKNOWN
        own = [i for i in indexes if file in self._files[i]]
        chosen = own if len(own) == 1 else indexes
        return self._machines[chosen[0]] if len(chosen) == 1 else Missed.AMBIGUOUS


def _without_environment(text: str) -> str:
    found = IN_BRACKETS.search(text)
    return text[: found.start()] if found and found["words"].strip().casefold() in ENVIRONMENT_WORDS else text


def _machine(index: int, records: Sequence[Record]) -> Machine:
    names: Mapping[str, str] = {
        claim.field: claim_text(claim.value)
        for r in reversed(records)
        for claim in r.claims
        if claim.field in NAME_CLAIMS
    }
    name = next((names[field] for field in NAME_CLAIMS if field in names), "")
    return Machine(index, name, any(r.asset_type is AssetType.HYPERVISOR_HOST for r in records))
