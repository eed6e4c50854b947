"""Ids of flows: UUIDs that grow with time (version 7), so that what belongs to flows of one day lies close together.

Events, results and queue entries are keyed by the flow. With random ids each of their inserts would touch another index
page, split it at random, and after a checkpoint write a full image of it to the WAL.
"""

import secrets
import time
from uuid import UUID

_RANDOM_BITS = 74


def new_flow_id() -> UUID:
    """A UUID of version 7: 48 bits of milliseconds, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(_RANDOM_BITS)
    high = (milliseconds & 0xFFFF_FFFF_FFFF) << 16 | 0x7000 | random >> 62
    low = 0b10 << 62 | random & (1 << 62) - 1
    return UUID(int=high << 64 | low)
