"""From the numbers in a text to the release cycle of a product that is not Windows.

Most products count in prefixes: 7.9 belongs to RHEL 7, 22.04.3 to Ubuntu 22.04. Where that would be a guess (a service
pack, a technology level or a point release that decides the dates) the product has a reader of its own.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from masterflow.analysis.eol.snapshot import Cycle, Product

NUMBER = re.compile(r"(?<![\w.])(?:v|release)?(\d+(?:\.\d+)*)(?:\.x)?(?!\d)")
KERNEL_RELEASE = re.compile(r"\.(?P<family>el|amzn|fc)(?P<major>\d+)")
KERNEL_FAMILIES = {
    "el": {"rhel", "centos", "centos-stream", "oracle-linux", "rocky-linux", "almalinux"},
    "amzn": {"amazon-linux"},
    "fc": {"fedora"},
}
NAMED_BY_THEIR_FIRST_NUMBER = frozenset({"esxi", "photon"})  # "Photon 4" is 4.0 while no other 4.* exists
SERVICE_PACK = re.compile(r"(\d+)\s*[-.]?\s*(?:sp|patchlevel\s*[=:]?)\s*-?(\d+)")
TECHNOLOGY_LEVEL = re.compile(r"(\d)\.(\d)(?:\.0\.0)?[ -]*tl ?-?0*(\d+)")
OS_LEVEL = re.compile(r"\b(\d)(\d)00-(\d\d)\b")
IBM_I_RELEASE = re.compile(r"\bv(\d)r(\d)(?:m\d)?\b")
UNRELEASED = re.compile(r"/sid|\bsid\b|\btesting\b|\bunstable\b|\brawhide\b|\btumbleweed\b")


@dataclass(frozen=True, slots=True)
class ReleaseFound:
    """A cycle, or the reason why there is none; `said` tells whether the text had a version at all."""

    cycle: Cycle | None
    why: str = ""
    said: bool = True
    certainty: float = 1.0


NOT_SAID = ReleaseFound(None, "the version is not named", said=False)


def read_release(product: Product, text: str, *, around: str) -> ReleaseFound:
    """The cycle that the text behind a product's name gives; `around` is the whole text, with kernel and codename."""
    if UNRELEASED.search(around):
        return ReleaseFound(None, "an unreleased or rolling version has no dates")
    found = READERS.get(product.id, _by_prefix)(product, text)
    if found.said:
        return found
    return _by_codename(product, around) or _by_kernel(product, around) or NOT_SAID


def _by_prefix(product: Product, text: str) -> ReleaseFound:
    number = NUMBER.search(text)
    if number is None:
        return NOT_SAID
    parts = number[1].split(".")
    for spelling in (parts, [str(int(p)) for p in parts]):
        for length in range(len(parts), 0, -1):
            cycle = product.cycle(".".join(spelling[:length]))
            if cycle:
                return ReleaseFound(cycle)
    return _by_first_number(product, number[1])


def _by_first_number(product: Product, number: str) -> ReleaseFound:
    same = [c for c in product.cycles if c.name.startswith(f"{number}.")]
    if len(same) == 1 and product.id in NAMED_BY_THEIR_FIRST_NUMBER:
        return ReleaseFound(same[0])
    if same:
        return ReleaseFound(None, f"version {number} has several release cycles and the text does not say which")
    return _not_in_data(product, number)


def _by_codename(product: Product, text: str) -> ReleaseFound | None:
    named = [(c, c.codename.casefold()) for c in product.cycles if c.codename]
    for cycle, codename in sorted(named, key=lambda pair: -len(pair[1])):
        spellings = {codename, codename.split()[0]} if product.id == "ubuntu" else {codename}
        if any(re.search(rf"\b{re.escape(s)}\b", text) for s in spellings):
            return ReleaseFound(cycle, certainty=0.95)
    return None


def _by_kernel(product: Product, text: str) -> ReleaseFound | None:
    found = KERNEL_RELEASE.search(text)
    if found is None or product.id not in KERNEL_FAMILIES[found["family"]]:
        return None
    cycle = product.cycle(found["major"])
    return ReleaseFound(cycle, "the release follows from the kernel's name", certainty=0.9) if cycle else None


def _ubuntu(product: Product, text: str) -> ReleaseFound:
    return _by_prefix(product, re.sub(r"(?<![\d.])(\d\d)(04|10)(?![\d.])", r"\1.\2", text))


def _sles(product: Product, text: str) -> ReleaseFound:
    pack = SERVICE_PACK.search(text)
    return _exact(product, f"{pack[1]}.{pack[2]}") if pack else _by_prefix(product, text)


def _solaris(product: Product, text: str) -> ReleaseFound:
    number = NUMBER.search(text)
    if number is None:
        return NOT_SAID
    name = re.sub(r"^5\.(?=\d)", "", number[1])  # SunOS 5.10 is Solaris 10
    first_two = ".".join(name.split(".")[:2])
    if first_two == "11" and "11/11" not in text:
        return ReleaseFound(None, "Solaris 11 has several update releases and the text does not say which")
    return _exact(product, first_two)


def _aix(product: Product, text: str) -> ReleaseFound:
    level = TECHNOLOGY_LEVEL.search(text) or OS_LEVEL.search(text)
    if level:
        return _exact(product, f"{level[1]}.{level[2]}.{int(level[3])}")
    number = NUMBER.search(text)
    if number is None:
        return NOT_SAID
    parts = number[1].split(".")
    if len(parts) < 3 or parts[2:] == ["0", "0"]:  # plain oslevel prints 7.2.0.0 whatever the technology level
        return ReleaseFound(None, "the technology level, which decides the dates, is not named")
    return _exact(product, ".".join(parts[:3]))


def _ibm_i(product: Product, text: str) -> ReleaseFound:
    release = IBM_I_RELEASE.search(text)
    return _exact(product, f"{release[1]}.{release[2]}") if release else _by_prefix(product, text)


def _amazon(product: Product, text: str) -> ReleaseFound:
    number = NUMBER.search(text)
    first_generation = number[1] == "1" if number else "ami" in text.split()
    if not first_generation:
        return _by_prefix(product, text)
    newest = next(c for c in product.cycles if c.label and "AMI" in c.label)
    return ReleaseFound(newest, "the release is not named; all AMI releases ended on one day", certainty=0.8)


def _freebsd(product: Product, text: str) -> ReleaseFound:
    number = NUMBER.search(text)
    if number is None:
        return NOT_SAID
    parts = number[1].split(".")
    on_branch = len(parts) == 1 or "stable" in text
    return _exact(product, parts[0] if on_branch else ".".join(parts[:2]))


def _exact(product: Product, name: str) -> ReleaseFound:
    cycle = product.cycle(name)
    return ReleaseFound(cycle) if cycle else _not_in_data(product, name)


def _not_in_data(product: Product, name: str) -> ReleaseFound:
    return ReleaseFound(None, f"the data holds no {product.title} {name}")


READERS: Mapping[str, Callable[[Product, str], ReleaseFound]] = {
    "ubuntu": _ubuntu,
    "sles": _sles,
    "oracle-solaris": _solaris,
    "ibm-aix": _aix,
    "ibm-i": _ibm_i,
    "amazon-linux": _amazon,
    "freebsd": _freebsd,
}
