"""Flows as JSON without a model between: for the reads that dashboards repeat. `FlowOut` and its kin describe the same
bytes, and a test compares them.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from masterflow.orchestrator.types import Failure, Flow, ListedFlow, Progress

_FORM = orjson.OPT_UTC_Z


def ready(body: Mapping[str, Any], version: int | None = None) -> Response:
    """`body` as it is, with its version as ETag if it has one."""
    headers = None if version is None else {"ETag": f'"{version}"'}
    return Response(orjson.dumps(body, option=_FORM), media_type="application/json", headers=headers)


def listed(flow: ListedFlow) -> dict[str, Any]:
    """What `ListedFlowOut` shows of a flow."""
    return {
        "flow_id": str(flow.flow_id),
        "flow_type": flow.flow_type,
        "flow_name": flow.flow_name,
        "engagement_id": str(flow.tenant.engagement_id),
        "created_by": flow.user_id,
        "created_by_name": flow.created_by_name,
        "status": flow.status,
        "current_phase": flow.current_phase,
        "phase_index": flow.phase_index,
        "phase_count": flow.phase_count,
        "version": flow.version,
        "iteration": flow.iteration,
        "runs_here": flow.runs_here,
        "pause_requested": flow.pause_requested,
        "attempts": flow.attempts,
        "last_error": _failure(flow.last_error),
        "parent_flow_id": str(flow.parent_flow_id) if flow.parent_flow_id else None,
        "created_at": flow.created_at,
        "updated_at": flow.updated_at,
        "status_changed_at": flow.status_changed_at,
        "deleted_at": flow.deleted_at,
        "phase_seconds": flow.phase_execution_times,
        "progress": _progress(flow.progress),
    }


def whole(flow: Flow) -> dict[str, Any]:
    """What `FlowOut` shows of a flow."""
    return listed(flow) | {"config": flow.configuration, "memory_mib": flow.memory_usage_metrics}


def status(flow: Flow) -> dict[str, Any]:
    """What `FlowStatusOut` shows of a flow."""
    return {
        "flow_id": str(flow.flow_id),
        "status": flow.status,
        "current_phase": flow.current_phase,
        "phase_index": flow.phase_index,
        "phase_count": flow.phase_count,
        "version": flow.version,
        "progress": _progress(flow.progress),
        "last_error": _failure(flow.last_error),
    }


def _failure(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {
        "code": failure.code,
        "message": failure.message,
        "hint": failure.hint,
        "phase": failure.phase,
        "attempt": failure.attempt,
        "permanent": failure.permanent,
        "missing": failure.missing,
        "error_class": failure.error_class,
        "correlation_id": failure.correlation_id,
    }


def _progress(progress: Progress | None) -> dict[str, Any] | None:
    if progress is None:
        return None
    return {"phase": progress.phase, "done": progress.done, "total": progress.total, "what": progress.what}
