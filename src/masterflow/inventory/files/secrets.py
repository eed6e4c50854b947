"""What must not leave an uploaded file: values that look like a secret, or whose name speaks of one."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache

from masterflow.inventory.files.json_stream import Json

SECRET_NAME = re.compile(
    r"(?<!by)(?<!com)pass(word|wd|phrase|code)?(?![a-z])|passw|pwd|secret(?!ar)|token|credential|kubeconfig"
    r"|(private|api|access|client|ssh|encryption|signing|account|shared|master|storage).?key(?!board)"
    r"|connection.?string|community.?string|snmp.?community|master.?user|user.?data(?!base)|custom.?data|startup.?script"
    r"|(?<![a-z])o?auth(?![a-z_ -])|auth.?(token|key|data|string|header|config|psk|pass|code)|authorization$"
    r"|certificate.?(data|body|pem|chain|auth|key)|client.?certificate|(?<![a-z])(sas|psk)(?![a-z])",
    re.IGNORECASE,
)
SECRET_VALUE = re.compile(
    r"-----BEGIN |\bA[KS]IA[0-9A-Z]{16}\b|://[^/\s:@]*:[^/\s@]+@|\bgh[pousr]_\w{20,}|\bxox[abprs]-|\beyJ[\w-]{10,}\."
    r"|(passw(or)?d|pwd|secret|accountkey|sharedaccesskey|(api|access).?key|token)\\?[\"']?\s*[=:]\s*\S"
    r"|--\w*(password|secret|token)\s+\S|[?&]sig=\w|\bsk[-_](live|test)?(?=\w*\d)\w{16,}|\bhvs\.\w{10,}",
    re.IGNORECASE,
)
# one of these stands in all that SECRET_VALUE finds: to look for them first takes a tenth of the time
SIGNS = (
    "-----begin ", "akia", "asia", "@", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "xox", "eyj", "passw", "pwd", "secret",
    "key", "token", "sig=", "sk-", "sk_", "hvs.",
)  # fmt: skip
SHORTEST = 5  # characters of a text that SECRET_VALUE finds: "pwd=x"
NAMING = frozenset({"name", "key", "field", "label", "fact", "attribute", "variable"})
NAMED = frozenset({"value", "values", "val", "content", "data", "default", "notes"})
DEEPEST = 100  # levels looked into one by one; what lies deeper is judged as one text
KEPT_BACK = "(kept back: it may hold a secret)"


@lru_cache(maxsize=20_000)
def is_secret_name(name: str) -> bool:
    """Whether a key speaks of a secret, or is one."""
    return bool(SECRET_NAME.search(name) or SECRET_VALUE.search(name))


@lru_cache(maxsize=20_000)
def is_secret_key(above: str, key: str) -> bool:
    """Whether a key speaks of a secret, by itself or with the key that its object stands under."""
    own, before = last_part(key), last_part(above)
    return is_secret_name(f"{before}.{own}" if before else own)


def is_secret_value(value: object) -> bool:
    """Whether a text looks like a secret, or holds one."""
    if not isinstance(value, str) or len(value) < SHORTEST:
        return False
    return any(map(value.lower().__contains__, SIGNS)) and SECRET_VALUE.search(value) is not None


def quotable(text: str) -> str:
    """A text of the file for a message; a note in its place when it may hold a secret."""
    return KEPT_BACK if SECRET_NAME.search(text) or SECRET_VALUE.search(text) else text


class KeptBack:
    """Takes secrets out of values, however deep they lie, and counts them.

    `also` are names that are kept back beside those that `SECRET_NAME` finds.
    """

    def __init__(self, also: re.Pattern[str] | None = None) -> None:
        self.count = 0
        self._also = also

    def traits(self) -> dict[str, str]:
        """What the reading says of it; nothing when nothing was kept back."""
        return {"kept_back": f"{self.count} values that may hold secrets"} if self.count else {}

    def without(self, value: Json, name: str = "", depth: int = 0) -> Json:
        """The value without what may be a secret; `name` is the key that it stands under.

        A key leaves its object together with its value, a value of a list becomes None, so that places stay.
        """
        if isinstance(value, dict | list) and depth >= DEEPEST:
            return None if self._is_secret_inside(value) else value
        if isinstance(value, dict):
            return self.cleared(value, name, depth)
        if isinstance(value, list):
            return [self.without(item, name, depth + 1) for item in value]
        if is_secret_value(value):
            self.count += 1
            return None
        return value

    def cleared(self, values: Mapping[str, Json], name: str = "", depth: int = 0) -> dict[str, Json]:
        """An object without what may be a secret."""
        about_secret = names_a_secret(values)
        cleared: dict[str, Json] = {}
        for key, value in values.items():
            if self.hides(name, key, value) or (about_secret and key.casefold() in NAMED):
                self.count += filled(value)
                continue
            found = self.without(value, key, depth + 1)
            if found is not None or value is None:
                cleared[key] = found
        return cleared

    def record(self, listed_under: str, values: Mapping[str, Json]) -> dict[str, Json]:
        """An object of a list without what may be a secret; nothing of it where the list is named like one."""
        if is_secret_name(listed_under):
            self.count += filled(dict(values))
            return {}
        return self.cleared(values, listed_under)

    def hides(self, name: str, key: str, value: Json) -> bool:
        """Whether all under a key is kept back; whether something is so, as a yes or no, is no secret."""
        if isinstance(value, bool):
            return False
        return is_secret_key(name, key) or bool(self._also and self._also.search(key))

    def _is_secret_inside(self, value: Json) -> bool:
        try:
            found = quotable(json.dumps(value)) == KEPT_BACK
        except RecursionError:
            found = True
        self.count += found
        return found


def last_part(key: str) -> str:
    """A key, or the end of one that is a path: "/run/credentials/x.service" is a mount point, no credential."""
    return key.rpartition("/")[2] if key.startswith("/") else key


def names_a_secret(values: Mapping[str, Json]) -> bool:
    """Whether an object is an entry such as {"key": "root password", "value": …}."""
    return any(
        isinstance(value, str) and key.casefold() in NAMING and is_secret_name(value) for key, value in values.items()
    )


def filled(value: Json, depth: int = 0) -> int:
    """How many filled values stand in a value."""
    if value in (None, "", [], {}):
        return 0
    if isinstance(value, dict) and depth < DEEPEST:
        return sum(filled(inner, depth + 1) for inner in value.values())
    if isinstance(value, list) and depth < DEEPEST:
        return sum(filled(inner, depth + 1) for inner in value)
    return 1
