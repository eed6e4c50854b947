"""Secrets as the database keeps them: AES-256-GCM, each bound to the very place where it is kept.

A sealed value is `1 | key id (4) | nonce (12) | ciphertext and tag`. The place (tenant, table, column, row) is
authenticated with it: a value that was copied to another row does not open.
"""

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from masterflow.config import Settings
from masterflow.errors import ConfigurationInvalid

KEY_BYTES = 32
KEY_FILE = "encryption.key"
_VERSION, _ID_BYTES, _NONCE_BYTES = b"\x01", 4, 12
_HEADER = len(_VERSION) + _ID_BYTES
HOW = "Make one: `openssl rand -base64 32`, the same on every machine."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value is kept."""

    client_account_id: UUID
    table: str
    column: str
    row_id: UUID

    @property
    def bound(self) -> bytes:
        """What the seal authenticates."""
        return f"{self.client_account_id}|{self.table}|{self.column}|{self.row_id}".encode()


class Sealer:
    """Seals with the first of `keys` and opens what any of them sealed, so that a key can be replaced.

    Raises:
        ConfigurationInvalid: there is no key, or one has not 32 bytes.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ConfigurationInvalid(f"An encryption key has {KEY_BYTES} bytes.", hint=HOW)
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._first = _key_id(keys[0])

    def seal(self, plain: bytes, place: Place) -> bytes:
        """`plain`, to be kept at `place` and nowhere else."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + self._first + nonce + self._ciphers[self._first].encrypt(nonce, plain, place.bound)

    def open(self, sealed: bytes, place: Place) -> bytes:
        """What was sealed for `place`.

        Raises:
            ConfigurationInvalid: no key given sealed it, it was changed, or it was sealed for another place.
        """
        cipher = self._ciphers.get(sealed[len(_VERSION) : _HEADER]) if sealed[:1] == _VERSION else None
        if cipher is None:
            raise ConfigurationInvalid(
                f"{place.table}.{place.column} was sealed with a key that this process does not have.",
                hint="Add the former key to MASTERFLOW_ENCRYPTION_KEY, behind a comma; no backup holds it. If it is "
                "lost, delete what was sealed with it and make it anew.",
            )
        nonce, rest = sealed[_HEADER : _HEADER + _NONCE_BYTES], sealed[_HEADER + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, rest, place.bound)
        except InvalidTag:
            raise ConfigurationInvalid(
                f"{place.table}.{place.column} of {place.row_id} was changed, or belongs to another row.",
                hint="Restore the database from a backup, or make the secret anew.",
            ) from None


def sealer_from(settings: Settings) -> Sealer | None:
    """The sealer of this installation; None where the database is somebody's own and no key is set.

    With the embedded database a key is made in DATA_DIR at the first use.

    Raises:
        ConfigurationInvalid: the key that is set is not 32 bytes in base64.
    """
    if settings.encryption_key is not None:
        return Sealer([_decoded(text) for text in settings.encryption_key.get_secret_value().split(",")])
    if settings.database_is_embedded:
        return Sealer([_kept_key(settings.data_dir / KEY_FILE)])
    return None


def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigurationInvalid(f"MASTERFLOW_ENCRYPTION_KEY is not {KEY_BYTES} bytes in base64.", hint=HOW)
    return key


def _kept_key(path: Path) -> bytes:
    """The key in a file that only its owner reads, made if there is none; two that make it at once get the same."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)))
            file.flush()
            os.fsync(file.fileno())
        try:
            with suppress(FileExistsError):  # another process made it meanwhile: that one counts for both
                os.link(fresh, path)
        finally:
            fresh.unlink()
    try:
        return _decoded(path.read_text(encoding="ascii"))
    except (ConfigurationInvalid, UnicodeDecodeError):
        raise ConfigurationInvalid(
            f"{path} holds no key.",
            hint="Put back the copy that you keep apart: no backup holds it, and what it sealed opens with nothing "
            "else. Without a copy, remove the file; then delete every webhook and make it anew.",
        ) from None


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key id|" + key).digest()[:_ID_BYTES]
