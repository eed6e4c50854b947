"""What the process that forks all others imports once: reading the flow types takes seconds."""

import gc

from drills import process
from masterflow.flows.catalog import discover

FLOW_TYPES = discover()
gc.freeze()

__all__ = ["FLOW_TYPES", "process"]
