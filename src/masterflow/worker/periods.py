"""How often a worker does what it does besides running phases."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """Periods and limits of one worker; the defaults are for production, tests shorten them."""

    beat: timedelta = timedelta(seconds=1)
    look: timedelta = timedelta(seconds=1)  # at the epochs of what runs here
    sweep: timedelta = timedelta(seconds=1)  # for workers that died
    reconcile: timedelta = timedelta(minutes=1)  # rows against the engine's memory
    tidy: timedelta = timedelta(minutes=5)  # of the engine's memory
    keep_ended: timedelta = timedelta(minutes=10)  # in the engine's memory, for people who look there
    keep_staged: timedelta = timedelta(hours=1)  # chunks of flows that completed or were cancelled
    schedules: timedelta = timedelta(seconds=1)  # whose time has come
    gates: timedelta = timedelta(seconds=5)  # that are due or past their time
    bulk: timedelta = timedelta(seconds=1)  # commands on many flows
    relay: timedelta = timedelta(seconds=1)  # before it begins again; it never ends by itself
    webhooks: timedelta = timedelta(seconds=1)  # that are to be told
    expire: timedelta = timedelta(minutes=5)  # answers kept under idempotency keys
    frozen_after: timedelta = timedelta(seconds=30)  # without a beat, though the lock is held
    lost_after: timedelta = timedelta(seconds=3)  # of looking dead or frozen without a break
    drain: timedelta = timedelta(seconds=20)  # for running phases, before a shutdown gives them back
