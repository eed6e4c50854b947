"""Recognises applications that serve the whole estate: directory, name service, backup, monitoring, patching …

Such services depend on nobody and everybody depends on them; planning sets them aside. The words of a name and the
roles of the servers are evidence, not proof: the flag is a proposal.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from masterflow.analysis.estate.names import role_of

SERVICE_WORDS: Mapping[str, str] = {
    "directory service": r"active directory|domain controller|\bldap\b|open directory",
    "name service": r"\bdns\b|\bdhcp\b|\bntp\b|time server|name server|\bddi\b|\bipam\b",
    "backup": r"\bbackups?\b|veeam|commvault|netbackup|networker|rubrik|cohesity",
    "monitoring": r"\bmonitoring\b|zabbix|nagios|prometheus|solarwinds|icinga|\bscom\b|checkmk",
    "logging": r"\bsyslog\b|splunk|log (collector|management)|logging|\bsiem\b|graylog",
    "patching": r"patch(ing)?\b|\bwsus\b|\bsccm\b|satellite|software (deployment|distribution)|configuration manager",
    "security scanning": r"security scan|vulnerability|qualys|nessus|antivirus|endpoint protection",
    "admin access": r"admin access|jump (host|server|box)|\bbastion\b|privileged access|\bpam\b|cyberark",
    "mail relay": r"mail relay|smtp relay|\bsmtp\b",
    "print and proxy": r"print server|forward proxy|web proxy|\bproxy\b",
    "certificates": r"\bpki\b|certificate authority",
}
SERVICE_ROLES: Mapping[str, str] = {
    "dc": "directory service", "ad": "directory service", "ldap": "directory service", "dns": "name service",
    "ntp": "name service", "dhcp": "name service", "bkp": "backup", "backup": "backup", "mon": "monitoring",
    "wsus": "patching", "sccm": "patching", "scan": "security scanning", "jmp": "admin access", "jump": "admin access",
    "bastion": "admin access", "smtp": "mail relay", "proxy": "print and proxy", "print": "print and proxy",
}  # fmt: skip


def service_evidence(application: str, server_names: Sequence[str]) -> tuple[str, ...]:
    """Why an application looks like a shared service, in sentences; empty when it does not.

    Words in the application's name are enough; without them, most of its servers must carry the role of a service.
    """
    found: list[str] = []
    text = re.sub(r"[-_]+", " ", application.casefold())
    for service, pattern in SERVICE_WORDS.items():
        if re.search(pattern, text):
            found.append(f"the name '{application}' says {service}")
    roles = Counter(SERVICE_ROLES[r] for n in server_names if (r := role_of(n)) is not None and r in SERVICE_ROLES)
    if roles and roles.total() * 2 > len(server_names):
        service, count = roles.most_common(1)[0]
        found.append(f"{count} of {len(server_names)} servers are named as {service}")
    return tuple(found)
