"""Where a header can mean several things, the values of the sheet say which."""

from collections.abc import Callable, Sequence

from masterflow.analysis.mapping.candidates import Candidate, Column, in_unit
from masterflow.analysis.mapping.profiles import MOSTLY, RARELY, are_short_names_of
from masterflow.inventory.fields import BY_NAME
from masterflow.inventory.files.cells import Shape

SURE_BY_VALUES = 0.99  # the values leave no doubt between two names that the header is known by
BY_VALUES = 0.93
WELL_KNOWN = 0.94  # more than a name with a word added or left out
BY_VALUES_AND_WORD = 0.88
BY_SHAPE_AND_WORD = 0.8
LIKELY = 0.6
BY_VALUES_ALONE = 0.7  # for a person to confirm
DOUBTED = 0.7  # of the score, when values speak for another meaning
ASKED = 0.8  # what a column may mean beside what its values tell
NAMELESS = frozenset({"column", "col", "field", "value", "unnamed", "attribute", "data", "n", "x", "spalte", "feld"})
NAMES = ("asset_name", "hostname", "vm_name", "display_name")
OS_FIELDS = ("os_name", "os_family", "os_name_configured")
APPLICATION_FIELDS = ("application_name", "application_id")
SHAPES = (
    ("ip", Shape.ADDRESS, "ip_address"),
    ("mac", Shape.MAC, "mac_address"),
    ("uuid", Shape.UUID, "uuid"),
)
TELLING = {
    "boot": "boot_type",
    "strategy": "migration_strategy",
    "cloud_size": "target_instance_type",
    "mount": "mount_point",
}  # vocabulary of values to field
VERSION_WORDS = frozenset({"version", "release"})


def weigh_values(columns: Sequence[Column]) -> None:
    """Raise the meaning that the values of a column speak for, and lower the one they contradict."""
    open_to_doubt = [column for column in columns if not column.settled]
    for rule in RULES:
        for column in open_to_doubt:
            rule(column, columns)


def others_may_mean(columns: Sequence[Column], column: Column, fields: Sequence[str]) -> bool:
    """Whether another column is known by one of the fields' names."""
    return any(other is not column and other.best() in fields for other in columns)


def doubt(column: Column, field: str, weight: float = DOUBTED) -> None:
    """Lower the score of a meaning."""
    candidate = column.candidates[field]
    column.candidates[field] = Candidate(candidate.score * weight, candidate.reason)


def system_names(column: Column, columns: Sequence[Column]) -> None:
    """A version or type column that holds names of systems is the system, when no other column is."""
    if column.best() not in ("os_version", "os_family") or column.profile.os_names < MOSTLY:
        return
    if column.best() == "os_family" and column.profile.os_families >= MOSTLY:
        return
    if not others_may_mean(columns, column, OS_FIELDS):
        column.offer("os_name", SURE_BY_VALUES, "holds names of operating systems and may be")


def power_words(column: Column, _: Sequence[Column]) -> None:
    """A state such as "running" is whether the machine is switched on."""
    if column.best() == "status" and column.profile.mostly("power"):
        column.offer("power_state", SURE_BY_VALUES, "holds words such as on and off and may be")


def virtual_words(column: Column, _: Sequence[Column]) -> None:
    """A type is virtual or physical when it says so, otherwise it is the kind of thing."""
    says_so = column.profile.mostly("virtual")
    if column.best() == "asset_type" and says_so:
        column.offer("virtual_or_physical", SURE_BY_VALUES, "holds the words virtual and physical and may be")
    if column.best() != "virtual_or_physical" or says_so or not column.profile.filled:
        return
    if column.name.words[-1] == "type" and column.profile.share(Shape.BOOLEAN, Shape.NUMBER) < MOSTLY:
        doubt(column, "virtual_or_physical")
        column.offer("asset_type", BY_VALUES, "holds kinds of things and may be")


def operating_systems(column: Column, _: Sequence[Column]) -> None:
    """A column about the OS that holds names of systems is the system, as installed or as configured."""
    said = column.name.tokens
    if "os" in said and column.profile.os_names >= MOSTLY and not column.known:
        field = "os_name_configured" if "configure" in said else "os_name"
        column.offer(field, BY_VALUES_AND_WORD, "is about the OS, holds names of operating systems and may be")


def telling_words(column: Column, _: Sequence[Column]) -> None:
    """BIOS and UEFI, Rehost and Retire, m5.large, and C: and /var say what they are under any name but a known one."""
    best = column.best()
    if best is not None and column.candidates[best].score >= WELL_KNOWN:
        return
    for word, field in TELLING.items():
        if column.profile.mostly(word):
            column.candidates = {
                name: Candidate(min(c.score, ASKED), c.reason) for name, c in column.candidates.items()
            }
            column.offer(field, BY_VALUES_AND_WORD, f"holds values that tell a {field.replace('_', ' ')} and may be")


