"""An ordinary application to vary, and random ones."""

from typing import Any

from hypothesis import strategies as st

from masterflow.analysis.six_r.facts import Facts, FactValue

ORDINARY: dict[str, FactValue] = {
    "servers": 3,
    "virtual": True,
    "hypervisor": "vmware",
    "os": "Red Hat Enterprise Linux 8",
    "os_status": "supported",
    "extended_support_bought": False,
    "cots": False,
    "source_available": True,
    "container_ready": False,
    "language": "Java",
    "cpu_p95_pct": 22.0,
    "cpu_max_pct": 61.0,
    "inbound_connections_35d": 48000,
    "utilisation_observed": True,
    "flows_observed": True,
    "owner_team": "team@example.com",
    "monthly_users": 400,
    "business_value": "medium",
    "criticality": "medium",
    "appliance": False,
    "mainframe": False,
    "physical": False,
    "target_platform": "public_cloud",
    "datacentre_exit_months": 24,
}
PACKAGED: dict[str, FactValue] = {"cots": True, "source_available": False, "vendor_product": "Suite"}
IDLE: dict[str, FactValue] = {
    "cpu_p95_pct": 0.5,
    "cpu_max_pct": 3.0,
    "inbound_connections_35d": 0,
    "monthly_users": 0,
}


def application(**changed: FactValue) -> Facts:
    """The ordinary application with some facts changed."""
    return Facts.model_validate({**ORDINARY, **changed})


def _maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


FLAGS = _maybe(st.booleans())
OF_EACH_FACT: dict[str, st.SearchStrategy[Any]] = {
    "name": _maybe(st.just("x")),
    "servers": _maybe(st.integers(0, 60)),
    "virtual": FLAGS,
    "hypervisor": _maybe(st.sampled_from(["vmware", "VMware ESXi", "hyper-v", "kvm"])),
    "os": _maybe(
        st.sampled_from(["RHEL 8", "Windows Server 2012 R2", "AIX 7.2", "IBM z/OS 2.5", "Solaris 10", "Linux"])
    ),
    "os_status": _maybe(st.sampled_from(["supported", "within_12_months", "extended_only", "ended", "unknown"])),
    "extended_support_bought": FLAGS,
    "cots": FLAGS,
    "vendor_product": _maybe(st.just("Suite")),
    "vendor_supports_cloud": FLAGS,
    "saas_alternative": _maybe(st.sampled_from(["vendor cloud", "hosted abroad", "none"])),
    "source_available": FLAGS,
    "container_ready": FLAGS,
    "language": _maybe(st.sampled_from(["Java", "COBOL"])),
    "database_engine": _maybe(
        st.sampled_from(["Oracle 12.2", "PostgreSQL 14", "SQL Server 2014", "Db2 12.1", "own files"])
    ),
    "managed_database_target": _maybe(st.just("managed service")),
    "cpu_p95_pct": _maybe(st.floats(0, 100)),
    "cpu_max_pct": _maybe(st.floats(0, 100)),
    "inbound_connections_35d": _maybe(st.sampled_from([0, 1, 40, 48000])),
    "utilisation_observed": FLAGS,
    "flows_observed": FLAGS,
    "owner_team": _maybe(st.just("team@example.com")),
    "monthly_users": _maybe(st.sampled_from([0, 3, 400, 180000])),
    "business_value": _maybe(st.sampled_from(["low", "medium", "high"])),
    "criticality": _maybe(st.sampled_from(["low", "medium", "high", "critical"])),
    "data_residency": _maybe(
        st.sampled_from(
            ["own datacentre until 2029 by law", "stays in the EU", "none", "certified region available", "x"]
        )
    ),
    "licence_constraint": _maybe(
        st.sampled_from(["bound to MAC address", "dongle, not transferable", "transferable", "until 2025", "none"])
    ),
    "appliance": FLAGS,
    "mainframe": FLAGS,
    "physical": FLAGS,
    "target_platform": _maybe(st.sampled_from(["public_cloud", "vmware_cloud", "elsewhere"])),
    "datacentre_exit_months": _maybe(st.sampled_from([0, 3, 5.5, 6, 9, 12, 18, 24, 60])),
    "planned_replacement": _maybe(
        st.sampled_from(["accepted by owner", "takes over in month 6", "in month 40", "some day", "cancelled", "none"])
    ),
    "max_latency_ms_to_plant": _maybe(st.sampled_from([1, 5, 20, 30, 50, 200])),
}
RANDOM_FACTS = st.fixed_dictionaries(OF_EACH_FACT).map(Facts.model_validate)
