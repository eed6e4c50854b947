"""nmap scans."""

import tracemalloc
from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.inventory.importers.catalog import open_file
from tests.inventory.machine_files import MACHINES, estate_of, fields, rows, sheets_that_name_machines
from tests.inventory.makers import DATA, refusal_or, text_file

TWO_HOSTS, NETWORK = DATA / "nmap_2_hosts_version.xml", MACHINES / "nmap_os_scan6.xml"
HOST = """<host starttime="1" endtime="1700000000"><status state="up" reason="arp-response"/>
<address addr="10.0.0.5" addrtype="ipv4"/><address addr="2001:db8::5" addrtype="ipv6"/>
<address addr="00:50:56:AA:00:05" addrtype="mac" vendor="VMware"/>
<hostnames><hostname name="web01" type="user"/><hostname name="web01.corp.example" type="PTR"/></hostnames>
<ports><extraports state="closed" count="997"/>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack"/><service name="ssh" product="OpenSSH"
 version="8.9p1 Ubuntu 3" ostype="Linux"><cpe>cpe:/a:openbsd:openssh:8.9p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe>
</service></port>
<port protocol="tcp" portid="25"><state state="filtered" reason="no-response"/></port>
<port protocol="tcp" portid="80"><state state="closed" reason="reset"/></port>
<port protocol="udp" portid="161"><state state="open|filtered" reason="no-response"/></port></ports>
<os><osmatch name="Linux 4.15" accuracy="93"><osclass type="router" osfamily="Linux" accuracy="93"/></osmatch>
<osmatch name="Linux 5.15" accuracy="97"><osclass type="general purpose" vendor="Linux" osfamily="Linux" osgen="5.X"
 accuracy="97"><cpe>cpe:/o:linux:linux_kernel:5</cpe></osclass></osmatch></os>
<uptime seconds="3600" lastboot="Mon Nov 23 09:00:00 2026"/></host>
"""
DOWN = '<host><status state="down" reason="no-response"/><address addr="10.0.0.6" addrtype="ipv4"/></host>\n'


def scan(*hosts: str, doctype: str = "<!DOCTYPE nmaprun>", end: str = "") -> str:
    finished = end or '<runstats><finished time="1" exit="success"/></runstats></nmaprun>'
    return f'<?xml version="1.0"?>\n{doctype}\n<nmaprun scanner="nmap" version="7.94">\n{"".join(hosts)}{finished}'


def test_a_host_has_its_names_addresses_and_the_best_guess_of_its_system(tmp_path: Path) -> None:
    read = open_file(text_file(tmp_path, scan(HOST), name="scan.xml"))
    (host,) = rows(read, "hosts")
    assert (host["hostnames.user"], host["hostnames.PTR"]) == ("web01", "web01.corp.example")
    assert (host["address.ipv4"], host["address.ipv6"]) == ("10.0.0.5", "2001:db8::5")
    assert (host["address.mac"], host["address.mac.vendor"]) == ("00:50:56:AA:00:05", "VMware")
    assert (host["os.osmatch.name"], host["os.osmatch.accuracy"]) == ("Linux 5.15", 97)
    assert (host["os.osclass.type"], host["os.osclass.cpe"]) == ("general purpose", "cpe:/o:linux:linux_kernel:5")
    assert "device type" not in host
    assert host["ports.open"] == "22/tcp"
    assert read.traits == {"version": "7.94"}


def test_ports_that_are_not_closed_stand_in_a_sheet_of_their_own(tmp_path: Path) -> None:
    path = text_file(tmp_path, scan(HOST), name="scan.xml")
    first, *others = rows(open_file(path), "ports")
    assert (first["host"], first["host address"], first["portid"], first["protocol"]) == (
        "web01",
        "10.0.0.5",
        "22",
        "tcp",
    )
    assert (first["service.product"], first["service.version"]) == ("OpenSSH", "8.9p1 Ubuntu 3")
    assert first["service.cpe"] == "cpe:/a:openbsd:openssh:8.9p1, cpe:/o:linux:linux_kernel"
    assert [port["portid"] for port in others] == ["25", "161"]
    assert fields(path, "ports") == {}


def test_a_scanned_host_becomes_a_server(tmp_path: Path) -> None:
    (asset,) = estate_of(text_file(tmp_path, scan(HOST, DOWN), name="scan.xml")).assets
    assert (asset.hostname, asset.fqdn, asset.power_state) == ("web01", "web01.corp.example", "poweredOn")
    assert asset.ip_addresses == ("10.0.0.5", "2001:db8::5")
    assert asset.mac_addresses == ("00:50:56:aa:00:05",)
    assert asset.asset_type == "server"


