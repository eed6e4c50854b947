"""`--only KEY=VALUE`: which assets a command of the inventory is about."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from masterflow.errors import InvalidInput
from masterflow.inventory.queries import AssetField, AssetFilter
from masterflow.inventory.types import AssetType, Criticality, Environment

ONLY: Mapping[str, tuple[str, Any]] = {
    "environment": ("environment", Environment),
    "type": ("asset_type", AssetType),
    "criticality": ("criticality", Criticality),
    "operating_system": ("operating_system", str),
    "datacenter": ("datacenter", str),
    "power_state": ("power_state", str),
    "application": ("application", UUID),
    "unknown": ("unknown", AssetField),
    "search": ("search", str),
}
UNOWNED = "unowned"
HELP = (
    "Only these assets: environment=…, type=…, criticality=…, operating_system=…, datacenter=…, power_state=…, "
    "application=ID, unknown=FIELD, unowned=yes or search=…; may be repeated"
)


def only_these(wanted: Sequence[str]) -> AssetFilter:
    """The assets that `--only` names; of several values of one key any will do.

    Raises:
        InvalidInput: a key or a value that does not exist.
    """
    values: dict[str, Any] = {}
    for one in wanted:
        key, _, text = one.partition("=")
        if key == UNOWNED:
            values[UNOWNED] = _yes(text)
            continue
        if key not in ONLY:
            known = ", ".join((*ONLY, UNOWNED))
            raise InvalidInput(f"--only has no key {key!r}.", hint=f"Choose one of: {known}.")
        name, _ = ONLY[key]
        read = _read(key, text)
        values[name] = read if name == "search" else (*values.get(name, ()), read)
    return AssetFilter(**values)


def _read(key: str, text: str) -> object:
    _, read = ONLY[key]
    try:
        return read(text)
    except ValueError:
        hint = "It is an id." if read is UUID else f"Choose one of: {', '.join(map(str, read))}."
        raise InvalidInput(f"--only {key} cannot be {text[:80]!r}.", hint=hint) from None


def _yes(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise InvalidInput(f"--only {UNOWNED} cannot be {text[:80]!r}.", hint="Choose one of: yes, no.")
    return text == "yes"
