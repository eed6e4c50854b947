"""Whether two operating-system texts can describe the same system.

Sources spell one system in many ways ("Red Hat Enterprise Linux 8 (64-bit)", "Linux Red Hat" with version "8.9"); only
a different family or a different release is a contradiction. What is less precise contradicts nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from masterflow.analysis.estate.values import words

GENERIC_LINUX = "linux"
GENERIC_WINDOWS = "windows"
FAMILIES: Sequence[tuple[str, str]] = (
    ("windows server", r"windows.*server|windows\s*(2000|2003|2008|2012|2016|2019|2022|2025)|win(2k|20)\d\d"),
    ("windows client", r"windows\s*(xp|vista|7|8|10|11)\b"),
    (GENERIC_WINDOWS, r"windows"),
    ("rhel", r"red\s*hat\s*enterprise|rhel|linux red\s*hat|red\s*hat(?!.*fedora)"),
    ("fedora", r"fedora"),
    ("centos", r"cent\s*os"),
    ("oracle linux", r"oracle.*linux|linux.*oracle"),
    ("rocky", r"rocky"),
    ("alma", r"alma"),
    ("opensuse", r"open\s*suse"),
    ("sles", r"suse|sles"),
    ("debian", r"debian"),
    ("ubuntu", r"ubuntu"),
    ("amazon linux", r"amazon"),
    ("photon", r"photon"),
    ("esxi", r"esxi?\b"),
    ("aix", r"\baix\b"),
    ("solaris", r"solaris|sunos"),
    ("hp-ux", r"hp-?ux"),
    ("freebsd", r"freebsd"),
    ("macos", r"mac\s*os|os\s*x|darwin"),
    ("z/os", r"z/?os\b"),
    ("ibm i", r"os/400|ibm i\b"),
    (GENERIC_LINUX, r"linux|gnu|coreos"),
)
TWO_PART_RELEASES = frozenset({"ubuntu"})  # 20.04 and 20.10 are different releases; elsewhere the major number counts
WINDOWS_BUILDS = {
    "5.0.2195": "2000", "5.2.3790": "2003", "6.0.6001": "2008", "6.0.6002": "2008", "6.0.6003": "2008",
    "6.1.7600": "2008 r2", "6.1.7601": "2008 r2", "6.2.9200": "2012", "6.3.9600": "2012 r2",
    "10.0.14393": "2016", "10.0.17763": "2019", "10.0.20348": "2022", "10.0.26100": "2025",
}  # fmt: skip
GUEST_IDS = re.compile(r"\bwindows(?P<kernel>[789])server(64)?guest\b")
GUEST_RELEASES = {"7": "2008 r2", "8": "2012", "9": "2016"}  # vSphere's guest ids count kernels, not years
BESIDE_RELEASES = re.compile(r"_?64guest\b|guest\b|\bsp\s*\d+\b|\bbuild[- ]?\d+|(?<=sunos )5\.(?=\d)")
LINUX_FAMILIES = words("rhel fedora centos rocky alma opensuse sles debian ubuntu photon linux") | {
    "oracle linux",
    "amazon linux",
}


@dataclass(frozen=True, slots=True)
class OsSignature:
    """What a text says: a family or None, the releases it leaves open (none: not said), and "or later"."""

    family: str | None
    releases: frozenset[str] = frozenset()
    or_later: bool = False

    @property
    def vague(self) -> bool:
        """Whether the text names no more than a kernel."""
        return self.family in {None, GENERIC_LINUX, GENERIC_WINDOWS}


@lru_cache(maxsize=4096)
def os_signature(text: str, version: str = "") -> OsSignature:
    """The family and releases in an operating-system text; `version` is a column of its own where a source has one."""
    folded = re.sub(r"\((32|64)-bit\)|\b(32|64)[- ]?bit\b|\bx(86|64)(_64)?\b", " ", text.casefold())
    folded = BESIDE_RELEASES.sub(" ", GUEST_IDS.sub(_guest_release, folded))
    folded = re.sub(r"\bw(?:in(?:dows)?)?\s*2k\s*(\d{1,2})", lambda m: f"windows server 20{int(m[1]):02d} ", folded)
    family = next((name for name, pattern in FAMILIES if re.search(pattern, folded)), None)
    or_later = "or later" in folded
    if family is None or family in {GENERIC_LINUX, GENERIC_WINDOWS}:
        return OsSignature(family, frozenset(), or_later)
    if family == "windows server":
        return OsSignature(family, _windows_releases(folded, version.casefold()), or_later)
    return OsSignature(family, _releases(folded, version.casefold(), two_parts=family in TWO_PART_RELEASES), or_later)


def _guest_release(found: re.Match[str]) -> str:
    return f"windows server {GUEST_RELEASES[found['kernel']]} "


def _windows_releases(text: str, version: str) -> frozenset[str]:
    build = next((year for prefix, year in WINDOWS_BUILDS.items() if prefix in f"{text} {version}"), None)
    year = re.search(r"(2000|2003|2008|2012|2016|2019|2022|2025)(\s*r2)?", f"{text} {version}")
    if build and (year is None or build.split()[0] == year[1]):
        return frozenset({build})
    if year is None:
        return frozenset()
    return frozenset({f"{year[1]} r2" if year[2] else year[1]})


def _releases(text: str, version: str, *, two_parts: bool) -> frozenset[str]:
    numbers = re.findall(r"\d+(?:\.\d+)*", text) or re.findall(r"\d+(?:\.\d+)*", version)[:1]
    parts = 2 if two_parts else 1
    return frozenset(".".join(n.split(".")[:parts]) for n in numbers)


def contradict(one: OsSignature, other: OsSignature) -> bool:
    """Whether both cannot be true of one system at one moment."""
    if one.family is None or other.family is None:
        return False
    if one.family != other.family:
        return not _vaguely_the_same(one.family, other.family)
    if not one.releases or not other.releases or one.releases & other.releases:
        return False
    return not (_covers(one, other) or _covers(other, one))


def _vaguely_the_same(one: str, other: str) -> bool:
    if GENERIC_LINUX in (one, other):
        return {one, other} <= LINUX_FAMILIES
    return GENERIC_WINDOWS in (one, other) and all(f.startswith("windows") for f in (one, other))


def _covers(open_ended: OsSignature, exact: OsSignature) -> bool:
    if not open_ended.or_later:
        return False
    floor = min(_order(r) for r in open_ended.releases)
    return all(_order(r) >= floor for r in exact.releases)


def _order(release: str) -> tuple[float, bool]:
    return float(re.findall(r"\d+(?:\.\d+)?", release)[0]), release.endswith("r2")
