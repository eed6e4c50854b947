"""Quotas as values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """What one engagement may have; 0 is no limit. `running` counts flows that run here, not those that wait."""

    running: int = 0
    created_per_hour: int = 0
    flows: int = 0


UNLIMITED = Quotas()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientQuotas:
    """What the operator allows one client's engagements; None is the installation's default, 0 is no limit."""

    running: int | None = None
    created_per_hour: int | None = None
    flows: int | None = None
