import pytest

from masterflow.analysis.estate.finder import Machine, MachineFinder, Missed
from masterflow.analysis.estate.tabular import read_tabular
from masterflow.analysis.estate.uuids import swap_bytes
from tests.analysis.estate.sheets import mapped

UUID = "423b06bd-4457-4279-897b-c6eda6c18d7a"
FIELDS = {
    "Name": "asset_name",
    "FQDN": "fqdn",
    "IP": "ip_address",
    "Id": "external_id",
    "UUID": "uuid",
    "Instance": "instance_id",
    "Class": "asset_type",
}
ROWS = [
    ["db_01", "db01.x.example", "10.1.1.1", "n-1", UUID, None, None],
    ["gate", "gate.x.example", "10.1.1.2", "n-2", None, "i-0a", None],
    ["gate", "gate.y.example", "10.1.1.3", "n-3", None, None, None],
    ["web", None, "10.1.1.4", "n-4", None, None, None],
    ["esx1.x.example", None, "10.1.1.2", "n-5", None, None, "ESX Server"],
    ["Payroll server (old)", None, None, "n-6", None, None, None],
]


def finder(second_file=()):
    sheets = [mapped(list(FIELDS), ROWS, FIELDS, kind="cmdb"), mapped(list(FIELDS), second_file, FIELDS, file="b.csv")]
    return MachineFinder([[record] for sheet in sheets for record in read_tabular(sheet).records])


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("db_01", 0),
        ("DB-01", 0),
        ("db01.X.example", 0),
        ("db01.x.example.", 0),
        ("db-01 (PROD)", 0),
        ("db-01 [test]", 0),
        ("10.1.1.1", 0),
        ("gate.y.example", 2),
        ("i-0A", 1),
        ("web.anything.example", 3),
        ("esx1", 4),
        ("payroll server (OLD)", 5),
        ("gate", Missed.AMBIGUOUS),
        ("10.1.1.2", Missed.AMBIGUOUS),
        ("gate.z.example", Missed.UNKNOWN),
        ("web (old)", Missed.UNKNOWN),
        ("nobody", Missed.UNKNOWN),
    ],
)
def test_a_text_finds_the_one_machine_that_it_names(text, index):
    found = finder().find(text)
    assert (found.index if isinstance(found, Machine) else found) == index


def test_a_machine_tells_its_usual_name_and_whether_it_is_a_hypervisor():
    assert finder().find("db-01") == Machine(0, "db01.x.example", is_host=False)
    assert finder().find("esx1") == Machine(4, "esx1.x.example", is_host=True)


def test_ids_are_found_within_their_kind_of_source_and_uuids_in_either_byte_order():
    assert finder().by_id("cmdb", "N-4").index == 3
    assert finder().by_id("other", "n-4") is Missed.UNKNOWN
    assert finder().by_id("other", swap_bytes(UUID).upper()).index == 0


def test_of_several_machines_the_file_of_the_text_names_its_own():
    known = finder([["gate", None, "10.9.9.9", None, None, None, None]])
    assert known.find("gate") is Missed.AMBIGUOUS
    assert known.find("gate", file="b.csv").index == 6
    assert known.find("gate", file="servers.csv") is Missed.AMBIGUOUS
