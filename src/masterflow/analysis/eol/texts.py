"""Product texts made comparable: case, trademarks, processor words and kernel versions out of the way.

VMware's guest identifiers and "guest detailed data" are turned into the text they stand for.
"""

import re
import unicodedata
from dataclasses import dataclass

TRADEMARKS = re.compile(r"\((?:r|tm|c)\)|[®™©]", re.IGNORECASE)
ARCHITECTURE = re.compile(
    r"\(?\b(?:x86[ _-]?64|amd64|x64|i[3-6]86|x86|aarch64|arm64|ppc64le|s390x|(?:32|64)[ -]?bits?)\b\)?(?:[ -]based)?"
)
KERNEL = re.compile(
    r"\b\d+\.\d+\.\d+(?:-\d{1,4}(?!\d)[\w.+~-]*|[-.\w+~]*?(?:\.el\d|\.amzn|\.fc\d|uek|-generic|-default|-cloud)[\w.-]*)"
)
RANGE = re.compile(r"\b(?:or|and) (?:later|newer|higher|above|up)\b|\d\+(?!\w)|\b\d+(?:\.\d+)?(?:/\d+(?:\.\d+)?)+\b")
WMI_TAIL = re.compile(r"\|[a-z]:\\.*", re.IGNORECASE)
GUEST_DETAIL = re.compile(r"(\w+)\s*[=:]\s*'([^']*)'")
GUEST_ID = re.compile(r"^(?P<name>[a-z]+?)(?P<major>\d+?)??(?:_?64)?guest$")

WINDOWS_GUESTS = {
    "win2000advserv": "windows server 2000",
    "win2000serv": "windows server 2000",
    "win2000pro": "windows 2000 professional",
    "winxphome": "windows xp",
    "winxppro": "windows xp",
    "winvista": "windows vista",
    "winnetbusiness": "windows server 2003",
    "winnetdatacenter": "windows server 2003",
    "winnetenterprise": "windows server 2003",
    "winnetstandard": "windows server 2003",
    "winnetweb": "windows server 2003",
    "winlonghorn": "windows server 2008",
    "windows7": "windows 7",
    "windows7server": "windows server 2008 r2",
    "windows8": "windows 8.x",
    "windows8server": "windows server 2012",
    "windows9": "windows 10",
    "windows9server": "windows server 2016 or later",
    "windows11": "windows 11",
    "windows2019srv": "windows server 2019",
    "windows2019srvnext": "windows server 2022",
    "windows2022srvnext": "windows server 2025",
}
UNIX_GUESTS = {
    "almalinux": "almalinux",
    "amazonlinux": "amazon linux",
    "centos": "centos",
    "debian": "debian",
    "fedora": "fedora",
    "freebsd": "freebsd",
    "opensuse": "opensuse",
    "oraclelinux": "oracle linux",
    "rhel": "rhel",
    "rockylinux": "rocky linux",
    "sles": "sles",
    "solaris": "solaris",
    "ubuntu": "ubuntu",
    "vmkernel": "vmware esxi",
    "vmwarephoton": "vmware photon os",
}


@dataclass(frozen=True, slots=True)
class GuestDetail:
    """What VMware Tools says about the guest, as RVTools prints it in "Guest Detailed Data"."""

    text: str
    version: str | None


def normalised(text: str) -> str:
    """The text in lower case, without trademarks, quotes, processor words and needless punctuation."""
    plain = unicodedata.normalize("NFKC", TRADEMARKS.sub(" ", WMI_TAIL.sub("", text))).casefold().strip()
    plain = re.sub(r"(?<=\d)_(?=\d)", ".", expanded_guest_id(plain)).replace("_", " ")
    plain = ARCHITECTURE.sub(" ", plain.replace("service pack", "sp").replace("x86 64", "x86_64"))
    return " ".join(re.sub(r"[|,;\"']|\(\s*\)", " ", plain).split())


def without_kernel(text: str) -> str:
    """The text without Linux kernel versions, whose numbers are not the distribution's."""
    return KERNEL.sub(" ", text)


def names_a_range(text: str) -> bool:
    """Whether the text leaves the version open: "2016 or later", "4/5/6/7", "7+"."""
    return RANGE.search(text) is not None


def guest_detail(text: str) -> GuestDetail | None:
    """The guest's own name and version out of a "Guest Detailed Data" cell; None when the text is no such cell."""
    pairs = {key.casefold(): value.strip() for key, value in GUEST_DETAIL.findall(text)}
    name = pairs.get("prettyname") or pairs.get("distroname")
    if not name:
        return None
    windows = "windows" in name.casefold()
    return GuestDetail(name, pairs.get("kernelversion" if windows else "distroversion") or None)


def expanded_guest_id(text: str) -> str:
    """The words a vSphere guest identifier such as "rhel7_64Guest" stands for; other texts come back unchanged."""
    if not text.endswith("guest") or " " in text:
        return text
    windows = WINDOWS_GUESTS.get(re.sub(r"(?:_?64)?guest$", "", text))
    if windows:
        return windows
    parts = GUEST_ID.match(text)
    if parts is None or parts["name"] not in UNIX_GUESTS:
        return text
    return f"{UNIX_GUESTS[parts['name']]} {_guest_major(parts['name'], parts['major'])}".strip()


def _guest_major(name: str, major: str | None) -> str:
    if name == "vmkernel" and major == "65":
        return "6.5"
    return "" if name == "vmkernel" and major == "6" else major or ""
