"""What happens to flows, as it happens: for people and programs who watch, from any place they know already.

The relay tells every process by one notification a batch. `Hub` reads what is new once for each engagement that
somebody watches here and hands it to all who do. A stream of one flow goes on from a `seq`; one of an engagement from a
`Cursor`, which names the relay's position and the ids that were still missing below it.
"""

from masterflow.orchestrator.streams.cursor import Cursor
from masterflow.orchestrator.streams.hub import Hub, Subscription
from masterflow.orchestrator.streams.types import FlowProgress, StreamedEvent

__all__ = ["Cursor", "FlowProgress", "Hub", "StreamedEvent", "Subscription"]
