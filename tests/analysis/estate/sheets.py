"""Builds mapped sheets for tests: from cells written in the test, or from the files in tests/data/estate."""

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from python_calamine import CalamineWorkbook

from masterflow.analysis.estate.mapped import RVTOOLS, MappedColumn, MappedSheet
from masterflow.inventory.reading import CellValue, RawRow, Sheet

DATA = Path(__file__).parents[2] / "data" / "estate"

RVTOOLS_FIELDS: Mapping[str, str] = {
    "VM": "vm_name",
    "Powerstate": "power_state",
    "Template": "is_template",
    "DNS Name": "fqdn",
    "CPUs": "cpu_cores",
    "Sockets": "cpu_sockets",
    "Cores p/s": "cores_per_socket",
    "Memory": "memory_mb",
    "Size MiB": "memory_mb",
    "NICs": "nic_count",
    "Disks": "disk_count",
    "Total disk capacity MiB": "storage_gb",
    "Provisioned MiB": "storage_provisioned_gb",
    "In Use MiB": "storage_used_gb",
    "Primary IP Address": "ip_address",
    "IPv4 Address": "ip_address",
    "Folder": "folder",
    "Firmware": "boot_type",
    "HW version": "vm_hw_version",
    "Resource pool": "resource_pool",
    "Datacenter": "datacenter",
    "Cluster": "cluster",
    "Host": "hypervisor_host",
    "OS according to the configuration file": "os_name_configured",
    "OS according to the VMware Tools": "os_name",
    "VM ID": "external_id",
    "VM UUID": "uuid",
    "SMBIOS UUID": "uuid",
    "VI SDK Server type": "virtualization_platform",
    "App Name": "application_name",
    "Service Owner": "business_owner",
    "Capacity MiB": "disk_capacity_mb",
    "# CPU": "cpu_sockets",
    "Cores per CPU": "cores_per_socket",
    "# Cores": "cpu_cores",
    "# Memory": "memory_mb",
    "CPU Model": "cpu_model",
    "Vendor": "manufacturer",
    "Model": "model",
    "Serial number": "serial_number",
    "ESX Version": "os_name",
}


def mapped(
    headers: Sequence[str],
    rows: Sequence[Sequence[CellValue]],
    fields: Mapping[str, str | None],
    *,
    file: str = "servers.csv",
    sheet: str = "csv",
    kind: str = "tabular",
    units: Mapping[str, str] | None = None,
    first_row: int = 2,
) -> MappedSheet:
    """A sheet of the given cells; rows count from `first_row`, columns without a field become attributes."""
    raw = tuple(RawRow(number, tuple(cells)) for number, cells in enumerate(rows, first_row))
    columns = tuple(
        MappedColumn(header, index, fields.get(header), (units or {}).get(header))
        for index, header in enumerate(headers)
    )
    return MappedSheet(file, kind, Sheet(sheet, first_row - 1, tuple(headers), raw), columns)


def tab(name: str, headers: Sequence[str], *rows: Sequence[CellValue], file: str = "rvtools.xlsx") -> MappedSheet:
    """One RVTools tab with the fields that its headers usually get."""
    return mapped(headers, rows, RVTOOLS_FIELDS, file=file, sheet=name, kind=RVTOOLS)


def workbook(name: str, fields: Mapping[str, str] = RVTOOLS_FIELDS) -> list[MappedSheet]:
    """Every sheet of an xlsx file under tests/data/estate, as an importer would read it."""
    book = CalamineWorkbook.from_path(str(DATA / name))
    sheets = []
    for sheet in book.sheet_names:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        headers = [str(c) for c in rows[0]]
        raw = [RawRow(n, tuple(_cell(c) for c in r)) for n, r in enumerate(rows[1:], 2) if any(c != "" for c in r)]
        columns = tuple(MappedColumn(h, i, fields.get(h)) for i, h in enumerate(headers))
        sheets.append(MappedSheet(name, RVTOOLS, Sheet(sheet, 1, tuple(headers), tuple(raw)), columns))
    return sheets


def table(
    name: str, fields: Mapping[str, str | None], *, kind: str = "tabular", units: Mapping[str, str] | None = None
) -> MappedSheet:
    """A CSV file under tests/data/estate as a mapped sheet."""
    with (DATA / name).open(encoding="utf-8-sig", newline="") as lines:
        headers, *rows = list(csv.reader(lines))
    return mapped(headers, [[c or None for c in row] for row in rows], fields, file=name, kind=kind, units=units)


def _cell(cell: object) -> CellValue:
    if cell == "":
        return None
    return cell if isinstance(cell, str | int | float | bool | datetime) else str(cell)
