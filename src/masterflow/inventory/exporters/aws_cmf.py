"""AWS Cloud Migration Factory: its intake form (default schema of aws-solutions/cloud-migration-factory-on-aws).

The form wants one application for each server. What is decided later (wave, account, network, instance type) is empty.
"""

from collections.abc import Sequence
from functools import partial

from masterflow.inventory.exporting import Exported, Exporter, Part, Servers, Value, family_of, missing

HEADERS = (
    "wave_name", "app_name", "aws_region", "aws_accountid", "server_name", "server_os_family", "server_os_version",
    "server_fqdn", "server_tier", "server_environment", "r_type", "subnet_IDs", "securitygroup_IDs", "subnet_IDs_test",
    "securitygroup_IDs_test", "instanceType", "tenancy", "tags",
)  # fmt: skip


def _row(exported: Exported) -> Sequence[Value] | str:
    asset = exported.asset
    if len(exported.applications) > 1:
        return f"the form has one application for a server, and it has {len(exported.applications)}"
    application = exported.applications[0] if exported.applications else None
    family = family_of(asset.operating_system)
    lacking = missing({"an application": application, "Windows or Linux as operating system": family})
    if lacking:
        return lacking
    return (
        None, application, None, None, asset.name, family, asset.operating_system, asset.fqdn, None,
        asset.environment, *[None] * 8,
    )  # fmt: skip


EXPORTER = Exporter(
    name="aws_cmf",
    title="AWS Cloud Migration Factory intake form (CSV)",
    file_name="aws-cmf-intake.csv",
    media_type="text/csv",
    carries=(Part.SERVERS,),
    opens=partial(Servers, header=HEADERS, row=_row),
)
