"""How values of the services become bodies of answers: by the names of their fields, one class an answer."""

from typing import Self

from pydantic import BaseModel, ConfigDict


class Shown(BaseModel):
    """A body read from a value's attributes; nothing is shown that is not named here."""

    model_config = ConfigDict(from_attributes=True)

    @classmethod
    def of(cls, value: object) -> Self:
        """`value` as the API shows it."""
        return cls.model_validate(value)
