"""Windows texts: server years, client releases, service packs, editions and build numbers.

"Windows 2012 Standard", "Win2k8 R2", "Microsoft Windows NT Server 6.3" and "Windows" with version "10.0.20348" all name
a release; a service pack that is not named is taken to be the last one, which is what the dates assume everywhere.
"""

import re

from masterflow.analysis.eol.names import own_words
from masterflow.analysis.eol.snapshot import Cycle, product
from masterflow.analysis.eol.support import ProductMatch
from masterflow.analysis.eol.texts import names_a_range

SERVER = "windows-server"
CLIENT = "windows"

WINDOWS = re.compile(r"\bwindows|\bwin(?=[ -]?(?:nt|xp|vista|\d|server|srv|2k))|\bw2k|\bws ?20\d\d")
OTHER_PRODUCTS = re.compile(
    r"\b(?:phone|mobile|storage server|small business|sbs|hyper-v server|home server|subsystem|wsl|nano server|embedded"
    r"|posready|ce|compact|preinstallation|multipoint|powershell)\b|\bwindows (?:rt|pe|9[58]|me|3\.\d+)\b"
)
SHORT_YEAR = re.compile(r"2k(?P<year>25|22|19|16|12|0?8|0?3)?(?!\d)")
SERVER_YEAR = re.compile(r"(?<![\d.])(20(?:00|03|08|12|16|19|22|25))(?![\d.]\d)")
CLIENT_RELEASE = re.compile(r"\b(?:windows|win)\s*(?P<name>11|10|8\.1|8|7|vista|xp)(?P<open>\.x)?(?![.\d])")
CLIENT_BASES = {"vista": "6", "xp": "5"}
FEATURE_UPDATE = re.compile(r"\b(1507|1511|1607|1703|1709|1803|1809|1903|1909|2004|2\dh[12])\b")
LONG_TERM = re.compile(r"\blts[bc]\b")
LONG_TERM_UPDATE = {"2015": "1507", "2016": "1607", "2019": "1809", "2021": "21h2", "2024": "24h2"}
ENTERPRISE = re.compile(r"\b(?:enterprise|education|ent|edu)\b")
HOME = re.compile(r"\b(?:home|pro|professional|core|workstations)\b")
SERVICE_PACK = re.compile(r"\bsp ?-?(\d)\b")
NT_VERSION = re.compile(r"\bnt (?:advanced )?server (\d+\.\d+)")
NT_SERVERS = {"5.0": "2000", "5.2": "2003", "6.0": "2008", "6.1": "2008-r2", "6.2": "2012", "6.3": "2012-r2"}
BUILD = re.compile(r"(?<![\d.])(5\.[0-2]|6\.[0-3]|10\.0)(?:\.|[ (]+(?:build )?)(\d{4,5})\b|\bbuild (\d{4,5})\b")

SERVICE_PACK_ASSUMED = "no service pack is named; the dates are those of the last one"


def is_windows(text: str) -> bool:
    """Whether a normalised text speaks of Windows."""
    return WINDOWS.search(text) is not None


def windows_match(text: str, version: str) -> ProductMatch:
    """The Windows product and release that a normalised text, and a version column beside it, name."""
    named = WINDOWS.search(text)
    spaced = _spaced(own_words(text[named.start() :] if named else text))
    if OTHER_PRODUCTS.search(spaced):
        return ProductMatch(None, None, 0.0, "a Windows product whose dates are not in the data")
    build = _build(f"{text} {version}")
    client = CLIENT_RELEASE.search(spaced)
    base = _server_base(spaced) or (None if client else _server_base(_spaced(version)))
    if base and not LONG_TERM.search(spaced):
        return _server_match(base, f"{spaced} {_spaced(version)}", build=build)
    client = client or CLIENT_RELEASE.search(_spaced(f"windows {version}"))
    if client and "server" not in spaced:
        return _client_match(client, f"{spaced} {version}", build=build)
    if re.search(r"\b(?:server|srv)\b", spaced):
        return _server_without_year(f"{spaced} {version}", build=build)
    return _by_build_alone(build)


def _spaced(text: str) -> str:
    text = SHORT_YEAR.sub(lambda m: f" 20{(m['year'] or '00').zfill(2)} ", text)
    text = re.sub(r"(windows|server|srv|\bwin|\bws)[-_]?(?=\d|server|srv)", r"\1 ", text)
    text = re.sub(r"(?<=\d)[ -]?(r2|sp ?\d)(?=[a-z])?", r" \1 ", text)
    return re.sub(r"(20\d\d)(?=[a-z])", r"\1 ", text)


def _server_base(text: str) -> str | None:
    nt = NT_VERSION.search(text)
    if nt:
        return NT_SERVERS.get(nt[1])
    year = SERVER_YEAR.search(text)
    if year is None:
        return None
    release_2 = year[1] in {"2008", "2012"} and re.search(r"\br2\b", text)
    return f"{year[1]}-r2" if release_2 else year[1]


def _server_match(base: str, text: str, *, build: str | None) -> ProductMatch:
    if base == "2000" and re.search(r"\b(?:professional|pro|workstation)\b", text):
        return _only(CLIENT, "the data holds no dates for Windows 2000 Professional")
    by_build = _by_build(build)
    if names_a_range(text) or len(set(SERVER_YEAR.findall(text))) > 1:
        return _from_build(by_build) or _only(SERVER, "the text names a range of releases")
    line = _line(SERVER, base)
    if by_build and not set(by_build) & set(line):
        return _of_contradicting_build(base, by_build[0])
    return _with_service_pack(SERVER, line, text=text)


