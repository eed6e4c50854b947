"""What tokens, sessions and the codes of sign-in links look like, and what is kept of them.

Each is 256 random bits, so one round of SHA-256 protects it: there is nothing to guess that a slow hash would slow.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta

PREFIX = "mf_"
SESSION_PREFIX = "mfs_"
CODE_PREFIX = "mfc_"
SECRET_BYTES = 32
DEFAULT_LIFETIME = timedelta(days=90)
LONGEST_LIFETIME = timedelta(days=366)
SESSION_LIFETIME = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=2)
LINK_LIFETIME = timedelta(minutes=15)


def new_secret(prefix: str = PREFIX) -> str:
    """A secret nobody has seen: the prefix, by which secret scanners find leaks, and 256 random bits."""
    return prefix + secrets.token_urlsafe(SECRET_BYTES)


def hash_of(secret: str) -> bytes:
    """What the database keeps instead of the secret."""
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).digest()


def csrf_of(session_secret: str) -> str:
    """What a page of ours sends beside its cookie to show that it could read an answer: nothing else can know it."""
    key = session_secret.encode("utf-8", "backslashreplace")
    return hmac.new(key, b"masterflow.csrf", hashlib.sha256).hexdigest()


def is_csrf_of(session_secret: str, given: str) -> bool:
    """Whether `given` belongs to the session; takes the same time for every wrong value of a length."""
    return hmac.compare_digest(csrf_of(session_secret).encode(), given.encode("utf-8", "backslashreplace"))
