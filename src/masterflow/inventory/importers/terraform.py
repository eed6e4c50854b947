"""States of Terraform and OpenTofu (versions 3 and 4), and what `show -json` prints of them.

Virtual machines, managed databases and load balancers are one row each, a sheet for every resource type. A state holds
secrets in plain text, so only attributes that `terraform.toml` names leave the file, and of those none that the state
marks as sensitive, whose name speaks of a secret, or whose value looks like one. No message quotes the file. What other
resources there are is counted.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib.resources import files

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files.cells import cleaned, without_unstorable
from masterflow.inventory.files.delimited import encoding_of
from masterflow.inventory.files.json_documents import (
    Cells,
    JsonObject,
    details,
    dig,
    json_of,
    listed,
    named_objects,
    objects,
)
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.secrets import NAMED, SECRET_NAME, is_secret_value, names_a_secret
from masterflow.inventory.reading import CellValue, FileHead, FileRead, Importer

CERTAIN = 0.95
MAX_BLOCKS = 64  # of one kind in a resource
MAX_DEPTH = 8
MEANT_KINDS = ("virtual machine", "database", "load balancer")
ABOUT = ("address", "module", "type", "name", "index_key", "provider", "kind")
INSTANCE_ID = "cloud instance id"
DISKS = "sizes of all disks"
TAGS = ("tags", "labels", "freeform_tags")
TAG_FIELDS = {
    "environment": "environment",
    "env": "environment",
    "stage": "environment",
    "application": "application_name",
    "app": "application_name",
    "owner": "technical_owner",
    "cost_center": "cost_center",
    "department": "department",
    "role": "role",
}

SAYS_SO = re.compile(r'"terraform_version"\s*:')
LINEAGE = re.compile(r'"lineage"\s*:\s*"')
STATE_PART = re.compile(
    r'"(serial|lineage|resources|outputs|modules|values|planned_values|format_version|version)"\s*:'
)
MODE = re.compile(r'"mode"\s*:\s*"(managed|data)"')
PROVIDER = re.compile(r'"provider(_name)?"\s*:\s*"')
OUTPUTS = re.compile(r'\A\{\s*"[\w-]+"\s*:\s*\{\s*"sensitive"\s*:\s*(true|false)\s*,\s*"type"\s*:')


@dataclass(frozen=True, slots=True)
class Documented:
    """What is read of one type of resource."""

    kind: str
    fields: Mapping[str, str]
    units: Mapping[str, str]
    instance_id: str = ""
    disks: tuple[str, ...] = ()

    def names(self, path: str) -> bool:
        """Whether an attribute leaves the file."""
        return path in self.fields or matches(path, [pattern for pattern in self.fields if "*" in pattern])


@dataclass(frozen=True, slots=True)
class Resource:
    """One instance of a resource; `secret` are the paths that the state marks as sensitive."""

    about: Cells
    values: JsonObject
    secret: frozenset[str] = frozenset()


@dataclass(slots=True)
class Reading:
    """What was read so far: rows by type, other resources by type, and what was kept back."""

    rows: dict[str, list[tuple[int, Cells]]] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)
    redacted: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    number: int = 0


def documented() -> dict[str, Documented]:
    """The types of resources that are read."""
    text = files("masterflow.inventory.importers").joinpath("terraform.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)
    return {name: one_documented(entries, name) for name in entries}


def one_documented(entries: Mapping[str, Mapping[str, object]], name: str) -> Documented:
    """A type with what it shares with the one it is like."""
    entry = entries[name]
    like = entry.get("like")
    base = one_documented(entries, like) if isinstance(like, str) else Documented("", {}, {})
    own, units, plain = entry.get("fields", {}), entry.get("units", {}), entry.get("attributes", [])
    return Documented(
        kind=str(entry.get("kind", base.kind)),
        fields={
            **base.fields,
            **dict.fromkeys(plain if isinstance(plain, list) else [], ""),
            **(own if isinstance(own, dict) else {}),
        },
        units={**base.units, **(units if isinstance(units, dict) else {})},
        instance_id=str(entry.get("instance_id", base.instance_id)),
        disks=tuple(disks) if isinstance(disks := entry.get("disks"), list) else base.disks,
    )


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path is of one of these patterns; "*" stands for any text."""
    return any(fnmatchcase(path, pattern) for pattern in patterns)


