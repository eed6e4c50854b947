"""Names, addresses and lifetimes as people type them, made fit to store or refused with a sentence."""

import re
from collections.abc import Iterable
from datetime import timedelta

from masterflow.errors import InvalidInput
from masterflow.tenancy.roles import SERVICE_ROLES, Operation, Role, with_needs
from masterflow.tenancy.tokens import LONGEST_LIFETIME

LONGEST_NAME = 200
LONGEST_EMAIL = 255
SERVICE_DOMAIN = ".service.invalid"  # no mail can ever go there

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+")
_SERVICE = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
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
    if email.endswith(SERVICE_DOMAIN):
        raise InvalidInput(
            f"{email} stands for a service account, which no person can be.",
            hint="Give an account that there is another role, or make one with `masterflow user create --service`.",
        )
    return email


def clean_service_name(text: str) -> str:
    """The name of a service account, as it is kept.

    Raises:
        InvalidInput: it is not made of 1 to 63 lower-case letters, digits, dots, dashes and underscores.
    """
    name = text.strip().lower()
    if not _SERVICE.fullmatch(name):
        raise InvalidInput(
            f"{text[:80]!r} cannot name a service account.",
            hint="Use up to 63 letters, digits, dots, dashes and underscores, a letter or digit first.",
        )
    return name


def clean_service_role(text: str) -> Role:
    """A role that a service account may hold.

    Raises:
        InvalidInput: there is no such role, or it decides gates or manages people; the message lists those left.
    """
    role = clean_role(text)
    if role not in SERVICE_ROLES:
        raise InvalidInput(
            f"A service account cannot be {role}: that role decides or manages, which people answer for.",
            hint=f"Use one of: {', '.join(sorted(SERVICE_ROLES))}.",
        )
    return role


def clean_scopes(texts: Iterable[str] | None) -> frozenset[Operation] | None:
    """The operations that a token is narrowed to, with what they need to read; None stands for all of its owner.

    Raises:
        InvalidInput: none is named, or one that there is not; the message lists them.
    """
    if texts is None:
        return None
    named = list(texts)
    known = {str(operation) for operation in Operation}
    unknown = [text for text in named if text not in known]
    if unknown or not named:
        what = f"There is no operation {unknown[0][:80]!r}." if unknown else "A token with no operation opens nothing."
        raise InvalidInput(what, hint=f"Use some of: {', '.join(Operation)}.")
    return with_needs(Operation(text) for text in named)


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
