"""The right answers for the made-up estate in tests/data/estate, and the fields its tables are mapped to."""

import json
from collections.abc import Mapping
from functools import cache
from uuid import UUID

from masterflow.analysis.estate.build import Estate, build_estate
from masterflow.analysis.estate.mapped import MappedSheet
from masterflow.inventory.types import Application, Asset, AssetId
from tests.analysis.estate.sheets import DATA, table, workbook

NAMESPACE = UUID("6f1f3c52-3a0e-4c0e-9a63-5d1b0f3e8a11")

CMDB_FIELDS: Mapping[str, str] = {
    "Name": "asset_name",
    "Class": "asset_type",
    "IP Address": "ip_address",
    "Fully qualified domain name": "fqdn",
    "Operating System": "os_name",
    "OS Version": "os_version",
    "CPU count": "cpu_cores",
    "RAM (MB)": "memory_mb",
    "Disk space (GB)": "storage_gb",
    "Serial number": "serial_number",
    "Is Virtual": "virtual_or_physical",
    "Used for": "environment",
    "Location": "location",
    "Owned by": "business_owner",
    "Operational status": "operational_status",
    "Status": "status",
    "Discovery source": "discovery_source",
    "Most recent discovery": "last_discovered",
}
ADS_FIELDS: Mapping[str, str] = {
    "ExternalId": "external_id",
    "SMBiosId": "uuid",
    "IPAddress": "ip_address",
    "MACAddress": "mac_address",
    "HostName": "hostname",
    "VMware.MoRefId": "vm_id",
    "VMware.VCenterId": "vcenter_id",
    "CPU.NumberOfLogicalCores": "cpu_cores",
    "OS.Name": "os_name",
    "OS.Version": "os_version",
    "RAM.TotalSizeInMB": "memory_mb",
    "CPU.UsagePct.Max": "cpu_utilization_max_pct",
    "Applications": "application_name",
    "Tags": "tags",
}
AZURE_FIELDS: Mapping[str, str] = {
    "*Server name": "hostname",
    "IP addresses": "ip_address",
    "*Cores": "cpu_cores",
    "*Memory (In MB)": "memory_mb",
    "*OS name": "os_name",
    "OS version": "os_version",
    "Server type": "virtual_or_physical",
    "Number of disks": "disk_count",
    "Storage in use (In GB)": "storage_used_gb",
}
APPLICATION_FIELDS: Mapping[str, str] = {
    "name": "application_name",
    "business_criticality": "criticality",
    "owned_by": "business_owner",
    "used_for": "environment",
}


@cache
def truth() -> dict:
    return json.loads((DATA / "truth.json").read_text())


def all_sheets() -> list[MappedSheet]:
    """Every inventory of the made-up estate."""
    return [
        *workbook("rvtools_estate.xlsx"),
        table("servicenow_cmdb_ci_server.csv", CMDB_FIELDS, kind="servicenow"),
        table("aws_ads_import.csv", ADS_FIELDS, kind="aws_ads"),
        table("azure_migrate_import.csv", AZURE_FIELDS, kind="azure_migrate"),
        table("servicenow_cmdb_ci_appl.csv", APPLICATION_FIELDS, kind="servicenow"),
    ]


@cache
def rvtools_estate() -> Estate:
    return build_estate(workbook("rvtools_estate.xlsx"), namespace=NAMESPACE)


@cache
def small_estate() -> Estate:
    return build_estate(workbook("rvtools_v4.7_small.xlsx"), namespace=NAMESPACE)


@cache
def whole_estate() -> Estate:
    return build_estate(all_sheets(), namespace=NAMESPACE)


def applications_of(estate: Estate) -> dict[AssetId, set[str]]:
    """The names of the applications of every asset, in lower case."""
    found: dict[AssetId, set[str]] = {}
    for application in estate.applications:
        for asset_id in application.asset_ids:
            found.setdefault(asset_id, set()).add(application.name.casefold())
    return found


def true_server(asset: Asset) -> dict:
    """The server of the truth that a VM of the RVTools file is."""
    rows = {f.source.row for f in asset.facts if f.source.sheet == "vInfo"}
    return next(
        s
        for s in truth()["servers"]
        if any(r["file"] == "rvtools_estate.xlsx" and r["row"] in rows for r in s["records"])
    )


def asset_named(estate: Estate, name: str) -> Asset:
    return next(a for a in (*estate.assets, *estate.hosts) if a.name == name)


def application_named(estate: Estate, name: str) -> Application:
    return next(a for a in estate.applications if a.name == name)
