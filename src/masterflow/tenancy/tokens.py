"""What an API token looks like, and what is kept of it.

A token is 256 random bits, so one round of SHA-256 protects it: there is nothing to guess that a slow hash would slow.
"""

import hashlib
import secrets
from datetime import timedelta

PREFIX = "mf_"
SECRET_BYTES = 32
DEFAULT_LIFETIME = timedelta(days=90)
LONGEST_LIFETIME = timedelta(days=366)


def new_secret() -> str:
    """A token nobody has seen: the prefix, by which secret scanners find leaks, and 256 random bits."""
    return PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def hash_of(secret: str) -> bytes:
    """What the database keeps instead of the secret."""
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).digest()
