"""How often somebody unknown may try to sign in."""

from dataclasses import dataclass

import pytest

from masterflow.api import limits
from masterflow.api.limits import FOR_ALL, PER_ADDRESS, SignInLimit, site_of
from masterflow.errors import TooManyRequests


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def tried(limit: SignInLimit, address: str, times: int) -> int:
    """How many of so many tries are let through."""
    passed = 0
    for _ in range(times):
        try:
            limit.take(address)
        except TooManyRequests:
            continue
        passed += 1
    return passed


def test_an_address_has_its_tries_and_gets_them_back_within_a_minute() -> None:
    clock = Clock()
    limit = SignInLimit(clock)
    assert tried(limit, "192.0.2.1", 50) == PER_ADDRESS
    clock.now += 6
    assert tried(limit, "192.0.2.1", 50) == 1
    clock.now += 3600
    assert tried(limit, "192.0.2.1", 50) == PER_ADDRESS


def test_the_refusal_says_when_the_next_try_is_free() -> None:
    clock = Clock()
    limit = SignInLimit(clock)
    tried(limit, "192.0.2.1", PER_ADDRESS)
    with pytest.raises(TooManyRequests) as refused:
        limit.take("192.0.2.1")
    assert refused.value.retry_after.total_seconds() == pytest.approx(6)


def test_one_address_does_not_use_up_anothers_tries_but_all_together_have_an_end() -> None:
    limit = SignInLimit(Clock())
    assert [tried(limit, f"192.0.2.{n}", 2) for n in range(3)] == [2, 2, 2]
    assert sum(tried(limit, f"198.51.100.{n}", PER_ADDRESS) for n in range(200)) == FOR_ALL - 6


def test_the_addresses_kept_are_bounded_and_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_ADDRESSES", 2)
    limit = SignInLimit(Clock())
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.3"):
        limit.take(address)
    assert list(limit._by_address) == ["192.0.2.1", "192.0.2.3"]


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_a_network_of_one_customer_counts_as_one_address(address: str, site: str) -> None:
    assert site_of(address) == site
