"""Idempotency keys: the answer of a call, kept for a day for whoever sends the call again.

What is kept is sealed with the key, and of the key only a hash is kept: an answer may hold a secret that is shown
once, and whoever reads the table must not find it there. A key that can be guessed seals nothing; a random UUID does.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from masterflow.db.calls import IdempotencyKey
from masterflow.errors import KeyInUse, KeyMisused

KEPT_FOR = timedelta(hours=24)
DELETED_AT_ONCE = 1_000  # expired rows, in one statement

_NONCE_BYTES = 12
_FIND = """
SELECT digest, status, headers::text AS headers, body FROM idempotency_keys
WHERE client_account_id = $1 AND key_hash = $2 AND expires_at > clock_timestamp()"""
_KEEP = """
INSERT INTO idempotency_keys (client_account_id, engagement_id, key_hash, digest, status, headers, body, expires_at)
VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7, clock_timestamp() + $8::interval)
ON CONFLICT (key_hash) DO UPDATE SET digest = excluded.digest, status = excluded.status, headers = excluded.headers,
    body = excluded.body, created_at = excluded.created_at, expires_at = excluded.expires_at"""
_DELETE = """
DELETE FROM idempotency_keys WHERE key_hash IN (
    SELECT key_hash FROM idempotency_keys WHERE expires_at <= clock_timestamp()
    ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call was answered: status, the headers that matter, and the bytes of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """The key of one call, as the table knows it."""

    client_account_id: UUID
    engagement_id: UUID
    user_id: UUID | None
    key: IdempotencyKey

    @property
    def hash(self) -> bytes:
        """What the key is found by: the same text of another person or engagement is another key."""
        whose = f"{self.client_account_id}/{self.engagement_id}/{self.user_id}/{self.key.text}"
        return hashlib.sha256(whose.encode()).digest()

    async def claim(self, connection: asyncpg.Connection) -> None:
        """Take the key until the transaction ends.

        Raises:
            KeyInUse: another transaction has it, or was answered since this call began.
            KeyMisused: another request was answered under it.
        """
        number = int.from_bytes(self.hash[:8], "big", signed=True)
        if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", number):
            raise KeyInUse("A request with this Idempotency-Key is being served.", hint="Send it again in a moment.")
        if await self.find(connection) is not None:
            raise KeyInUse(
                "A request with this Idempotency-Key was answered just now.", hint="Send it again for its answer."
            )

    async def find(self, connection: asyncpg.Connection) -> Answer | None:
        """The answer that is kept under the key, if there is one.

        Raises:
            KeyMisused: it was given to another request.
        """
        row = await connection.fetchrow(_FIND, self.client_account_id, self.hash)
        if row is None:
            return None
        if row["digest"] != self.key.digest:
            raise KeyMisused(
                "This Idempotency-Key was used for another request.",
                hint="Send the same request again, or this one under a key of its own.",
            )
        return Answer(row["status"], orjson.loads(row["headers"]), self._unsealed(row["body"]))

    async def keep(self, connection: asyncpg.Connection, answer: Answer) -> None:
        """Keep the answer of the call, in the transaction of what it did."""
        await connection.execute(
            _KEEP,
            self.client_account_id,
            self.engagement_id,
            self.hash,
            self.key.digest,
            answer.status,
            orjson.dumps(dict(answer.headers)).decode(),
            self._sealed(answer.body),
            KEPT_FOR,
        )

    def _sealed(self, body: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, body, self.hash)

    def _unsealed(self, sealed: bytes) -> bytes:
        return self._cipher().decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self.hash)

    def _cipher(self) -> AESGCM:
        return AESGCM(hashlib.sha256(b"answer of an idempotency key/" + self.key.text.encode()).digest())


async def delete_expired(connection: asyncpg.Connection) -> int:
    """Delete keys whose day is over, of every tenant that the role sees, some at a time; answers how many."""
    done = await connection.execute(_DELETE, DELETED_AT_ONCE)
    return int(done.removeprefix("DELETE "))
