"""Text in files meant for a spreadsheet: written so that it cannot act as a formula, and read back as it was.

An apostrophe goes before a text that begins like a formula, and before one that already looks so protected; so taking
one away gives every text back.
"""

ACTIVE_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

# What a file of rows to correct says about each row, beside the columns of the file the row came from.
CORRECTION_COLUMNS = ("masterflow_row", "masterflow_column", "masterflow_error", "masterflow_value")


def harmless(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet could take for a formula."""
    return f"'{text}" if text.lstrip("'").startswith(ACTIVE_STARTS) else text


def as_it_was(text: str) -> str:
    """Undo `harmless`."""
    protected = text.startswith("'") and text.lstrip("'").startswith(ACTIVE_STARTS)
    return text[1:] if protected else text


def is_correction_column(header: str) -> bool:
    """Whether a column only says what was wrong with an earlier version of the row."""
    return header.strip().casefold() in CORRECTION_COLUMNS
