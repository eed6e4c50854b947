"""Names, addresses and lifetimes as people type them, made fit to store or refused with a sentence."""

import re
from datetime import timedelta

from masterflow.errors import InvalidInput
from masterflow.tenancy.roles import Role
from masterflow.tenancy.tokens import LONGEST_LIFETIME

LONGEST_NAME = 200
LONGEST_EMAIL = 255

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def clean_name(what: str, text: str) -> str:
    """`text` without surrounding blanks; `what` begins the sentence of the refusal.

    Raises:
        InvalidInput: nothing is left, it is longer than 200 characters, or it holds control characters.
    """
    name = text.strip()
    if not name:
        raise InvalidInput(f"{what} is empty.", hint="Give it a name.")
    if len(name) > LONGEST_NAME:
        raise InvalidInput(f"{what} has {len(name)} characters.", hint=f"Use at most {LONGEST_NAME}.")
    if _CONTROL.search(name):
        raise InvalidInput(f"{what} {name!r} holds control characters.", hint="Use printable characters.")
    return name


def clean_email(text: str) -> str:
    """The address in the form in which it identifies a user: without blanks around it, in lower case.

    Raises:
        InvalidInput: it is not an address of at most 255 characters.
    """
    email = text.strip().lower()
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise InvalidInput(f"{text!r} is not an e-mail address.", hint="Write name@example.com.")
    return email


def clean_role(text: str) -> Role:
    """The role called `text`.

    Raises:
        InvalidInput: there is no such role; the message lists them.
    """
    try:
        return Role(text.strip().lower())
    except ValueError:
        raise InvalidInput(f"There is no role {text!r}.", hint=f"Use one of: {', '.join(Role)}.") from None


def clean_lifetime(days: int) -> timedelta:
    """How long a token shall live.

    Raises:
        InvalidInput: less than a day or more than 366 days.
    """
    lifetime = timedelta(days=min(max(days, 0), LONGEST_LIFETIME.days + 1))
    if not timedelta(days=1) <= lifetime <= LONGEST_LIFETIME:
        raise InvalidInput(
            f"A token cannot live {days} days.", hint=f"Choose 1 to {LONGEST_LIFETIME.days} days and renew it."
        )
    return lifetime
