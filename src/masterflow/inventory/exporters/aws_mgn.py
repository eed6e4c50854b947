"""AWS Application Migration Service: the inventory that its Import takes (MGN User Guide, "Import parameters").

MGN knows a server by the id that the user provides and reaches it by its full name; the platform is Linux or Windows.
Sizes have no column; accounts, networks and instance types are decided later and are left empty.
"""

from collections.abc import Sequence
from functools import partial

from masterflow.inventory.exporting import WINDOWS, Exported, Exporter, Part, Servers, Value, family_of, missing

HEADERS = (
    "mgn:account-id", "mgn:region", "mgn:wave:name", "mgn:app:name", "mgn:server:user-provided-id",
    "mgn:server:platform", "mgn:server:tag:Name", "mgn:server:fqdn-for-action-framework", "mgn:launch:instance-type",
)  # fmt: skip


def _row(exported: Exported) -> Sequence[Value] | str:
    asset = exported.asset
    if len(exported.applications) > 1:
        return f"MGN knows one application of a server, and it has {len(exported.applications)}"
    family = family_of(asset.operating_system)
    required: dict[str, Value] = {"a fully qualified name": asset.fqdn, "Windows or Linux as platform": family}
    lacking = missing(required)
    if lacking:
        return lacking
    application = exported.applications[0] if exported.applications else None
    platform = "Windows" if family == WINDOWS else "Linux"
    return None, None, None, application, str(asset.id), platform, asset.name, asset.fqdn, None


EXPORTER = Exporter(
    name="aws_mgn",
    title="AWS Application Migration Service inventory (CSV)",
    file_name="aws-mgn-import.csv",
    media_type="text/csv",
    carries=(Part.SERVERS,),
    opens=partial(Servers, header=HEADERS, row=_row),
)
