"""The technologies that ship with the package: names, categories, and how people spell them.

Rebuilt by `tools/build_technologies.py` from the entities of Konveyor's Tackle Container Advisor (Apache-2.0).
"""

import gzip
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import BaseModel

NAMELESS_FAMILY = "|*"  # the end of a name that stands for every member of its family: "Windows|*"


@dataclass(frozen=True, slots=True)
class Technology:
    """One technology. `name` is the list's own, "Java|Apache Velocity" with the family before the bar.

    `category` is one of App, App Server, HW, Lang, Lib, OS, Plugin, Runlib, Runtime, Storage, Technology and VM.
    """

    name: str
    category: str
    spellings: tuple[str, ...]

    @property
    def title(self) -> str:
        """The name as people write it, without its family."""
        return self.name.removesuffix(NAMELESS_FAMILY).rpartition("|")[2]


class _RawList(BaseModel):
    source: str
    version: str
    technologies: list[tuple[str, str, tuple[str, ...]]]


@cache
def technologies() -> tuple[Technology, ...]:
    """Every technology of the list, by name."""
    return tuple(Technology(*entry) for entry in _raw().technologies)


@cache
def source() -> str:
    """Where the list comes from and which version it is, for people."""
    return f"{_raw().source}, version {_raw().version}"


@cache
def _raw() -> _RawList:
    packed = files(__package__).joinpath("technologies.json.gz").read_bytes()
    return _RawList.model_validate_json(gzip.decompress(packed))
