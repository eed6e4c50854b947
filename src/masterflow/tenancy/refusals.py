"""What whoever is not let in is told: always the same, whichever of the reasons it was."""

from masterflow.errors import NotAuthenticated


def no_credential() -> NotAuthenticated:
    """Nothing was shown."""
    return NotAuthenticated("No token was given.", hint="Send `Authorization: Bearer mf_…`.")


def unknown_credential() -> NotAuthenticated:
    """A token or a session that opens nothing."""
    return NotAuthenticated(
        "The token or session is unknown, expired or revoked, or not good for this engagement.",
        hint="Make a new token with `masterflow token create`, sign in again with a new link, "
        "or name an engagement you belong to in `Masterflow-Engagement`.",
    )