TYPES = documented()


def recognises(head: FileHead) -> float:
    """JSON that names a version of Terraform, a lineage, resources with their providers, or Terraform's outputs.

    Rather too much than too little, also where something stands before the JSON: what is not taken here would be read
    as plain JSON or as a table, with its secrets.
    """
    text = head.start.decode(encoding_of(head) or "latin-1", errors="ignore").lstrip("\ufeff\x00 \t\r\n")
    signs = ((SAYS_SO, STATE_PART), (LINEAGE, STATE_PART), (MODE, PROVIDER), (OUTPUTS,))
    return CERTAIN if any(all(pattern.search(text) for pattern in sign) for sign in signs) else 0.0


def reads(head: FileHead) -> FileRead:
    """A sheet for each type of virtual machine, managed database and load balancer.

    Raises:
        FileRejected: the file is no valid JSON, no state, or holds none of these.
    """
    value = json_of(head)
    reading = Reading()
    for resource in resources_in(value):
        add(reading, resource)
    order = sorted(reading.rows, key=lambda name: (MEANT_KINDS.index(TYPES[name].kind), name))
    sheets, rejects = details(head, {name: reading.rows[name] for name in order})
    if not sheets:
        raise nothing_read(head, reading)
    return FileRead("terraform", sheets, rejects, dict(traits_of(value, reading)), head.name)


def nothing_read(head: FileHead, reading: Reading) -> FileRejected:
    """The refusal of a state without machines, or of a plan."""
    found = ", ".join(f"{name}: {count}" for name, count in reading.others.most_common(8))
    message = (
        f"The state holds no virtual machine, managed database or load balancer ({found})."
        if found
        else "The JSON holds no state with resources."
    )
    hint = "Upload the state that manages the machines: `terraform show -json > state.json`."
    return FileRejected(Place(head.name), message, hint=hint, code="no_records")


def traits_of(value: Json, reading: Reading) -> Iterator[tuple[str, str]]:
    """The version, what else the state manages, and which attributes were kept back."""
    version = dig(value, "terraform_version")
    if isinstance(version, str) and re.fullmatch(r"\d+(\.\d+){1,2}[\w.+-]{0,20}", version):
        yield "terraform_version", version
    if reading.others:
        yield "beside", ", ".join(f"{name}: {count}" for name, count in reading.others.most_common(20))
    if reading.left_out:
        yield "attributes_left_out", str(reading.left_out)
    if found := +reading.redacted:
        yield "redacted", ", ".join(f"{name}: {count}" for name, count in sorted(found.items())[:40])


def add(reading: Reading, resource: Resource) -> None:
    """Add a resource as a row, or to the counts."""
    reading.number += 1
    kind = str(resource.about["resource.type"])
    if kind not in TYPES:
        reading.others[kind if re.fullmatch(r"[a-z][a-z0-9_]{0,80}", kind) else "unnamed"] += 1
        return
    cells: dict[str, CellValue] = {**resource.about, "resource.kind": TYPES[kind].kind}
    for path, value in leaves(resource.values):
        if is_secret(path, value, resource.secret):
            reading.redacted[f"{kind}.{attribute_of(path)}"] += value not in (None, "")
        elif TYPES[kind].names(path):
            cells[path] = cleaned(value)
        else:
            reading.left_out += 1
    if TYPES[kind].instance_id in cells:
        cells[INSTANCE_ID] = cells[TYPES[kind].instance_id]
    sizes = [size for path, size in cells.items() if matches(path, TYPES[kind].disks) and isinstance(size, int)]
    if sizes:
        cells[DISKS] = sum(sizes)
    reading.rows.setdefault(kind, []).append((reading.number, cells))


