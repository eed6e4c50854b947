"""Which operating system a text means, in the spelling of any source.

Never a guess: a family ("Linux"), a range ("CentOS 4/5/6/7") or a major version with several cycles ("SLES 12") stays
without product or cycle, and the note says why.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from masterflow.analysis.eol.names import Name, operating_system_names, own_words
from masterflow.analysis.eol.releases import NOT_SAID, ReleaseFound, read_release
from masterflow.analysis.eol.snapshot import Product, product
from masterflow.analysis.eol.support import UNKNOWN_PRODUCT, ProductMatch
from masterflow.analysis.eol.texts import guest_detail, names_a_range, normalised, without_kernel
from masterflow.analysis.eol.windows import is_windows, windows_match

WITHOUT_CYCLE = 0.5  # confidence in an answer that names the product alone


@dataclass(frozen=True, slots=True, kw_only=True)
class OsFacts:
    """What an agent such as facter states in fields of their own.

    `name` is facter's `os.name`, `release` `os.release.full`, `major` `os.release.major`, `description`
    `os.distro.description` or, on Windows, `os.windows.product_name`; `kernel_release` is `kernelrelease`.
    """

    name: str
    release: str | None = None
    major: str | None = None
    description: str | None = None
    kernel_release: str | None = None


@lru_cache(maxsize=8192)
def identify_os(text: str, *, version: str | None = None) -> ProductMatch:
    """The product and release cycle that a text names, with the dates of its support.

    `version` is the column beside the text where a source has one ("Linux Red Hat" and "7.9"). VMware guest
    identifiers, "Guest Detailed Data" cells and Windows build numbers are understood.
    """
    detail = guest_detail(text)
    if detail:
        return identify_os(detail.text, version=version or detail.version)
    plain, column = normalised(text), normalised(version or "")
    if is_windows(plain):
        return windows_match(plain, column)
    named = _names_in(plain)
    if named:
        return _match_of(named, plain, column=column)
    return identify_os(version) if version else UNKNOWN_PRODUCT


def identify_os_from_facts(facts: OsFacts) -> ProductMatch:
    """The operating system that an agent states in separate fields.

    Where the data has a cycle for the major release (a FreeBSD branch) its dates count, since a point release is left
    by an update within the branch; the note then names the point release.
    """
    if is_windows(normalised(facts.name)):
        return identify_os(facts.description or f"{facts.name} {facts.release or ''}", version=facts.kernel_release)
    branch = identify_os(facts.name, version=facts.major) if facts.major else UNKNOWN_PRODUCT
    point = identify_os(facts.name, version=facts.release) if facts.release else UNKNOWN_PRODUCT
    if branch.release and point.release and branch.release != point.release:
        return replace(
            branch, note=f"point release {point.cycle}, supported until {point.eol}, of branch {branch.cycle}"
        )
    found = branch if branch.release else point
    if found.release is None and facts.description:
        described = identify_os(facts.description)
        found = described if described.product else found
    return found if found.product else identify_os(facts.name)


def identify_os_from_texts(texts: Iterable[str | None]) -> ProductMatch:
    """The operating system according to several sources about one machine, the most trusted first.

    The first text that names a product decides which; a later one about the same product may add the cycle.
    """
    matches = [identify_os(t) for t in texts if t]
    first = next((m for m in matches if m.product), UNKNOWN_PRODUCT)
    same = (m for m in matches if m.product == first.product and m.release)
    return next(same, first)


def _names_in(text: str) -> list[tuple[Name, str]]:
    """The names in a text, each with what stands behind it; more than one when the text mixes systems."""
    found: list[tuple[Name, str]] = []
    rest = text
    for name in operating_system_names():
        hit = name.pattern.search(rest)
        if hit is None:
            continue
        found.append((name, own_words(rest[hit.end() :]) or hit[0]))
        if name.product is None:
            return found[:1]
        before, behind = rest[: hit.start()], rest[hit.end() :]
        rest = " " if not before.strip() and not behind.strip() else f"{before} ~ {behind}"
        rest = _outside_brackets(rest)
    return found


def _outside_brackets(text: str) -> str:
    return text.split("(", maxsplit=1)[0]


def _match_of(named: list[tuple[Name, str]], text: str, *, column: str) -> ProductMatch:
    name, behind = named[0]
    if name.product is None:
        return ProductMatch(None, None, 0.0, "a system whose dates are not in the data")
    products = {n.product for n, _ in named}
    if len(products) > 1:
        listed = " and ".join(sorted(str(p) for p in products))
        return ProductMatch(None, None, 0.0, f"the text names several systems: {listed}")
    found = product(name.product)
    return _with_release(name, found, release=_release(name, found, behind=behind, text=text, column=column))


def _with_release(name: Name, found: Product, *, release: ReleaseFound) -> ProductMatch:
    certainty = name.certainty * (release.certainty if release.cycle else WITHOUT_CYCLE)
    return ProductMatch(found.id, release.cycle, round(certainty, 3), release.why)


def _release(name: Name, found: Product, *, behind: str, text: str, column: str) -> ReleaseFound:
    if name.needs and not name.needs.search(f"{text} {column}"):
        return ReleaseFound(None, "several systems go by this name and the text does not say which")
    by_text = _read(found, behind, around=text)
    by_column = _read(found, column, around=column) if column else NOT_SAID
    if by_text.cycle and by_column.cycle:
        return _agreed(by_text, by_column, names=(by_text.cycle.name, by_column.cycle.name))
    if by_text.cycle or by_column.cycle:
        return by_text if by_text.cycle else by_column
    together = _read(found, f"{behind} {column}", around=f"{text} {column}") if column else by_text
    return together if together.cycle or not by_column.said else by_column


def _read(found: Product, behind: str, *, around: str) -> ReleaseFound:
    if found.id != "oracle-solaris" and names_a_range(around):  # Solaris updates are dated: "10 1/13"
        return ReleaseFound(None, "the text names a range of releases")
    return read_release(found, without_kernel(behind), around=around)


def _agreed(by_text: ReleaseFound, by_column: ReleaseFound, *, names: tuple[str, str]) -> ReleaseFound:
    in_text, in_column = names
    if in_text == in_column or in_text.startswith(f"{in_column}."):
        return by_text
    if in_column.startswith(f"{in_text}."):
        return by_column
    return ReleaseFound(None, f"the name says {in_text}, the version column says {in_column}")
