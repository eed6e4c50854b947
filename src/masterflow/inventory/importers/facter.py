"""Facts of machines by Puppet's facter, as JSON: structured facts (version 3 and later) and the flat ones before them.

One machine a file as `facter --json` prints it, or several as PuppetDB and `puppet facts find` wrap them. The facts of
a machine are one row; its disks, mount points, network interfaces and host keys are sheets of their own.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from masterflow.errors import FileRejected, Place
from masterflow.inventory.files.cells import cleaned
from masterflow.inventory.files.json_documents import (
    Cells,
    JsonObject,
    details,
    dig,
    flattened,
    json_of,
    listed,
    named_objects,
    objects,
    table_of,
)
from masterflow.inventory.files.json_stream import Json
from masterflow.inventory.files.secrets import KeptBack
from masterflow.inventory.files.unread import text_start
from masterflow.inventory.files.vendor_columns import names_in
from masterflow.inventory.reading import CellValue, FileHead, FileRead, Importer

CERTAIN = 0.95
MACHINES = "facts"
FACTER_ALONE = re.compile(r'"(facterversion|aio_agent_version)"\s*:')
FACTS = names_in(
    "kernelmajversion kernelrelease kernelversion is_virtual load_averages mountpoints processors system_uptime"
    " fips_enabled augeas identity filesystems puppetversion rubyversion operatingsystem operatingsystemrelease"
    " macaddress memorysize physicalprocessorcount hardwareisa hardwaremodel uptime_seconds lsbdistid networking dmi"
)
ENOUGH_FACTS = 4  # names of facts that no other format has together
ABSENT = ("facterversion", "kernel", "os", "networking", "operatingsystem", "hostname")
# every host of containers has the others alike: they tell no machine from another
UNSHARED = re.compile(r"(?!lo\d*$|docker|veth|virbr|br-[0-9a-f]{6}|cni|flannel|cali|vxlan|kube|dummy|podman)")
DISKS = re.compile(r"(?!loop|ram|sr\d|fd\d|dm-|zram|md\d|cd\d|pass\d)")
FLAT_CARD = re.compile(r"(ipaddress6?|macaddress|netmask6?|network6?|mtu|speed)_(.{1,60})")
FLAT_DISK = re.compile(r"blockdevice_(.{1,60})_(model|size|vendor)")
NEW_NAMES = {"ipaddress": "ip", "ipaddress6": "ip6", "macaddress": "mac", "size": "size_bytes"}
OF_A_CLOUD = re.compile(r"^(gce|az_metadata)\b", re.IGNORECASE)  # scripts and keys that a machine was started with
PARTS = ("disks", "partitions", "mountpoints", "ssh")
TABLES = {
    "disks": ("disks", "disk"),
    "partitions": ("partitions", "partition"),
    "mountpoints": ("mountpoints", "mountpoint"),
    "interfaces": ("networking.interfaces", "interface"),
    "ssh": ("ssh", "kind"),
}


def recognises(head: FileHead) -> float:
    """JSON that names facter, or enough of its facts."""
    start = text_start(head)
    if start.lstrip()[:1] not in ("{", "["):
        return 0.0
    found = sum(f'"{fact}"' in start for fact in FACTS)
    return CERTAIN if FACTER_ALONE.search(start) or found >= ENOUGH_FACTS else 0.0


def reads(head: FileHead) -> FileRead:
    """One row for each machine, and a sheet for each kind of part that the facts list.

    Raises:
        FileRejected: the file is no valid JSON, or holds the facts of no machine.
    """
    secrets = KeptBack(OF_A_CLOUD)
    machines = [structured(secrets.cleared(facts)) for facts in machines_in(json_of(head))]
    if not machines:
        message = "The JSON holds the facts of no machine."
        raise FileRejected(Place(head.name), message, hint="Run `facter --json > facts.json`.", code="no_records")
    rows = [(number, row_of(facts)) for number, facts in enumerate(machines, start=1)]
    sheet = table_of(head, MACHINES, rows)
    if not sheet.rows:
        message = "The facts of the machine are all empty."
        raise FileRejected(Place(head.name), message, hint="Run facter as root again.", code="no_records")
    others, rejects = details(head, {name: parts_of(name, machines) for name in TABLES})
    versions = Counter(str(facts.get("facterversion") or "unknown")[:20] for facts in machines)
    traits = {"facter": ", ".join(sorted(versions)), **secrets.traits()}
    return FileRead("facter", (sheet, *others), rejects, traits, head.name)


def machines_in(value: Json) -> Iterator[JsonObject]:
    """The facts of each machine, out of what PuppetDB, `puppet facts` and Foreman put around them."""
    if isinstance(value, list) and all({"certname", "name", "value"} <= item.keys() for item in objects(value)):
        yield from facts_by_certname(objects(value)).values()
        return
    for item in objects(value):
        inner = next((found for key in ("facts", "values") if isinstance(found := item.get(key), dict)), item)
        if any(fact in inner for fact in ABSENT):
            yield {**{key: item[key] for key in ("certname", "name") if inner is not item and key in item}, **inner}


def facts_by_certname(rows: Sequence[JsonObject]) -> Mapping[str, JsonObject]:
    """PuppetDB's list of one fact a row, by machine."""
    machines: dict[str, JsonObject] = {}
    for row in rows:
        certname = str(row["certname"])
        machines.setdefault(certname, {"certname": certname})[str(row["name"])] = row["value"]
    return machines


