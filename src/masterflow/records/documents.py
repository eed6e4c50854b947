"""Frozen dataclasses as JSON documents and back, checked by pydantic in both directions."""

from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


class Document(Generic[T]):
    """The JSON form of one dataclass, for a JSONB column."""

    def __init__(self, kind: type[T]) -> None:
        self._adapter: TypeAdapter[T] = TypeAdapter(kind)

    def dump(self, value: T) -> Any:
        """The value as what JSON can hold."""
        return self._adapter.dump_python(value, mode="json")

    def load(self, document: Any) -> T:
        """The value that `dump` gave."""
        return self._adapter.validate_python(document)