def attribute_of(path: str) -> str:
    """The attribute of the provider's schema that a path begins with."""
    found = re.match(r"[a-z][a-z0-9_]{0,60}(?![^.])", path)
    return found.group() if found else "unnamed"


def is_secret(path: str, value: CellValue, secret: frozenset[str]) -> bool:
    """Whether an attribute is marked as sensitive, named like a secret, or looks like one."""
    parts = path.split(".")
    marked = any(".".join(parts[:length]) in secret for length in range(len(parts) + 1))
    marked = marked or any(mark.startswith(f"{path}.") for mark in secret)  # one item of a list hides the list
    return marked or bool(SECRET_NAME.search(path)) or is_secret_value(value)


def leaves(value: Json, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, CellValue]]:
    """The values of a resource by their paths; a list of plain values is one value."""
    if isinstance(value, dict) and depth < MAX_DEPTH:
        about_secret = names_a_secret(value)
        for key, inner in value.items():
            path = f"{prefix}{without_unstorable(key) or 'unnamed'}."
            # its name beside it says what the value is, not its key
            yield from leaves(inner, f"{path}secret." if about_secret and key.casefold() in NAMED else path, depth + 1)
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value) and depth < MAX_DEPTH:
        for place, inner in enumerate(value[:MAX_BLOCKS]):
            yield from leaves(inner, f"{prefix}{place}.", depth + 1)
    elif isinstance(value, list):
        yield prefix.removesuffix("."), listed(item for item in value)
    elif not isinstance(value, dict):
        yield prefix.removesuffix("."), value


def resources_in(value: Json) -> Iterator[Resource]:
    """The managed resources of a state, whatever its version."""
    if not isinstance(value, dict):
        return
    if isinstance(value.get("resources"), list):
        yield from of_version_4(value["resources"])
    elif isinstance(value.get("modules"), list):
        yield from of_version_3(objects(value["modules"]))
    else:
        for key in ("values", "state", "prior_state"):
            root = dig(value, key, "root_module") or dig(value, key, "values", "root_module")
            if isinstance(root, dict):
                yield from shown(root)
                return


def of_version_4(resources: Json) -> Iterator[Resource]:
    """The resources of a state file."""
    for resource in objects(resources):
        if resource.get("mode") == "data":
            continue
        instances = resource.get("instances")
        for instance in objects(instances if isinstance(instances, list) else []):
            index = instance.get("index_key")
            values = instance.get("attributes", instance.get("attributes_flat"))
            yield Resource(
                about=about(resource, module=resource.get("module"), index=index),
                values=values if isinstance(values, dict) else {},
                secret=marked_in_state(instance.get("sensitive_attributes")),
            )


def about(resource: JsonObject, *, module: Json, index: Json) -> dict[str, CellValue]:
    """Where a resource stands in the configuration. An index key is a number or a name."""
    kind, name = safe(resource.get("type")) or "unnamed", safe(resource.get("name"))
    key = f'["{safe(index)}"]' if isinstance(index, str) else f"[{index}]" if isinstance(index, int) else ""
    place = f"{safe(module)}." if safe(module) else ""
    return {
        "resource.address": f"{place}{kind}.{name}{key}",
        "resource.module": safe(module),
        "resource.type": kind,
        "resource.name": safe(name),
        "resource.index_key": safe(index)
        if isinstance(index, str)
        else cleaned(index)
        if isinstance(index, int)
        else None,
        "resource.provider": provider_of(resource.get("provider", resource.get("provider_name"))),
    }


def safe(value: Json) -> str | None:
    """A text of the configuration; None for anything else, and for what looks like a secret."""
    if not isinstance(value, str) or is_secret_value(value):
        return None
    found = cleaned(value)
    return found[:300] if isinstance(found, str) else None


def provider_of(value: Json) -> str | None:
    """The provider's short name: provider["registry.terraform.io/hashicorp/aws"].eu → aws, provider.aws → aws."""
    text = value if isinstance(value, str) else ""
    found = re.search(r'([a-z][a-z0-9-]{0,60})("\](\.[\w-]+)?)?$', text) or re.match(
        r"provider\.([a-z][a-z0-9-]*)", text
    )
    return found.group(1) if found else None