def shapes_and_words(column: Column, _: Sequence[Column]) -> None:
    """A header with the word IP over addresses is an address in any language, and so with MAC and UUID."""
    best = column.best()
    if best is not None and column.candidates[best].score >= LIKELY:
        return
    for word, shape, field in SHAPES:
        if word in column.name.tokens and column.profile.share(shape) >= MOSTLY:
            column.offer(field, BY_SHAPE_AND_WORD, f"says {word}, holds values of that shape and may be")


def one_of_several_disks(column: Column, _: Sequence[Column]) -> None:
    """A size in a sheet of disks, or of "Disk 3", is that of one disk."""
    if "storage_gb" not in column.candidates or not (column.name.index is not None or column.of_disks):
        return
    field = in_unit(BY_NAME["disk_capacity_mb"], column.name.unit).name
    column.offer(field, column.candidates["storage_gb"].score, "as the size of one disk may be")
    doubt(column, "storage_gb")


def database_names(column: Column, _: Sequence[Column]) -> None:
    """A column "Database" is a yes or no, or the name of an instance."""
    says_yes_or_no = column.profile.share(Shape.BOOLEAN, Shape.NUMBER) >= RARELY
    if column.best() == "has_database" and column.profile.filled and not says_yes_or_no:
        doubt(column, "has_database")
        column.offer("database_instance", BY_VALUES, "holds names and may be")


def processor_names(column: Column, _: Sequence[Column]) -> None:
    """A column "CPU" with text is the name of the processor."""
    likely = "cpu" in column.name.tokens and "cpu_model" in column.candidates
    if likely and column.profile.share(Shape.TEXT) >= MOSTLY:
        column.offer("cpu_model", BY_VALUES, "holds names of processors and may be")


def addresses_of_ends(column: Column, _: Sequence[Column]) -> None:
    """What is connected to is an address when the column holds addresses, a machine when it holds names."""
    host, address = "target_hostname", "target_ip_address"
    if column.best() == host and column.profile.share(Shape.ADDRESS) >= MOSTLY:
        column.offer(address, SURE_BY_VALUES, "holds addresses and is")
        doubt(column, host)
    elif column.best() == address and column.profile.share(Shape.FQDN, Shape.WORD) >= MOSTLY:
        column.offer(host, SURE_BY_VALUES, "holds names and may be")


def short_and_full_names(column: Column, columns: Sequence[Column]) -> None:
    """Of two name columns, one with the first labels of the other's domain names, the short one is the host name."""
    if column.best() not in NAMES:
        return
    for other in columns:
        if other is column or other.best() not in NAMES or other.settled:
            continue
        if are_short_names_of(column.profile, other.profile):
            column.offer("hostname", SURE_BY_VALUES, f'holds the short names of "{other.header}" and is')
            other.offer("fqdn", SURE_BY_VALUES, f'holds the full names of "{column.header}" and is')


def host_of_machines(column: Column, columns: Sequence[Column]) -> None:
    """Beside the name of a virtual machine, "Host" is the machine that runs it."""
    if column.name.words == ("host",) and others_may_mean(columns, column, ("vm_name",)):
        column.offer("hypervisor_host", SURE_BY_VALUES, "stands beside a virtual machine and is")


def versions(column: Column, columns: Sequence[Column]) -> None:
    """A bare "Version" is the application's only beside an application."""
    bare = column.best() == "application_version" and VERSION_WORDS.issuperset(column.name.words)
    if bare and not others_may_mean(columns, column, APPLICATION_FIELDS):
        doubt(column, "application_version", 0.8)


def nameless(column: Column, columns: Sequence[Column]) -> None:
    """A column without a name can only be told by values; a person confirms."""
    likely = any(candidate.score >= BY_VALUES_ALONE for candidate in column.candidates.values())
    if likely or not NAMELESS.issuperset(column.name.words):
        return
    for field, share in (
        ("ip_address", column.profile.share(Shape.ADDRESS)),
        ("mac_address", column.profile.share(Shape.MAC)),
        ("uuid", column.profile.share(Shape.UUID)),
        ("fqdn", column.profile.share(Shape.FQDN)),
        ("os_name", column.profile.os_names),
    ):
        if share >= MOSTLY and not others_may_mean(columns, column, (field,)):
            column.offer(field, BY_VALUES_ALONE, "has no name but holds values of")
            return


RULES: tuple[Callable[[Column, Sequence[Column]], None], ...] = (
    system_names,
    power_words,
    virtual_words,
    operating_systems,
    telling_words,
    shapes_and_words,
    one_of_several_disks,
    database_names,
    processor_names,
    addresses_of_ends,
    short_and_full_names,
    host_of_machines,
    versions,
    nameless,
)
