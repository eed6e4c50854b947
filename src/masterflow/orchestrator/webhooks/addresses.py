"""Where a webhook may point: nowhere into the network that this process can reach and its users cannot.

A URL is judged when it is given, and its host's address each time something is sent. The address that was judged is the
one that is connected to, so a name that changes its mind between the two changes nothing.
"""

import asyncio
import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from masterflow.errors import InvalidInput

LONGEST_URL = 2_000  # characters
LOWEST_FREE_PORT = 1024
DEFAULT_PORTS = {"https": 443, "http": 80}
HINT = "Give an https:// URL of a public host; MASTERFLOW_WEBHOOKS_ALLOW_PRIVATE=true allows internal ones."

Address = IPv4Address | IPv6Address

# Beside what `is_global` knows: forms that carry another address, and hosts that serve clouds under a public address.
_NEVER = [
    ip_network(text)
    for text in (
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10",
        "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "100.64.0.0/10", "240.0.0.0/4", "168.63.129.16/32",
    )
]  # fmt: skip
# Inside, and yet nothing of the user's: a cloud's metadata, neighbours on the wire, everybody and nobody.
_NEVER_INSIDE = [
    ip_network(text)
    for text in (
        "169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32", "168.63.129.16/32", "0.0.0.0/8",
        "::/128", "255.255.255.255/32", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16",
    )
]  # fmt: skip
_PRINTABLE = re.compile(r"[!-~]+")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_INSIDE = re.compile(r"[^.]+|.*\.(?:localhost|local|internal)")  # names that no public host has
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")


class Forbidden(InvalidInput):
    """A webhook may not point there; unlike a host without an address, that is not over in a while."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart. `host` is a lower-case name or an address in its one canonical form."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as the Host header says them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def at(self, address: Address) -> str:
        """The URL that reaches `address` and no other."""
        host = f"[{address}]" if address.version == 6 else str(address)
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def target_of(url: str, *, allow_private: bool) -> Target:
    """`url` taken apart, if a webhook may point there as far as it can be told without asking for the host's address.

    Raises:
        Forbidden: it may not; the message says why.
    """
    if len(url) > LONGEST_URL or not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise _refused(f"it has more than {LONGEST_URL} characters, or some that a URL cannot have")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused("it cannot be read") from None
    if parts.scheme not in ({"https", "http"} if allow_private else {"https"}):
        raise _refused("it does not begin with https://")
    if "@" in parts.netloc or parts.fragment:
        raise _refused("it has a user name, a password or a fragment")
    target = Target(
        parts.scheme,
        _host(host),
        _port(DEFAULT_PORTS[parts.scheme] if port is None else port),
        (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
    )
    address = _as_address(target.host)
    if address is not None:
        judge(address, allow_private=allow_private)
    elif not allow_private and _INSIDE.fullmatch(target.host):
        raise _refused(f"{target.host} is no name of a public host")
    return target


def judge(address: Address, *, allow_private: bool) -> None:
    """Let a webhook connect to `address`, or not.

    Raises:
        Forbidden: it lies in a network that is not public, and none such is allowed.
    """
    if allow_private:
        reachable = not address.is_multicast and not _in(address, _NEVER_INSIDE)
    else:
        reachable = address.is_global and not address.is_multicast and not _in(address, _NEVER)
    if not reachable:
        raise _refused(f"{address} is no public address")


async def resolve(target: Target, *, allow_private: bool) -> Address:
    """The one address to connect to. A host that has several, one of them forbidden, is refused as a whole.

    Raises:
        InvalidInput: the host has no address.
        Forbidden: it has a forbidden one.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise InvalidInput(_message(f"{target.host} has no address"), hint=HINT) from None
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        judge(address, allow_private=allow_private)
    return addresses[0]


def _host(host: str) -> str:
    """A host in its one form: names in lower case without the root's dot, addresses as they are always written."""
    address = _as_address(host)
    if address is not None:
        return str(address)
    name = host.removesuffix(".")
    if len(name) > 253 or not _NAME.fullmatch(name):
        raise _refused("its host is no name and no address; write other alphabets as xn--…")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        raise _refused("its host is a number; write an address as four numbers from 0 to 255")
    return name


def _port(port: int) -> int:
    if port == 0 or (port < LOWEST_FREE_PORT and port not in DEFAULT_PORTS.values()):
        raise _refused(f"port {port} is not one for this: take 443, 80 or one from {LOWEST_FREE_PORT}")
    return port


def _as_address(host: str) -> Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.scope_id:
        raise _refused("its address names a network card")
    return address


def _in(address: Address, networks: list[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)


def _refused(why: str) -> Forbidden:
    return Forbidden(_message(why), hint=HINT)


def _message(why: str) -> str:
    return f"No webhook can point there: {why}."
