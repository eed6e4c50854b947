"""What a vendor documents about the columns of a format, in the form that `Importer.aliases` takes."""

from collections.abc import Iterable, Mapping

Aliases = dict[tuple[str, str], str]


def names_in(text: str) -> tuple[str, ...]:
    """The column names of a text, between blanks and line ends."""
    return tuple(text.split())


def documented(sheet: str, fields: Mapping[str, str], without_field: Iterable[str] = ()) -> Aliases:
    """The columns of a sheet with the fields they mean, and those that no field stands for."""
    return {**{(sheet, name): "" for name in without_field}, **{(sheet, name): fields[name] for name in fields}}
