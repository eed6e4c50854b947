"""What a person says before waves are planned."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

# How a form groups the fields, and where it finds the names to choose from: each entry's `x-option-value`.
_CALENDAR: dict[str, JsonValue] = {"x-group": "Calendar"}
_CAPACITY: dict[str, JsonValue] = {"x-group": "Capacity"}
_SOLVER: dict[str, JsonValue] = {"x-group": "Solver"}
_WISHES: dict[str, JsonValue] = {
    "x-group": "Wishes",
    "x-options": "/api/v1/applications",
    "x-option-value": "name",
}


class Freeze(BaseModel):
    """A stretch of days in which nothing moves, or no production."""

    model_config = ConfigDict(extra="forbid")

    start: date = Field(title="From", description="First day")
    end: date = Field(title="Until", description="Last day")
    scope: Literal["prod", "all"] = Field("prod", title="What", description="What may not move")


class Config(BaseModel):
    """The calendar, the capacity and the wishes of a plan. What is not given is derived and printed."""

    model_config = ConfigDict(extra="forbid")

    first_wave_start: date | None = Field(
        None,
        title="First wave starts on",
        description="First day of wave 1; the Monday at least six weeks from today if not given",
        json_schema_extra=_CALENDAR,
    )
    wave_weeks: int = Field(
        4, ge=1, le=26, title="Length of a wave", description="Length of a wave, in weeks", json_schema_extra=_CALENDAR
    )
    waves: int | None = Field(
        None,
        ge=1,
        le=60,
        title="Number of waves",
        description="How many waves; as few as capacity needs if not given",
        json_schema_extra=_CALENDAR,
    )
    hours_per_wave: int | None = Field(
        None,
        ge=1,
        title="Work in a wave",
        description="Work that fits in a wave, in hours",
        json_schema_extra=_CAPACITY,
    )
    servers_per_wave: int | None = Field(
        None,
        ge=1,
        title="Servers in a wave",
        description="Servers that fit in a wave",
        json_schema_extra=_CAPACITY,
    )
    storage_gb_per_wave: int | None = Field(
        None,
        ge=1,
        title="Data in a wave",
        description="Data that fits in a wave, in GB",
        json_schema_extra=_CAPACITY,
    )
    max_parallel_prod: int | None = Field(
        None,
        ge=1,
        title="Production applications in a wave",
        description="Most production applications in one wave",
        json_schema_extra=_CAPACITY,
    )
    freezes: list[Freeze] = Field(
        default_factory=list,
        title="Freezes",
        description="Days in which nothing, or no production, moves",
        json_schema_extra=_CALENDAR,
    )
    pins: dict[str, int] = Field(
        default_factory=dict,
        title="Fixed waves",
        description="Wave by application name",
        json_schema_extra=_WISHES,
    )
    together: list[list[str]] = Field(
        default_factory=list,
        title="Move together",
        description="Application names that move in one wave",
        json_schema_extra=_WISHES,
    )
    apart: list[tuple[str, str]] = Field(
        default_factory=list,
        title="Keep apart",
        description="Application names that never share a wave",
        json_schema_extra=_WISHES,
    )
    before: list[tuple[str, str]] = Field(
        default_factory=list,
        title="Move before",
        description="Pairs of application names: the first in an earlier wave than the second",
        json_schema_extra=_WISHES,
    )
    shared_services: list[str] = Field(
        default_factory=list,
        title="Shared services",
        description="Applications set aside for wave 0 beside those the estate marks",
        json_schema_extra=_WISHES,
    )
    time_limit_seconds: int = Field(
        60,
        ge=1,
        le=3600,
        title="Time for the solver",
        description="Time for the solver, in seconds",
        json_schema_extra=_SOLVER,
    )
    seed: int = Field(
        1,
        ge=0,
        title="Seed",
        description="Same estate, same settings, same seed: same plan",
        json_schema_extra=_SOLVER,
    )
    engineers: int = Field(
        4,
        ge=1,
        title="Engineers",
        description="People who migrate, for the demand of each wave",
        json_schema_extra=_CAPACITY,
    )
    hours_per_engineer_week: int = Field(
        30,
        ge=1,
        le=60,
        title="Hours of an engineer",
        description="Hours a week that one of them has for it",
        json_schema_extra=_CAPACITY,
    )
    transfer_mbps: int = Field(
        620,
        ge=1,
        title="Transfer rate",
        description="Rate at which data is copied, in Mbit/s",
        json_schema_extra=_CAPACITY,
    )
