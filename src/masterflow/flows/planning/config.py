"""What a person says before waves are planned."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Freeze(BaseModel):
    """A stretch of days in which nothing moves, or no production."""

    model_config = ConfigDict(extra="forbid")

    start: date = Field(description="First day")
    end: date = Field(description="Last day")
    scope: Literal["prod", "all"] = Field("prod", description="What may not move")


class Config(BaseModel):
    """The calendar, the capacity and the wishes of a plan. What is not given is derived and printed."""

    model_config = ConfigDict(extra="forbid")

    first_wave_start: date | None = Field(
        None, description="First day of wave 1; the Monday at least six weeks from today if not given"
    )
    wave_weeks: int = Field(4, ge=1, le=26, description="Length of a wave, in weeks")
    waves: int | None = Field(None, ge=1, le=60, description="How many waves; as few as capacity needs if not given")
    hours_per_wave: int | None = Field(None, ge=1, description="Work that fits in a wave, in hours")
    servers_per_wave: int | None = Field(None, ge=1, description="Servers that fit in a wave")
    storage_gb_per_wave: int | None = Field(None, ge=1, description="Data that fits in a wave, in GB")
    max_parallel_prod: int | None = Field(None, ge=1, description="Most production applications in one wave")
    freezes: list[Freeze] = Field(default_factory=list, description="Days in which nothing, or no production, moves")
    pins: dict[str, int] = Field(default_factory=dict, description="Wave by application name")
    together: list[list[str]] = Field(default_factory=list, description="Application names that move in one wave")
    apart: list[tuple[str, str]] = Field(default_factory=list, description="Application names that never share a wave")
    before: list[tuple[str, str]] = Field(
        default_factory=list, description="Pairs of application names: the first in an earlier wave than the second"
    )
    shared_services: list[str] = Field(
        default_factory=list, description="Applications set aside for wave 0 beside those the estate marks"
    )
    time_limit_seconds: int = Field(60, ge=1, le=3600, description="Time for the solver, in seconds")
    seed: int = Field(1, ge=0, description="Same estate, same settings, same seed: same plan")
    engineers: int = Field(4, ge=1, description="People who migrate, for the demand of each wave")
    hours_per_engineer_week: int = Field(30, ge=1, le=60, description="Hours a week that one of them has for it")
    transfer_mbps: int = Field(620, ge=1, description="Rate at which data is copied, in Mbit/s")
