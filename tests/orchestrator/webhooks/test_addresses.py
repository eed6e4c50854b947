"""No form of a URL leads a webhook into the network behind this process."""

import asyncio
import socket
from collections.abc import AsyncIterator
from ipaddress import ip_address

import pytest

from masterflow.db.sealing import Sealer
from masterflow.db.session import Database
from masterflow.errors import InvalidInput
from masterflow.orchestrator.webhooks.addresses import Forbidden, judge, resolve, target_of
from masterflow.orchestrator.webhooks.sender import Sender
from tests.conftest import Cast
from tests.orchestrator.webhooks.conftest import make_due, plant

# PORT is the canary's.
FORBIDDEN = [
    "http://127.0.0.1:PORT/", "https://127.0.0.1:PORT/", "https://localhost:PORT/", "https://LOCALHOST:PORT/",
    "https://localhost.:PORT/", "https://127.1:PORT/", "https://127.0.1:PORT/", "https://2130706433:PORT/",
    "https://0x7f000001:PORT/", "https://0x7f.0.0.1:PORT/", "https://0X7F.0.0.1:PORT/", "https://017700000001:PORT/",
    "https://0177.0.0.1:PORT/", "https://127.0.0.01:PORT/", "https://127.0.0.0x1:PORT/", "https://127.0.0.1.:PORT/",
    "https://0:PORT/", "https://0.0.0.0:PORT/", "https://[::]:PORT/", "https://[::1]:PORT/",
    "https://[0:0:0:0:0:0:0:1]:PORT/", "https://[::ffff:127.0.0.1]:PORT/", "https://[::ffff:7f00:1]:PORT/",
    "https://[::127.0.0.1]:PORT/", "https://[64:ff9b::7f00:1]:PORT/", "https://[64:ff9b:1::7f00:1]:PORT/",
    "https://[2002:7f00:1::]:PORT/", "https://[2001:0:7f00:1::]:PORT/", "https://[fe80::1]:PORT/",
    "https://[fe80::1%25lo]:PORT/", "https://[fe80::1%lo]:PORT/", "https://[fc00::1]:PORT/", "https://[fd00:ec2::254]/",
    "https://[fec0::1]:PORT/", "https://[ff02::1]:PORT/", "https://10.0.0.1/", "https://172.16.0.1/",
    "https://172.31.255.255/", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data/",
    "https://169.254.0.1/", "https://100.64.0.1/", "https://100.100.100.200/", "https://168.63.129.16/",
    "https://192.0.0.192/", "https://198.18.0.1/", "https://224.0.0.1/", "https://239.1.1.1/", "https://240.0.0.1/",
    "https://255.255.255.255/", "https://192.0.2.1/", "https://[2001:db8::1]/", "https://user@127.0.0.1:PORT/",
    "https://hooks.example@127.0.0.1:PORT/", "https://u:p@hooks.example/", "https://@127.0.0.1:PORT/",
    "https://127.0.0.1:PORT\\@hooks.example/", "https://hooks.example\\@127.0.0.1:PORT/",
    "https://hooks.example:22/", "https://hooks.example:25/", "https://hooks.example:0/",
    "https://hooks.example:99999/", "https://hooks.example:x/", "https://①②⑦.⓪.⓪.①:PORT/",
    "https://127。0。0。1:PORT/", "https://ｌｏｃａｌｈｏｓｔ:PORT/", "https://%31%32%37.0.0.1:PORT/",
    "https://127.0.0.1%00.hooks.example/", "https://hooks.example/#x", "https:///path", "https://", "//127.0.0.1:PORT/",
    "127.0.0.1:PORT", "ftp://hooks.example/", "file:///etc/passwd", "gopher://127.0.0.1:PORT/", "javascript:alert(1)",
    "https://127.0.0.1:PORT /", " https://127.0.0.1:PORT/", "https://127.0.0.1\t:PORT/", "https://127.0.0.1\n:PORT/",
    "https://[127.0.0.1]:PORT/", "https://[::1:PORT/", "https://-hooks.example/", "https://hooks..example/",
    "https://hooks.example/" + "a" * 2000,
]  # fmt: skip


