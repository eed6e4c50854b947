"""Network names: addresses, hardware addresses and host names, freed of what identifies nothing."""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache

from masterflow.analysis.estate.values import (
    Parsed,
    is_placeholder,
    known_text,
    parsed_once,
    shown,
    visible_text,
    words,
)
from masterflow.inventory.reading import CellValue

LIST_SEPARATORS = re.compile(r"[,;|\s]+")
BESIDE_ADDRESSES = re.compile(r"\([^().:]*\)|\b[A-Za-z][\w-]*\s*[:=]\s*(?=\d{1,3}\.\d)")  # "(eth0)", "IPv4: "
JUNK_ADDRESS_WORDS = words("dhcp localhost static dynamic and und et y")
LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", "localhost6", "localhost.local"})
USUAL_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
GIVEN_TO_EVERYBODY = frozenset(
    {
        "10.0.2.15",  # first guest behind VirtualBox's own NAT, so every Vagrant box
        "10.0.2.2", "10.0.2.3",
        "10.88.0.1",  # Podman's bridge
        "172.17.0.1", "172.17.0.2", "172.18.0.1", "172.19.0.1",  # Docker's bridges
        "192.168.56.1",  # VirtualBox's host-only network
        "192.168.65.1", "192.168.65.3",  # Docker Desktop
        "192.168.99.100",  # Docker Machine
        "192.168.122.1",  # libvirt's bridge
    }
)  # fmt: skip
DEFAULT_NAMES = words(
    "localhost localhost6 ubuntu debian centos fedora rhel redhat rocky rockylinux almalinux alma suse opensuse sles "
    "freebsd alpine archlinux kali raspberrypi photon vagrant packer cloud-init bogon hostname default newhost changeme"
)  # what an installer or an image calls a machine that nobody has named
TEMPLATE_NAME = re.compile(r"(?:.*[-_])?(?:template|tpl|golden-image)(?:[-_].*)?")
JUNK_MACS = frozenset({"000000000000", "ffffffffffff"})
HOST_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


@dataclass(frozen=True, slots=True)
class HostName:
    """A host's short name and, when the source gives a domain, its fully qualified name; both in lower case."""

    short: str
    fqdn: str | None = None


@parsed_once
def parse_addresses(cell: CellValue) -> Parsed[tuple[str, ...]]:
    """All usable IPv4 and IPv6 addresses of a cell, in its order.

    Unspecified, loopback, link-local, multicast and broadcast addresses identify nothing and are dropped without a
    word; anything else that is no address is named in the problem, and the good ones are kept.
    """
    text = visible_text(cell)
    if not text:
        return Parsed(None, "blank")
    good: dict[str, None] = {}
    bad: list[str] = []
    for part in LIST_SEPARATORS.split(BESIDE_ADDRESSES.sub(" ", text).strip("[]{}()")):
        bare = part.strip("[]\"'()").split("%", maxsplit=1)[0].split("/", maxsplit=1)[0]
        bare = re.sub(r"^([\d.]+):\d{1,5}$", r"\1", bare)
        if not bare or part.casefold() in JUNK_ADDRESS_WORDS or is_placeholder(part):
            continue
        address = _address(bare)
        if address is None:
            bad.append(bare)
        elif usable(address):
            good[str(getattr(address, "ipv4_mapped", None) or address)] = None
    problem = f"'{', '.join(bad)[:120]}' is not an address." if bad else None
    return Parsed(tuple(good) or None, "addresses", problem, "cell.not_an_address")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if ":" not in text and not text.replace(".", "").isdigit():
        return None  # most texts are names, and raising an error for each of them is slow
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return _zero_padded(text)


def _zero_padded(text: str) -> ipaddress.IPv4Address | None:
    """The address of a text such as "010.001.002.003", which the library refuses as doubtful."""
    octets = text.split(".")
    if len(octets) != 4 or not all(o.isascii() and o.isdigit() and len(o) <= 3 for o in octets):
        return None
    try:
        return ipaddress.IPv4Address(".".join(str(int(o)) for o in octets))
    except ValueError:
        return None


def usable(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address can tell one machine from another."""
    return not (
        address.is_unspecified
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or str(address) == "255.255.255.255"
    )


def is_given_to_everybody(address: str) -> bool:
    """Whether an address is the same on many machines, because a hypervisor or a container engine hands it out."""
    return address in GIVEN_TO_EVERYBODY


@lru_cache(maxsize=1 << 14)
def is_default_name(name: str) -> bool:
    """Whether a short name is what images and installers call every machine, so that sharing it means nothing."""
    return name in DEFAULT_NAMES or TEMPLATE_NAME.fullmatch(name) is not None


def is_unnamed(fqdn: str) -> bool:
    """Whether a full name is what an image brings along: whoever gives a machine a domain of its own named it."""
    host, _, domain = fqdn.partition(".")
    return host in LOCAL_NAMES or (domain == "localdomain" and is_default_name(host))


@parsed_once
def parse_macs(cell: CellValue) -> Parsed[tuple[str, ...]]:
    """All hardware addresses of a cell as "00:50:56:3a:9f:06", from colon, hyphen, dotted or bare spelling."""
    text = visible_text(cell).casefold()
    if USUAL_MAC.fullmatch(text) and text.replace(":", "") not in JUNK_MACS:
        return Parsed((text,), "macs")
    good: dict[str, None] = {}
    bad: list[str] = []
    for part in re.split(r"[,;|\s]+", text):
        digits = re.sub(r"[:.\-]", "", part)
        if not digits or digits in JUNK_MACS or is_placeholder(part):
            continue
        if re.fullmatch(r"[0-9a-f]{12}", digits):
            good[":".join(re.findall("..", digits))] = None
        else:
            bad.append(part)
    problem = f"'{', '.join(bad)[:120]}' is not a hardware address." if bad else None
    return Parsed(tuple(good) or None, "macs", problem, "cell.not_a_mac")


@parsed_once
def parse_hostname(cell: CellValue) -> Parsed[HostName]:
    """A host name in lower case; a domain makes it fully qualified too. "localhost" and bare addresses name nobody."""
    text = known_text(cell)
    if text is None:
        return Parsed(None, "blank")
    name = text.casefold().rstrip(".")
    if name in LOCAL_NAMES or _address(name) is not None:
        return Parsed(None, "hostname_local")
    labels = name.split(".")
    if not all(HOST_LABEL.fullmatch(label) for label in labels) or len(name) > 253:
        return Parsed(None, "hostname", f"'{shown(cell)}' is not a host name.", "cell.not_a_hostname")
    return Parsed(HostName(labels[0], name if len(labels) > 1 else None), "hostname")


@lru_cache(maxsize=1 << 15)
def name_key(name: str) -> str:
    """What two spellings of one machine's name share: case, underscores and outer blanks do not count."""
    return visible_text(name).casefold().rstrip(".").replace("_", "-")


def short_key(name: str) -> str:
    """`name_key` of the part before the domain; a name that is an address or has blanks stays whole."""
    return _short(name_key(name))


@lru_cache(maxsize=1 << 17)  # an estate names each of its machines several times
def _short(key: str) -> str:
    return key if " " in key or _address(key) is not None else key.split(".", maxsplit=1)[0]