def marked_in_state(marks: Json) -> frozenset[str]:
    """The paths that a state file marks as sensitive: lists of steps, each an attribute or an index."""
    found: set[str] = set()
    for mark in marks if isinstance(marks, list) else []:
        if isinstance(mark, str):
            found.add(mark)
        elif isinstance(mark, list | dict):
            found.add(".".join(step_of(step) for step in objects(mark)))
    return frozenset(found)


def step_of(step: JsonObject) -> str:
    """One step of a path."""
    value = step.get("value")
    inner = value.get("value") if isinstance(value, dict) else value
    return str(inner)


def of_version_3(modules: Sequence[JsonObject]) -> Iterator[Resource]:
    """The resources of a state before Terraform 0.12, whose attributes are flat."""
    for module in modules:
        path = module.get("path")
        steps = [step for step in path if isinstance(step, str) and step != "root"] if isinstance(path, list) else []
        for key, resource in named_objects(module.get("resources")):
            primary = dig(resource, "primary", "attributes")
            if key.startswith("data.") or not isinstance(primary, dict):
                continue
            kind, _, rest = key.partition(".")
            name, _, index = rest.partition(".")
            stated: JsonObject = {"type": kind, "name": name, "provider": resource.get("provider")}
            place = ".".join(f"module.{step}" for step in steps)
            yield Resource(about(stated, module=place, index=int(index) if index.isdecimal() else None), primary)


def shown(module: JsonObject) -> Iterator[Resource]:
    """The resources of a module and of those inside it, as `show -json` prints them."""
    waiting = [module]
    while waiting:
        current = waiting.pop(0)
        children, resources = current.get("child_modules"), current.get("resources")
        waiting += objects(children if isinstance(children, list) else [])
        for resource in objects(resources if isinstance(resources, list) else []):
            values = resource.get("values")
            if resource.get("mode") != "data" and isinstance(values, dict):
                place = about(resource, module=current.get("address"), index=resource.get("index"))
                yield Resource(place, values, frozenset(marked_as_shown(resource.get("sensitive_values"))))


def marked_as_shown(marks: Json, prefix: str = "", depth: int = 0) -> Iterator[str]:
    """The paths that `show -json` marks as sensitive: the value's own shape with true where it is."""
    if marks is True:
        yield prefix.removesuffix(".")
    elif isinstance(marks, dict) and depth < MAX_DEPTH:
        for key, inner in marks.items():
            yield from marked_as_shown(inner, f"{prefix}{key}.", depth + 1)
    elif isinstance(marks, list) and depth < MAX_DEPTH:
        for place, inner in enumerate(marks):
            # a list of plain values is one value, so one mark in it hides it all
            yield from marked_as_shown(inner, prefix if inner is True else f"{prefix}{place}.", depth + 1)


def aliases() -> dict[tuple[str, str], str]:
    """(sheet, header) to field, "" for attributes that no field stands for."""
    found = {(kind, f"resource.{header}"): "" for kind in TYPES for header in ABOUT}
    for kind, one in TYPES.items():
        found |= {(kind, f"{prefix}.{tag}"): meant for prefix in TAGS for tag, meant in TAG_FIELDS.items()}
        found |= {(kind, path): meant for path, meant in one.fields.items() if not path.endswith("*")}
        found |= {(kind, "resource.kind"): "asset_type", (kind, "resource.provider"): "virtualization_platform"}
        found |= {(kind, INSTANCE_ID): "", (kind, DISKS): "storage_gb"}
    return found


IMPORTER = Importer(
    name="terraform",
    title="Terraform or OpenTofu state (.tfstate, or JSON of `show -json`)",
    recognises=recognises,
    reads=reads,
    aliases=aliases(),
    units={
        **{(kind, path): unit for kind, one in TYPES.items() for path, unit in one.units.items()},
        **{(kind, DISKS): "GB" for kind in TYPES},
    },
)
