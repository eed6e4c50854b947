"""UUIDs of machines: one spelling for all of them, and equality in the face of swapped bytes.

SMBIOS before 2.6 left the byte order of the first three groups open, so tools on Windows and some agents print them
reversed; VMware and VirtualBox print the SMBIOS UUID as a serial number ("VMware-42 3b 06 bd …").
"""

import re
from functools import lru_cache

from masterflow.analysis.estate.values import Parsed, parsed_once, visible_text
from masterflow.inventory.reading import CellValue

HEX32 = re.compile(r"[0-9a-f]{32}")
VMWARE_SERIAL = re.compile(r"(?:vmware|virtualbox)-((?:[0-9a-f]{2}[ -]?){16})", re.IGNORECASE)
FACTORY_UUIDS = frozenset(
    {
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
        "12345678-1234-5678-90ab-cddeefaabbcc",
        "12345678-1234-1234-1234-123456789abc",
    }
)  # boards that were never given one of their own; thousands of machines share them


@parsed_once
def parse_uuid(cell: CellValue) -> Parsed[str]:
    """The UUID in lower case with four hyphens, from any usual spelling; a factory default is None."""
    text = visible_text(cell).casefold()
    if not text:
        return Parsed(None, "blank")
    serial = VMWARE_SERIAL.fullmatch(text)
    digits = re.sub(r"[^0-9a-z]", "", serial[1] if serial else text.removeprefix("urn:uuid:"))
    if not HEX32.fullmatch(digits):
        return Parsed(None, "uuid", f"'{text[:80]}' is not a UUID.", "cell.not_a_uuid")
    value = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    if value in FACTORY_UUIDS or len(set(digits)) == 1:
        return Parsed(None, "uuid_factory_default")
    return Parsed(value, "vmware_serial_to_uuid" if serial else "uuid")


def swap_bytes(uuid: str) -> str:
    """The same UUID with the bytes of its first three groups reversed; twice gives the UUID back."""
    first, second, third, rest = uuid.split("-", 3)
    return "-".join([*("".join(reversed(re.findall("..", group))) for group in (first, second, third)), rest])


@lru_cache(maxsize=1 << 15)
def swap_free(uuid: str) -> str:
    """One name for a UUID and its byte-swapped twin, to index by."""
    return min(uuid, swap_bytes(uuid))
