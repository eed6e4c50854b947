"""Secrets and signatures as the Standard Webhooks specification has them."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> bytes:
    """A secret nobody has seen."""
    return secrets.token_bytes(SECRET_BYTES)


def spelled(secret: bytes) -> str:
    """A secret as it is shown, and as libraries for receivers take it."""
    return PREFIX + base64.b64encode(secret).decode()


def headers(delivery_id: UUID, body: bytes, *, at: datetime, keys: Sequence[bytes]) -> dict[str, str]:
    """The headers that let a receiver check who sent `body` and when: a signature for each of `keys`."""
    message_id, stamp = f"msg_{delivery_id.hex}", str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), stamp.encode(), body))
    signatures = (base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