def test_hosts_that_did_not_answer_are_listed_and_make_no_machines() -> None:
    read = open_file(NETWORK)
    assert [len(sheet.rows) for sheet in read.sheets] == [3, 11, 253]
    first, *_ = rows(read, "hosts without answer")
    assert (first["state"], first["reason"], first["host address"]) == ("down", "no-response", "192.168.1.0")
    assert sheets_that_name_machines(NETWORK) == {"hosts"}
    assert len(estate_of(NETWORK).assets) == 3


def test_the_real_scan_of_two_hosts() -> None:
    read = open_file(TWO_HOSTS)
    assert [row["hostnames.user"] for row in rows(read, "hosts")] == ["localhost", "scanme.nmap.org"]
    assert {row["service.name"] for row in rows(read, "ports")} >= {"ssh", "http"}
    assert read.rejects == ()


def test_a_device_type_counts_only_where_nmap_is_sure(tmp_path: Path) -> None:
    sure = HOST.replace('accuracy="97"', 'accuracy="100"').replace("general purpose", "WAP")
    unsure = HOST.replace("general purpose", "WAP")
    (one,) = rows(open_file(text_file(tmp_path, scan(sure), name="scan.xml")), "hosts")
    assert one["device type"] == "WAP"
    assert "device type" not in rows(open_file(text_file(tmp_path, scan(unsure), name="scan.xml")), "hosts")[0]


def test_of_a_scan_that_was_cut_off_everything_before_is_kept(tmp_path: Path) -> None:
    whole = scan(HOST, DOWN, HOST)
    read = open_file(text_file(tmp_path, whole[: whole.rindex("<os>")], name="scan.xml"))
    assert len(rows(read, "hosts")) == 1
    (reject,) = read.rejects
    assert reject.code == "file.cut_off"
    assert "2 hosts before this place were read" in reject.message
    assert reject.place.row


def test_every_cut_of_a_scan_is_read_or_refused(tmp_path: Path) -> None:
    whole = scan(HOST, DOWN)
    start = len('<?xml version="1.0"?>\n<!DOCTYPE nmaprun>\n<nmaprun ')
    for length in range(start, len(whole), 37):
        path = text_file(tmp_path, whole[:length], name="scan.xml")
        found = refusal_or(lambda path=path: open_file(path))
        assert found.reason == "no_data_rows" if isinstance(found, FileRejected) else found.rejects


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE nmaprun [<!ENTITY x "y">]>',
        '<!DOCTYPE nmaprun [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE nmaprun SYSTEM "http://example.com/nmap.dtd">',
        '<!DOCTYPE nmaprun PUBLIC "a" "http://example.com/nmap.dtd">',
        '<!DOCTYPE nmaprun [<!ENTITY % x SYSTEM "http://example.com/x"> %x;]>',
        "<!DOCTYPE nmaprun [<!ELEMENT nmaprun ANY>]>",
    ],
)
def test_entities_and_outside_definitions_are_refused(tmp_path: Path, doctype: str) -> None:
    with pytest.raises(FileRejected, match="declares entities or refers to a DTD") as refused:
        open_file(text_file(tmp_path, scan(HOST, doctype=doctype), name="scan.xml"))
    assert refused.value.reason == "unsafe_xml"


def test_entities_far_behind_the_start_are_refused_too(tmp_path: Path) -> None:
    far = f"<!--{' <nmaprun ' * 10_000}-->" + '<!DOCTYPE nmaprun [<!ENTITY x "y">]>'
    with pytest.raises(FileRejected) as refused:
        open_file(text_file(tmp_path, scan(HOST, doctype=far), name="scan.xml"))
    assert refused.value.reason == "unsafe_xml"


@pytest.mark.parametrize(
    "content", [scan(), scan(end="<host"), '<?xml version="1.0" encoding="x-none"?><nmaprun a="1"/>']
)
def test_a_scan_without_hosts_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(FileRejected, match="holds no host") as refused:
        open_file(text_file(tmp_path, content, name="scan.xml"))
    assert refused.value.reason == "no_data_rows"


def test_a_scan_that_was_stopped_says_so(tmp_path: Path) -> None:
    stopped = '<runstats><finished time="1" exit="error"/></runstats></nmaprun>'
    assert open_file(text_file(tmp_path, scan(DOWN, end=stopped), name="scan.xml")).traits["exit"] == "error"


def test_a_large_scan_needs_no_more_memory_than_its_hosts(tmp_path: Path) -> None:
    closed = '<port protocol="tcp" portid="1"><state state="closed" reason="reset"/></port>' * 300
    host = DOWN.replace("</host>", f"<ports>{closed}</ports></host>")
    path = text_file(tmp_path, scan(host * 40), name="scan.xml")
    tracemalloc.start()
    read = open_file(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(read.sheets[0].rows) == 40
    assert peak < 3 * 2**20, "the whole document as elements takes 10 MiB"
