"""Which importers exist and which one a file belongs to."""

import zipfile
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from masterflow.errors import ConfigurationInvalid, FileRejected
from masterflow.inventory.importers import catalog
from masterflow.inventory.importers.catalog import all_importers, collected, open_file, recognise
from masterflow.inventory.reading import FileHead, FileRead, Importer, RawRow, Sheet
from tests.inventory.makers import DATA, text_file


def reads_nothing(head: FileHead) -> FileRead:
    return FileRead("toy", (Sheet("toy", 1, ("a",), (RawRow(2, ("b",)),)),), file=head.name)


TOY = Importer(
    name="toy", title="Toy", recognises=lambda head: 1.0 if head.start.startswith(b"toy") else 0.0, reads=reads_nothing
)


def test_the_importers_of_the_folder_are_found_by_name() -> None:
    names = [importer.name for importer in all_importers()]
    assert names == sorted(names)
    assert {"dependency_csv", "json_records", "rvtools", "servicenow", "tabular", "nmap", "terraform"} <= set(names)


def test_two_importers_with_one_name_are_refused_with_both_places() -> None:
    with pytest.raises(
        ConfigurationInvalid, match=r'Two importers are called "toy": here and there\. Rename one of them'
    ):
        collected([("here", TOY), ("there", TOY)])


def test_what_is_no_importer_is_refused() -> None:
    with pytest.raises(ConfigurationInvalid, match="here is a str, not an Importer"):
        collected([("here", "toy")])


def test_an_importer_of_another_package_is_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = EntryPoint("toy", f"{__name__}:TOY", catalog.ENTRY_POINTS)
    monkeypatch.setattr(EntryPoint, "load", lambda self: TOY)
    monkeypatch.setattr(catalog, "entry_points", lambda group: EntryPoints([point]).select(group=group))
    all_importers.cache_clear()
    try:
        assert recognise(text_file(tmp_path, "toy,format\n1,2\n")).name == "toy"
        assert open_file(text_file(tmp_path, "toy,format\n1,2\n")).format == "toy"
    finally:
        all_importers.cache_clear()


def test_an_importer_that_knows_its_format_beats_the_list_of_unread_formats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loki = Importer(name="loki", title="Loki", recognises=lambda head: 0.9, reads=reads_nothing)
    monkeypatch.setattr(catalog, "all_importers", lambda: (loki,))
    assert recognise(text_file(tmp_path, '{"resultType": "streams"}', name="loki.json")).name == "loki"


@pytest.mark.parametrize(
    ("file", "importer"),
    [
        ("rvtools_v4.7_small.xlsx", "rvtools"),
        ("rvtools_minimal_synthetic.xlsx", "rvtools"),
        ("device42_devices.json", "device42"),
        ("facter_debian-12.json", "facter"),
        ("dmidecode_cut.out", "dmidecode"),
        ("glpi_dbs_partial.json", "glpi"),
        ("nmap_2_hosts_version.xml", "nmap"),
        ("konveyor_sample_applications.csv", "konveyor"),
        ("konveyor_template_application_import.csv", "konveyor"),
        ("cast_highlight_short_valid.csv", "cast_highlight"),
        ("aws_cmf_server_list.csv", "aws_cmf"),
        ("servicenow_cmdb_ci_server.csv", "servicenow"),
        ("../estate/servicenow_cmdb_ci_appl.csv", "servicenow"),
        ("../estate/servicenow_cmdb_rel_ci.csv", "servicenow_relations"),
        ("../estate/azure_migrate_import.csv", "azure_migrate"),
        ("../estate/aws_ads_import.csv", "aws_ads"),
        ("../estate/utilisation.csv", "utilisation"),
        ("../estate/business_context.csv", "tabular"),
        ("platform/test-data__test_cmdb.csv", "tabular"),
        ("netflow_summary_cut.csv", "dependency_csv"),
        ("azure_migrate_dependency_export.csv", "dependency_csv"),
    ],
)
def test_real_files_go_to_their_importer(file: str, importer: str) -> None:
    assert recognise(DATA / file).name == importer


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = text_file(tmp_path, "name,ip\n" + "web01,10.0.0.1\n" * 100)
    with pytest.raises(FileRejected, match="more than the limit of 1,000 bytes"):
        open_file(path, max_bytes=1000)
    with pytest.raises(FileRejected, match="more than the limit"):
        recognise(path, max_bytes=1000)


def test_bytes_that_nobody_knows_are_refused_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(
        FileRejected, match=r"neither text nor a format that is known here\. Export the data as CSV or \.xlsx"
    ):
        open_file(text_file(tmp_path, bytes(range(1, 256)) * 5))


def test_tables_in_an_archive_that_is_not_compressed_are_no_table(tmp_path: Path) -> None:
    path = tmp_path / "exports.zip"
    header = "*Server name,IP addresses,*Cores,*Memory (In MB),*OS name,Number of disks\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.csv", header + "web01,10.0.0.1,2,4096,RHEL 8,1\n" * 50)
    with pytest.raises(FileRejected) as refused:
        open_file(path)
    assert refused.value.reason == "zip"
