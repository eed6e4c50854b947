"""Rows of the orchestrator's tables as values, and values as JSON text.

JSON crosses the driver as text in both directions, because the two kinds of connections have different codecs.
"""

import hashlib
import math
import re
from collections.abc import Mapping
from typing import Any

import asyncpg
import orjson

from masterflow.db.status import FlowStatus
from masterflow.db.text import printable
from masterflow.errors import ErrorClass, InvalidInput
from masterflow.orchestrator.registry import FlowTypeRegistry
from masterflow.orchestrator.types import (
    Event,
    Failure,
    Flow,
    JsonObject,
    ListedFlow,
    PhaseResult,
    Progress,
)
from masterflow.tenancy.types import Tenant

NOBODY: Mapping[str, str] = {}
LONGEST_MESSAGE = 2_000  # characters of an error that a row keeps
_ESCAPED_NUL = rb"\u0000"
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # the escape itself, not text that shows one

# What a list shows. The configuration is not in it: kept beside the row, it would cost four reads a flow.
LISTED_COLUMNS = """flow_id, flow_type, flow_name, client_account_id, engagement_id, user_id, flow_status,
    current_phase, phase_index, version, definition_version, iteration, run_epoch, runs_here, pause_requested, attempts,
    last_error::text AS last_error, parent_flow_id, created_at, updated_at, status_changed_at, deleted_at,
    (flow_persistence_data -> 'progress')::text AS progress, phase_execution_times::text AS phase_execution_times"""
FLOW_COLUMNS = f"""{LISTED_COLUMNS}, losses, correlation_id, flow_configuration::text AS flow_configuration,
    memory_usage_metrics::text AS memory_usage_metrics"""


def json_text(value: object) -> str:
    """`value` as the JSON text that a row can hold.

    Raises:
        InvalidInput: it holds a character that JSON or Postgres cannot, such as NUL or half a surrogate pair.
    """
    try:
        data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise InvalidInput(
            f"This cannot be kept as JSON: {error}.", hint="Remove what is not text or a number."
        ) from error
    if b"null" in data and not _finite(value):
        raise InvalidInput(
            "A number is not finite (NaN or infinity).", hint="Give a number, or null for what is not known."
        )
    if _ESCAPED_NUL in data and _NUL.search(data):
        raise InvalidInput(
            "A text contains the character NUL (U+0000).", hint="Remove it; no database text can hold it."
        )
    return data.decode()


def _finite(value: object) -> bool:
    """Whether every number in a JSON value is one: the JSON writer would turn the others into null without a word."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str | int):
            continue  # nearly everything: asking further would cost more than writing the JSON
        if isinstance(one, float) and not math.isfinite(one):
            return False
        if isinstance(one, dict | Mapping):
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)
    return True


def content_hash(text: str) -> bytes:
    """SHA-256 of the JSON text of an output: what a decision is bound to."""
    return hashlib.sha256(text.encode()).digest()


def flow_from(row: asyncpg.Record, registry: FlowTypeRegistry, starters: Mapping[str, str] = NOBODY) -> Flow:
    """A flow from a row selected with `FLOW_COLUMNS`; `starters` are names by user id."""
    return Flow(
        **_listed(row, registry, starters),
        configuration=loads(row["flow_configuration"]),
        memory_usage_metrics=loads(row["memory_usage_metrics"]),
        losses=row["losses"],
        correlation_id=row["correlation_id"],
    )


def listed_from(row: asyncpg.Record, registry: FlowTypeRegistry, starters: Mapping[str, str] = NOBODY) -> ListedFlow:
    """A flow of a list, from a row selected with `LISTED_COLUMNS`; `starters` are names by user id."""
    return ListedFlow(**_listed(row, registry, starters))


def _listed(row: asyncpg.Record, registry: FlowTypeRegistry, starters: Mapping[str, str]) -> dict[str, Any]:
    """A type that this process does not know counts no more phases than the flow has done."""
    flow_type = registry.find(row["flow_type"])
    return {
        "flow_id": row["flow_id"],
        "flow_type": row["flow_type"],
        "flow_name": row["flow_name"],
        "tenant": Tenant(row["client_account_id"], row["engagement_id"]),
        "user_id": row["user_id"],
        "created_by_name": starters.get(row["user_id"]),
        "status": FlowStatus(row["flow_status"]),
        "current_phase": row["current_phase"],
        "phase_index": row["phase_index"],
        "phase_count": len(flow_type.phases) if flow_type else row["phase_index"],
        "version": row["version"],
        "definition_version": row["definition_version"],
        "iteration": row["iteration"],
        "runs_here": row["runs_here"],
        "pause_requested": row["pause_requested"],
        "attempts": row["attempts"],
        "last_error": _failure_from(loads(row["last_error"])),
        "parent_flow_id": row["parent_flow_id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "status_changed_at": row["status_changed_at"],
        "deleted_at": row["deleted_at"],
        "phase_execution_times": loads(row["phase_execution_times"]),
        "progress": _progress_from(loads(row["progress"])),
    }


def failure_to_json(failure: Failure) -> dict[str, Any]:
    """A failure as `last_error` keeps it: only what is said, and never more than a few kilobytes."""
    kept = {
        "code": failure.code,
        "message": printable(failure.message)[:LONGEST_MESSAGE],
        "hint": failure.hint and printable(failure.hint)[:LONGEST_MESSAGE],
        "phase": failure.phase,
        "attempt": failure.attempt,
        "permanent": failure.permanent,
        "missing": [dict(missing) for missing in failure.missing],
        "class": failure.error_class,
        "correlation_id": failure.correlation_id,
    }
    return {key: value for key, value in kept.items() if value not in (None, [])}


def event_from(row: asyncpg.Record) -> Event:
    """One line of a history."""
    return Event(
        flow_id=row["flow_id"],
        seq=row["seq"],
        kind=row["kind"],
        phase=row["phase"],
        actor=row["actor"],
        reason=row["reason"],
        data=loads(row["data"]),
        at=row["at"],
    )


def result_from(row: asyncpg.Record) -> PhaseResult:
    """What one phase computed, as edited at its gate."""
    return PhaseResult(
        phase=row["phase"],
        phase_index=row["phase_index"],
        iteration=row["iteration"],
        attempt=row["attempt"],
        output=loads(row["output"]),
        edited=row["edited"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )


def loads(text: str | None) -> JsonObject:
    """An object that a row keeps; what is none, because somebody wrote past us, holds nothing that could be shown."""
    found = orjson.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _failure_from(kept: JsonObject) -> Failure | None:
    if not kept:
        return None
    return Failure(
        code=kept["code"],
        message=kept["message"],
        hint=kept.get("hint"),
        phase=kept.get("phase"),
        attempt=kept.get("attempt"),
        permanent=kept.get("permanent", True),
        missing=tuple(kept.get("missing", ())),
        error_class=ErrorClass(kept.get("class", ErrorClass.PERMANENT)),
        correlation_id=kept.get("correlation_id"),
    )


def _progress_from(kept: Mapping[str, Any] | None) -> Progress | None:
    return Progress(**kept) if kept else None
