"""Tells other programs of events over HTTP, signed, at least once.

The relay makes a delivery for every webhook that an event matches, together with its own position: none is forgotten,
none made twice. The sender of any worker claims what is due, posts it outside of any transaction and writes what
became of it:

    pending → delivered
       └─────→ pending (again later, for about a day) → failed → pending (replayed by a person)

Requests carry the headers of the Standard Webhooks specification: `webhook-id` stays the same over retries and replays,
so that a receiver can tell a repetition; `webhook-signature` is an HMAC-SHA256 over id, timestamp and body.
"""

from masterflow.orchestrator.webhooks.fold import WebhookFold
from masterflow.orchestrator.webhooks.sender import Sender
from masterflow.orchestrator.webhooks.service import WebhookService

__all__ = ["Sender", "WebhookFold", "WebhookService"]
