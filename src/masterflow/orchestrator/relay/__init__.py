"""Passes the events of all flows on, each exactly once.

`flow_events` is the outbox: `id` rises over all flows. Ids become visible out of order, because a transaction that took
a lower one may commit later, and one that is undone leaves its id unused. So the relay keeps a position and the holes
below it:

    read what is above the position, and the holes that have appeared
        → fold them, in order of id, through every `Fold`
        → write the new position and holes
        → NOTIFY once                                              all of it one transaction, one process at a time

A hole is given up when every transaction that ran as it was noticed has ended: then nobody is left who could fill it.
"""

from masterflow.orchestrator.relay.relay import Relay
from masterflow.orchestrator.relay.types import Fold, RelayedEvent

__all__ = ["Fold", "Relay", "RelayedEvent"]