@pytest.fixture
async def canary() -> AsyncIterator[tuple[int, list[object]]]:
    """A listener on every loopback address that notes who comes."""
    seen: list[object] = []

    def came(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(writer.get_extra_info("peername"))
        writer.close()

    four = await asyncio.start_server(came, "127.0.0.1", 0)
    port = four.sockets[0].getsockname()[1]
    servers = [four]
    if socket.has_dualstack_ipv6():
        servers.append(await asyncio.start_server(came, "::1", port))
    yield port, seen
    for server in servers:
        server.close()
        await server.wait_closed()


def test_the_table_is_long_enough() -> None:
    assert len(set(FORBIDDEN)) == len(FORBIDDEN) >= 60


async def test_no_form_reaches_the_canary(database: Database, cast: Cast, canary: tuple[int, list[object]]) -> None:
    """Planted behind the service's back, so that the sender alone has to hold."""
    port, seen = canary
    urls = [url.replace("PORT", str(port)) for url in FORBIDDEN]
    for url in urls:
        await plant(database, cast.tenant, url)
    assert await Sender(database, Sealer([bytes(32)])).run_once() == len(urls)
    async with database.moving() as connection:
        rows = await connection.fetch("SELECT status_code, error FROM webhook_deliveries")
    assert {row["status_code"] for row in rows} == {None}
    assert all(row["error"].startswith("No webhook can point there") for row in rows)
    assert seen == []


@pytest.mark.parametrize("url", FORBIDDEN)
def test_what_can_be_told_from_the_url_is_refused_at_once(url: str) -> None:
    with pytest.raises(InvalidInput, match="No webhook can point there"):
        target_of(url.replace("PORT", "8443"), allow_private=False)


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("https://hooks.example", "hooks.example", "/"),
        ("https://Hooks.Example./a?b=c", "hooks.example", "/a?b=c"),
        ("HTTPS://hooks.example:8443/x", "hooks.example:8443", "/x"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", "/"),
        ("https://93.184.216.34/", "93.184.216.34", "/"),
        ("https://[2606:2800:220:1::1]:8443/", "[2606:2800:220:1::1]:8443", "/"),
    ],
)
def test_a_public_host_is_allowed(url: str, authority: str, path: str) -> None:
    target = target_of(url, allow_private=False)
    assert (target.authority, target.path) == (authority, path)


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost.", "a.localhost", "printer.local", "db.prod.internal", "postgres", "metadata"]
)
def test_a_name_of_the_inside_is_for_who_allows_internal_hosts(host: str) -> None:
    with pytest.raises(Forbidden, match="is no name of a public host"):
        target_of(f"https://{host}/", allow_private=False)
    assert target_of(f"https://{host}/", allow_private=True).host == host.lower().removesuffix(".")
    assert target_of(f"https://{host.removesuffix('.')}.example/", allow_private=False)


async def test_a_host_that_leads_inside_is_tried_three_times_and_one_without_address_for_a_day(
    database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def getaddrinfo(host: str, port: int, **_: object) -> list[tuple]:
        if host == "nowhere.example":
            raise socket.gaierror(-2, "Name or service not known")
        return [(None, None, None, None, ("10.0.0.1", port))]

    inside = await plant(database, cast.tenant, "https://inside.example/")
    nowhere = await plant(database, cast.tenant, "https://nowhere.example/")
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    sender = Sender(database, Sealer([bytes(32)]))
    for _ in range(4):
        await sender.run_once()
        await make_due(database)
    async with database.moving() as connection:
        rows = await connection.fetch("SELECT webhook_id, state, attempts FROM webhook_deliveries")
    assert {row["webhook_id"]: (row["state"], row["attempts"]) for row in rows} == {
        inside: ("failed", 3),
        nowhere: ("pending", 4),
    }


def test_the_judged_address_is_the_one_that_is_asked() -> None:
    target = target_of("https://hooks.example/in?x=1", allow_private=False)
    assert target.at(ip_address("93.184.216.34")) == "https://93.184.216.34:443/in?x=1"
    assert target.at(ip_address("2606:2800:220:1::1")) == "https://[2606:2800:220:1::1]:443/in?x=1"


@pytest.mark.parametrize("url", ["http://10.1.2.3/", "https://192.168.0.9:8443/", "http://127.0.0.1:9000/"])
def test_internal_hosts_are_for_who_allows_them(url: str) -> None:
    assert target_of(url, allow_private=True).at(ip_address("10.1.2.3"))


@pytest.mark.parametrize(
    "text",
    ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "224.0.0.1", "0.0.0.0", "::", "fe80::1"],
)
def test_not_even_who_allows_internal_hosts_reaches_a_clouds_metadata(text: str) -> None:
    with pytest.raises(InvalidInput, match="no public address"):
        judge(ip_address(text), allow_private=True)


async def test_a_host_with_one_forbidden_address_is_refused_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers a public address first and a private one next is how rebinding begins."""
    answers = [["93.184.216.34", "10.0.0.1"], ["93.184.216.34"]]

    async def getaddrinfo(host: str, port: int, **_: object) -> list[tuple]:
        return [(None, None, None, None, (address, port)) for address in answers.pop(0)]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    target = target_of("https://hooks.example/", allow_private=False)
    with pytest.raises(InvalidInput, match=r"10\.0\.0\.1 is no public address"):
        await resolve(target, allow_private=False)
    assert str(await resolve(target, allow_private=False)) == "93.184.216.34"


async def test_a_host_without_an_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(*_: object, **__: object) -> list[tuple]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    with pytest.raises(InvalidInput, match=r"hooks\.example has no address"):
        await resolve(target_of("https://hooks.example/", allow_private=False), allow_private=False)
