"""Every table, in one metadata; queries live with their owner's `store.py`."""

from importlib import import_module
from pkgutil import iter_modules

from sqlalchemy import MetaData

from masterflow.db.tables.metadata import metadata


def load_all() -> MetaData:
    """The metadata with every table of this package in it."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return metadata