def _of_contradicting_build(base: str, by_build: Cycle) -> ProductMatch:
    if by_build.name == f"{base}-r2" or by_build.name.startswith(f"{base}-r2-"):
        return ProductMatch(SERVER, by_build, 0.9, "the build number names the R2 release")
    return _only(SERVER, f"the name says {base}, the build number says {by_build.name}")


def _with_service_pack(product_id: str, line: list[Cycle], *, text: str) -> ProductMatch:
    packs = [c for c in line if "-sp" in c.name]
    if not packs:
        found = line[0] if line else None
        return ProductMatch(product_id, found, 1.0) if found else _only(product_id, "the release is not in the data")
    named = SERVICE_PACK.search(text)
    if named is None:
        return ProductMatch(product_id, max(packs, key=lambda c: c.name), 0.9, SERVICE_PACK_ASSUMED)
    exact = next((c for c in packs if c.name.endswith(f"-sp{named[1]}")), None)
    if exact is None:
        return _only(product_id, f"the data holds no dates for service pack {named[1]}")
    return ProductMatch(product_id, exact, 1.0)


def _server_without_year(text: str, *, build: str | None) -> ProductMatch:
    update = FEATURE_UPDATE.search(text)
    channel = [c for c in product(SERVER).cycles if update and c.name in {f"{update[1]}-sac", f"{update[1]}-ac"}]
    if channel:
        return ProductMatch(SERVER, channel[0], 1.0)
    return _from_build(_by_build(build)) or _only(SERVER, "the release is not named")


def _by_build(build: str | None) -> list[Cycle]:
    """The long-term server releases of a build number."""
    return [c for c in _cycles_of_build(SERVER, build) if not c.name.endswith(("-sac", "-ac"))]


def _from_build(by_build: list[Cycle]) -> ProductMatch | None:
    if not by_build:
        return None
    return ProductMatch(SERVER, by_build[0], 0.8, "the release follows from the build number")


def _client_match(found: re.Match[str], text: str, *, build: str | None) -> ProductMatch:
    if found["open"] or names_a_range(text):
        return _only(CLIENT, "the text names a range of releases")
    base = CLIENT_BASES.get(found["name"], found["name"])
    if base not in {"10", "11"}:
        return _with_service_pack(CLIENT, _line(CLIENT, base), text=text)
    update = _feature_update(text)
    cycles = [c for c in product(CLIENT).cycles if c.name.startswith(f"{base}-")]
    if update:
        candidates = [c for c in cycles if c.name.split("-")[1] == update]
    else:
        candidates = [c for c in cycles if c in _cycles_of_build(CLIENT, build)]
    return _by_edition(candidates, text)


def _feature_update(text: str) -> str | None:
    if LONG_TERM.search(text):
        year = re.search(r"\b(2015|2016|2019|2021|2024)\b", text)
        if year:
            return LONG_TERM_UPDATE[year[1]]
    found = FEATURE_UPDATE.search(text)
    return found[1] if found else None


def _by_edition(candidates: list[Cycle], text: str) -> ProductMatch:
    long_term = LONG_TERM.search(text) is not None
    iot = re.search(r"\biot\b", text) is not None
    fitting = [c for c in candidates if ("lts" in c.name) is long_term and ("iot" in c.name) is iot]
    if ENTERPRISE.search(text):
        fitting = [c for c in fitting if "-w" not in c.name]
    elif HOME.search(text):
        fitting = [c for c in fitting if "-e" not in c.name]
    if len({(c.ends, c.extended_ends) for c in fitting}) == 1:
        return ProductMatch(CLIENT, fitting[0], 1.0)
    missing = "the edition, which decides the dates, is not named" if fitting else "the feature update is not named"
    return _only(CLIENT, missing)


def _by_build_alone(build: str | None) -> ProductMatch:
    servers, clients = _cycles_of_build(SERVER, build), _cycles_of_build(CLIENT, build)
    if servers and not clients:
        return ProductMatch(SERVER, servers[0], 0.8, "the release follows from the build number")
    if clients and not servers and len({c.ends for c in clients}) == 1:
        return ProductMatch(CLIENT, clients[0], 0.8, "the release follows from the build number")
    if clients and not servers:
        return _only(CLIENT, "the edition, which decides the dates, is not named")
    return ProductMatch(None, None, 0.0, "the text names the Windows family, not a release")


def _build(text: str) -> str | None:
    found = BUILD.search(text)
    return (found[2] or found[3]) if found else None


def _cycles_of_build(product_id: str, build: str | None) -> list[Cycle]:
    if build is None:
        return []
    return [c for c in product(product_id).cycles if (c.latest or "").split(".")[-1] == build]


def _line(product_id: str, base: str) -> list[Cycle]:
    pack = re.compile(rf"{re.escape(base)}(?:-sp\d)?")
    return [c for c in product(product_id).cycles if pack.fullmatch(c.name)]


def _only(product_id: str, why: str) -> ProductMatch:
    return ProductMatch(product_id, None, 0.5, why)
