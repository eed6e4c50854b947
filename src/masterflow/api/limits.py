"""How often somebody unknown may try to sign in: a bucket for each address and one for all, in this process."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from masterflow.errors import TooManyRequests

PER_ADDRESS = 10  # tries at once, and again in a minute
FOR_ALL = 120
REFILLED_IN = timedelta(minutes=1)
MOST_ADDRESSES = 10_000
IPV6_SITE_BITS = 64  # one household or server


@dataclass(slots=True)
class Bucket:
    """So many tries at once; what was used comes back evenly within a minute."""

    size: int
    left: float
    seen: float  # seconds of the process's clock

    def missing(self, now: float) -> float:
        """Seconds until the next try is free; 0 if one is."""
        per_second = self.size / REFILLED_IN.total_seconds()
        self.left = min(self.size, self.left + (now - self.seen) * per_second)
        self.seen = now
        return 0.0 if self.left >= 1 else (1 - self.left) / per_second


@dataclass(slots=True)
class SignInLimit:
    """The tries of every address, the one seen longest ago forgotten first."""

    clock: Callable[[], float] = time.monotonic
    _all: Bucket = field(init=False)
    _by_address: dict[str, Bucket] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._all = Bucket(FOR_ALL, FOR_ALL, self.clock())

    def take(self, address: str) -> None:
        """Count one try.

        Raises:
            TooManyRequests: the address, or everybody together, tried too often; says when to try again.
        """
        now, site = self.clock(), site_of(address)
        bucket = self._by_address.pop(site, None) or Bucket(PER_ADDRESS, PER_ADDRESS, now)
        self._by_address[site] = bucket
        if len(self._by_address) > MOST_ADDRESSES:
            del self._by_address[next(iter(self._by_address))]
        wait = max(bucket.missing(now), self._all.missing(now))
        if wait:
            raise TooManyRequests(
                "Too many sign-ins were tried.",
                hint="Wait a little, then open the link again: it is still good.",
                retry_after=timedelta(seconds=wait),
            )
        bucket.left -= 1
        self._all.left -= 1


def site_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the network that a single IPv6 customer has."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(ip_network((parsed, IPV6_SITE_BITS), strict=False))