def structured(facts: JsonObject) -> JsonObject:
    """Facts with what old versions say of each interface and disk in facts of their own in the structured form.

    Newer versions say it twice; the structured facts then count.
    """
    cards: dict[str, Json] = {}
    disks: dict[str, Json] = {}
    kept: JsonObject = {}
    for key, value in facts.items():
        card, disk = FLAT_CARD.fullmatch(key), FLAT_DISK.fullmatch(key)
        if card:
            put(cards, card.group(2), card.group(1), value)
        elif disk:
            put(disks, disk.group(1), disk.group(2), value)
        else:
            kept[key] = value
    networking = kept.get("networking")
    if cards and not isinstance(dig(networking, "interfaces"), dict):
        kept["networking"] = {**(networking if isinstance(networking, dict) else {}), "interfaces": cards}
    if disks and "disks" not in kept:
        kept["disks"] = disks
    return kept


def put(parts: dict[str, Json], name: str, key: str, value: Json) -> None:
    """Add what a flat fact says to the part it is about."""
    part = parts.setdefault(name, {})
    if isinstance(part, dict):
        part[NEW_NAMES.get(key, key)] = whole(value) if key == "size" else value


def whole(value: Json) -> Json:
    """The number that a text of digits means; anything else as it is."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value) else value


def row_of(facts: JsonObject) -> dict[str, CellValue]:
    """A machine's facts in a row; parts of which there are many are summed up, and listed in their own sheets."""
    plain = without_parts(facts)
    if "memorysize_mb" in plain:
        plain["memorysize"] = plain.pop("memorysize", None)  # rounded: of two equal columns the first is taken
    networking = plain.get("networking")
    if isinstance(networking, dict):
        del plain["networking"]
        plain |= {f"networking.{key}": value for key, value in networking.items() if key != "interfaces"}
    cells = dict(flattened(plain))
    cells.update(dict(summed_up(facts)))
    return cells


def without_parts(facts: JsonObject) -> JsonObject:
    """The facts of which there is one a machine."""
    return {key: value for key, value in facts.items() if key not in PARTS}


def summed_up(facts: JsonObject) -> Iterator[tuple[str, CellValue]]:
    """What a machine has of its disks, interfaces and host keys together."""
    disks = [disk for name, disk in named_objects(facts.get("disks")) if DISKS.match(name)]
    sizes = [size for disk in disks if isinstance(size := disk.get("size_bytes"), int) and not isinstance(size, bool)]
    if disks:
        yield "disks.count", len(disks)
    if sizes:
        yield "disks.size_bytes", cleaned(sum(sizes))
    own = [cards for name, cards in named_objects(dig(facts, "networking", "interfaces")) if UNSHARED.match(name)]
    yield "networking.interfaces.ip", listed(address for card in own for address in addresses_of(card))
    yield "networking.interfaces.mac", listed(card.get("mac") for card in own)
    for kind, key in named_objects(facts.get("ssh")):
        if isinstance(print_ := dig(key, "fingerprints", "sha256"), str):
            yield f"ssh.{kind}.fingerprints.sha256", cleaned(print_)


def addresses_of(card: JsonObject) -> Iterator[Json]:
    """All addresses of a network interface."""
    yield from (card.get("ip"), card.get("ip6"))
    for key in ("bindings", "bindings6"):
        bindings = card.get(key)
        yield from (binding.get("address") for binding in objects(bindings if isinstance(bindings, list) else []))


def parts_of(name: str, machines: Sequence[JsonObject]) -> list[tuple[int, Cells]]:
    """The rows of one sheet of parts, each with what its machine is called and recognised by."""
    path, key = TABLES[name]
    rows: list[tuple[int, Cells]] = []
    for facts in machines:
        owner = {
            "networking.fqdn": cleaned_fact(facts, "networking", "fqdn"),
            "dmi.product.uuid": cleaned_fact(facts, "dmi", "product", "uuid"),
        }
        for part, values in named_objects(dig(facts, *path.split("."))):
            rows.append((len(rows) + 1, {**owner, key: cleaned(part), **dict(flattened(values))}))
    return rows


