"""What a vendor documents about the columns of a format."""


def names_in(text: str) -> tuple[str, ...]:
    """The column names of a text, between blanks and line ends."""
    return tuple(text.split())