def cleaned_fact(facts: JsonObject, *path: str) -> CellValue:
    """A fact that is a text; None for anything else."""
    value = dig(facts, *path)
    return cleaned(value) if isinstance(value, str) else None


FIELDS = {
    "networking.hostname": "hostname",
    "networking.fqdn": "fqdn",
    "networking.domain": "domain",
    "networking.ip": "ip_address",
    "networking.interfaces.ip": "ip_addresses_all",
    "networking.ip6": "ipv6_address",
    "networking.interfaces.mac": "mac_address",
    "networking.mac": "mac_address",
    "os.distro.description": "os_name",
    "os.windows.product_name": "os_name",
    "os.macosx.product": "os_name",
    # facter's short name counts where it has no fuller one: this field gives way to os_name
    "os.name": "os_name_configured",
    "os.release.full": "os_version",
    "os.family": "os_family",
    "os.architecture": "os_architecture",
    "kernelrelease": "kernel_version",
    "processors.count": "cpu_cores",
    "processors.physicalcount": "cpu_sockets",
    "processors.cores": "cores_per_socket",
    "processors.models": "cpu_model",
    "processors.speed": "cpu_speed",
    "memory.system.total_bytes": "memory_bytes",
    "disks.count": "disk_count",
    "disks.size_bytes": "storage_gb",
    "dmi.product.uuid": "uuid",
    "hypervisors.ldom.domain_uuid": "uuid",
    "dmi.product.serial_number": "serial_number",
    "dmi.product.name": "model",
    "dmi.manufacturer": "manufacturer",
    "dmi.chassis.asset_tag": "asset_tag",
    "is_virtual": "virtual_or_physical",
    "virtual": "virtualization_platform",
    "timezone": "timezone",
    "system_uptime.seconds": "uptime_seconds",
    "certname": "external_id",
    "ec2_metadata.instance-id": "correlation_id",
}
FLAT_FIELDS = {
    "hostname": "hostname",
    "fqdn": "fqdn",
    "domain": "domain",
    "ipaddress": "ip_address",
    "ipaddress6": "ipv6_address",
    "macaddress": "mac_address",
    "lsbdistdescription": "os_name",
    "operatingsystem": "os_name_configured",
    "operatingsystemrelease": "os_version",
    "osfamily": "os_family",
    "architecture": "os_architecture",
    "processorcount": "cpu_cores",
    "physicalprocessorcount": "cpu_sockets",
    "processor0": "cpu_model",
    "memorysize_mb": "memory_mb",
    "memorysize": "memory_mb",
    "uuid": "uuid",
    "serialnumber": "serial_number",
    "productname": "model",
    "manufacturer": "manufacturer",
    "uptime_seconds": "uptime_seconds",
}
WITHOUT_FIELD = names_in("""
    dhcp_servers.system hypervisors.ldom.chassis_serial hypervisors.ldom.control_domain hypervisors.ldom.domain_name
    hypervisors.ldom.role_control hypervisors.ldom.role_io hypervisors.ldom.role_root hypervisors.ldom.role_service
    hypervisors.zone.brand hypervisors.zone.id hypervisors.zone.ip_type hypervisors.zone.name hypervisors.zone.uuid
    ldom.domainchassis ldom.domaincontrol ldom.domainname ldom.domainrole.control ldom.domainrole.impl
    ldom.domainrole.io ldom.domainrole.root ldom.domainrole.service ldom.domainuuid ldom_domainchassis
    ldom_domaincontrol ldom_domainname ldom_domainrole_control ldom_domainrole_impl ldom_domainrole_io
    ldom_domainrole_root ldom_domainrole_service ldom_domainuuid solaris_zones.current zones zonename cloud.provider
    virtual_details system_profiler.serial_number
    aio_agent_version aio_agent_build augeas.version augeasversion boardassettag boardmanufacturer boardproductname
    boardserialnumber bios_release_date bios_vendor bios_version blockdevices chassisassettag chassistype clientcert
    clientnoop clientversion disks.names dmi.bios.release_date dmi.bios.vendor dmi.bios.version dmi.board.asset_tag
    dmi.board.manufacturer dmi.board.product dmi.board.serial_number dmi.chassis.type dmi.product.version
    dmi.product.family dmi.product.sku env_windows_installdir environment facterversion filesystems fips_enabled
    gem_version gid hardwareisa hardwaremodel id identity.gid identity.group identity.privileged identity.uid
    identity.user interfaces ipaddress_lo is_pe is_virtual kernel kernelmajversion kernelversion
    hypervisors.virtualbox.revision hypervisors.virtualbox.version hypervisors.vmware.version
    hypervisors.vmware.patch_level hypervisors.kvm.version hypervisors.kvm.google hypervisors.kvm.amazon
    hypervisors.xen.context hypervisors.xen.privileged hypervisors.hyperv hypervisors.kvm hypervisors.vmware
    hypervisors.xen hypervisors.lxc.name hypervisors.docker.id hypervisors.systemd_nspawn.id
    load_averages.15m load_averages.1m load_averages.5m lsbdistcodename lsbdistid lsbdistrelease lsbmajdistrelease
    lsbminordistrelease lsbrelease macaddress_lo memory.swap.available memory.swap.available_bytes
    memory.swap.capacity memory.swap.encrypted memory.swap.total memory.swap.total_bytes memory.swap.used
    memory.swap.used_bytes memory.system.available memory.system.available_bytes memory.system.capacity
    memory.system.total memory.system.used memory.system.used_bytes memoryfree memoryfree_mb memorytotal mtu_lo name
    netmask netmask_lo network network_lo networking.dhcp networking.mtu networking.netmask networking.netmask6
    networking.network networking.network6 networking.primary networking.scope6 operatingsystemmajrelease
    os.distro.codename os.distro.id os.distro.release.full os.distro.release.major os.distro.release.minor
    os.distro.specification os.hardware os.release.branch os.release.major os.release.minor os.release.patch
    os.release.patchlevel os.selinux.config_mode os.selinux.config_policy os.selinux.current_mode os.selinux.enabled
    os.selinux.enforced os.selinux.policy_version os.windows.display_version os.windows.edition_id
    os.windows.installation_type os.windows.release_id os.windows.system32 os.macosx.build os.macosx.version.full
    os.macosx.version.major os.macosx.version.minor path processors.extensions processors.isa processors.threads ps
    puppetversion ruby.platform ruby.sitedir ruby.version rubyplatform rubysitedir rubyversion selinux
    selinux_config_mode selinux_config_policy selinux_current_mode selinux_enforced selinux_policyversion sshdsakey
    sshecdsakey sshed25519key sshfp_dsa sshfp_ecdsa sshfp_ed25519 sshfp_rsa sshrsakey swapencrypted swapfree
    swapfree_mb swapsize swapsize_mb system_uptime.days system_uptime.hours system_uptime.uptime uniqueid uptime
    uptime_days uptime_hours zfs_featurenumbers zfs_version zpool_featureflags zpool_featurenumbers zpool_version
    ssh.dsa.fingerprints.sha256 ssh.ecdsa.fingerprints.sha256 ssh.ed25519.fingerprints.sha256
    ssh.rsa.fingerprints.sha256 netmask6 network6 scope6 system32 windows_edition_id windows_product_name
    windows_installation_type windows_release_id
""")
PART_FIELDS = {
    ("disks", "disk"): "disk_name",
    ("disks", "size_bytes"): "disk_capacity_gb",
    ("mountpoints", "mountpoint"): "mount_point",
    ("mountpoints", "size_bytes"): "partition_capacity_mb",
    ("mountpoints", "used_bytes"): "partition_used_mb",
    ("mountpoints", "available_bytes"): "partition_free_mb",
    ("interfaces", "interface"): "nic_name",
}
PARTS_WITHOUT_FIELD = names_in("""
    networking.fqdn dmi.product.uuid model serial size type vendor product wwn partition filesystem mount label
    partlabel parttype partuuid uuid backing_file available available_bytes capacity device options size used kind
    fingerprints.sha1 fingerprints.sha256 key bindings bindings6 dhcp duplex ip ip6 mac mtu netmask netmask6 network
    network6 operational_state physical scope6 speed size_bytes used_bytes ssid
""")


def aliases() -> dict[tuple[str, str], str]:
    """(sheet, header) to field, "" for facts that no field stands for."""
    found = {(MACHINES, header): "" for header in WITHOUT_FIELD}
    found |= {(MACHINES, header): field for header, field in {**FLAT_FIELDS, **FIELDS}.items()}
    found |= {(sheet, header): "" for sheet in TABLES for header in PARTS_WITHOUT_FIELD}
    return {**found, **PART_FIELDS}


IMPORTER = Importer(
    name="facter",
    title="Facts by Puppet facter (.json)",
    recognises=recognises,
    reads=reads,
    aliases=aliases(),
    units={
        (MACHINES, "memory.system.total_bytes"): "bytes",
        (MACHINES, "memorysize_mb"): "MiB",
        (MACHINES, "disks.size_bytes"): "bytes",
        ("disks", "size_bytes"): "bytes",
        ("mountpoints", "size_bytes"): "bytes",
        ("mountpoints", "used_bytes"): "bytes",
        ("mountpoints", "available_bytes"): "bytes",
    },
)
