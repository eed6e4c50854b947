"""Every route of the API, who may use it, and how to call it with something of the home tenant.

A route without a case fails `test_matrix.py`: whoever adds one says here what it needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from masterflow.tenancy.roles import Operation, Role

EVERYBODY = frozenset(Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One route. `operation` None: every member may. `things` name what of the home tenant fills the path's ids.

    `own` routes answer with things of whoever asks, so another tenant sees its own there and not nothing.
    """

    operation: Operation | None
    things: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    upload: bytes | None = None
    own: bool = False
    whole: bool = False  # a narrowed token may not, whatever it is narrowed to
    reads_flows: bool = False  # before it asks for its own operation
    people: bool = False  # a service account may not, whatever its roles


FLOW = {"flow_id": "flow"}
GATE = {"gate_id": "gate"}
SCHEDULE = {"schedule_id": "schedule"}
CALENDAR = {"calendar_id": "calendar"}
USER = {"user_id": "user"}
WEBHOOK = {"webhook_id": "webhook"}
AT_ONCE = {"follow": "false", "last_event_id": "0"}  # a stream that ends when all there is was sent
_O = Operation

CASES: Mapping[str, Case] = {
    "create_flow": Case(operation=_O.RUN_FLOWS, body={"flow_type": "toy", "parent_flow_id": "{flow}"}),
    "get_analytics": Case(operation=_O.READ_FLOWS, own=True),
    "list_flows": Case(operation=_O.READ_FLOWS),
    "get_flow": Case(operation=_O.READ_FLOWS, things=FLOW),
    "delete_flow": Case(operation=_O.DELETE_FLOWS, things=FLOW),
    "get_flow_status": Case(operation=_O.READ_FLOWS, things=FLOW),
    "get_flow_history": Case(operation=_O.READ_FLOWS, things=FLOW),
    "get_flow_results": Case(operation=_O.READ_RESULTS, things=FLOW),
    "list_flow_artifacts": Case(operation=_O.READ_RESULTS, things=FLOW, reads_flows=True),
    "stream_flow_events": Case(operation=_O.READ_FLOWS, things=FLOW, query=AT_ONCE),
    "stream_events": Case(operation=_O.READ_FLOWS, query=AT_ONCE, own=True),
    "execute_flow": Case(operation=_O.RUN_FLOWS, things=FLOW, body={}),
    "get_flow_input": Case(operation=_O.READ_FLOWS, things=FLOW),
    "get_flow_input_template": Case(operation=_O.READ_FLOWS, things=FLOW),
    "supply_flow_input_file": Case(operation=_O.RUN_FLOWS, things=FLOW, upload=b"field,value\nright,1\n"),
    "supply_flow_input": Case(operation=_O.RUN_FLOWS, things=FLOW, body={"values": {"right": 1}}),
    "pause_flow": Case(operation=_O.RUN_FLOWS, things=FLOW, body={}),
    "resume_flow": Case(operation=_O.RUN_FLOWS, things=FLOW, body={}),
    "retry_flow": Case(operation=_O.RUN_FLOWS, things=FLOW, body={}),
    "preview_redo": Case(operation=_O.READ_FLOWS, things=FLOW),
    "roll_back_flow": Case(operation=_O.RUN_FLOWS, things=FLOW, body={"phase": "first", "reason": "wrong"}),
    "skip_phase": Case(operation=_O.RUN_FLOWS, things=FLOW, body={"reason": "not needed"}),
    "restore_flow": Case(operation=_O.DELETE_FLOWS, things=FLOW, body={}),
    "cancel_flow": Case(operation=_O.RUN_FLOWS, things=FLOW, body={}),
    "order_bulk": Case(
        operation=_O.RUN_FLOWS,
        body={"command": "pause", "selection": {"flow_ids": ["{flow}"]}, "dry_run": True},
        own=True,
    ),
    "list_bulk_jobs": Case(operation=_O.READ_FLOWS),
    "get_bulk_job": Case(operation=_O.READ_FLOWS, things={"job_id": "bulk_job"}),
    "list_bulk_items": Case(operation=_O.READ_FLOWS, things={"job_id": "bulk_job"}),
    "cancel_bulk_job": Case(operation=_O.RUN_FLOWS, things={"job_id": "bulk_job"}),
    "list_flow_types": Case(operation=_O.READ_FLOWS, own=True),
    "get_flow_type": Case(operation=_O.READ_FLOWS, things={"name": "flow_type"}, own=True),
    "list_gates": Case(operation=_O.READ_FLOWS, query={"flow_id": "{flow}"}),
    "get_gate": Case(operation=_O.READ_FLOWS, things=GATE),
    "get_gate_table": Case(operation=_O.READ_FLOWS, things=GATE),
    "preview_gate": Case(operation=_O.READ_FLOWS, things=GATE, body={"edits": []}),
    "list_gate_decisions": Case(operation=_O.READ_FLOWS, things=GATE),
    "get_inbox": Case(operation=_O.READ_FLOWS),
    "decide_gate": Case(
        operation=_O.DECIDE_GATES, things=GATE, body={"verdict": "approve", "content_hash": "00" * 32}, reads_flows=True
    ),
    "get_gate_workbook": Case(operation=_O.READ_FLOWS, things=GATE),
    "approve_edited_gate": Case(operation=_O.DECIDE_GATES, things=GATE, upload=b"no workbook", reads_flows=True),
    "create_schedule": Case(
        operation=_O.RUN_FLOWS, body={"name": "other", "flow_type": "toy", "cron": "@daily"}, own=True
    ),
    "list_schedules": Case(operation=_O.READ_FLOWS),
    "preview_schedule": Case(operation=_O.READ_FLOWS, body={"cron": "@daily"}, own=True),
    "get_schedule": Case(operation=_O.READ_FLOWS, things=SCHEDULE),
    "change_schedule": Case(
        operation=_O.RUN_FLOWS, things=SCHEDULE, body={"name": "renamed", "flow_type": "toy", "cron": "@daily"}
    ),
    "delete_schedule": Case(operation=_O.RUN_FLOWS, things=SCHEDULE),
    "pause_schedule": Case(operation=_O.RUN_FLOWS, things=SCHEDULE, body={}),
    "resume_schedule": Case(operation=_O.RUN_FLOWS, things=SCHEDULE),
    "run_schedule": Case(operation=_O.RUN_FLOWS, things=SCHEDULE, body={}),
    "list_schedule_runs": Case(operation=_O.READ_FLOWS, things=SCHEDULE),
    "create_calendar": Case(operation=_O.RUN_FLOWS, body={"name": "other", "periods": []}, own=True),
    "list_calendars": Case(operation=_O.READ_FLOWS),
    "get_calendar": Case(operation=_O.READ_FLOWS, things=CALENDAR),
    "change_calendar": Case(operation=_O.RUN_FLOWS, things=CALENDAR, body={"periods": []}),
    "delete_calendar": Case(operation=_O.RUN_FLOWS, things=CALENDAR),
    "upload_import": Case(operation=_O.IMPORT_ESTATE, upload=b"Name,OS\na,b\n", own=True),
    "list_imports": Case(operation=_O.READ_ESTATE),
    "get_import": Case(operation=_O.READ_ESTATE, things={"import_id": "import"}),
    "list_import_rejects": Case(operation=_O.READ_ESTATE, things={"import_id": "import"}),
    "list_learned_headers": Case(operation=_O.READ_ESTATE),
    "forget_learned_headers": Case(operation=_O.DECIDE_GATES, query={"source": "none"}, own=True),
    "list_assets": Case(operation=_O.READ_ESTATE, query={"application": "{application}"}),
    "get_asset_facets": Case(operation=_O.READ_ESTATE, own=True),
    "export_assets": Case(operation=_O.READ_ESTATE, query={"format": "csv"}, own=True),
    "set_asset_values": Case(
        operation=_O.DECIDE_ESTATE,
        body={"filter": {"search": "nothing"}, "set": {"department": "Sales"}, "reason": "they say so"},
        own=True,
    ),
    "get_asset": Case(operation=_O.READ_ESTATE, things={"asset_id": "asset"}),
    "list_applications": Case(operation=_O.READ_ESTATE),
    "get_application": Case(operation=_O.READ_ESTATE, things={"application_id": "application"}),
    "list_conflicts": Case(operation=_O.READ_ESTATE),
    "decide_conflict": Case(
        operation=_O.DECIDE_ESTATE, things={"conflict_id": "conflict"}, body={"keep_preferred": True}
    ),
    "list_dependencies": Case(operation=_O.READ_ESTATE, query={"of": "{asset}"}),
    "get_dependency_graph": Case(operation=_O.READ_ESTATE, own=True),
    "list_dependency_evidence": Case(
        operation=_O.READ_ESTATE, query={"source": "{asset}", "target": "{application}"}, own=True
    ),
    "list_assessments": Case(operation=_O.READ_RESULTS),
    "get_assessment": Case(operation=_O.READ_RESULTS, things={"assessment_id": "assessment"}),
    "list_plans": Case(operation=_O.READ_RESULTS),
    "get_plan": Case(operation=_O.READ_RESULTS, things={"plan_id": "plan"}),
    "compare_plans": Case(operation=_O.READ_RESULTS, things={"plan_id": "plan", "other_id": "plan"}),
    "list_artifacts": Case(operation=_O.READ_RESULTS, query={"flow_id": "{flow}"}),
    "download_artifact": Case(operation=_O.READ_RESULTS, things={"artifact_id": "artifact"}),
    "list_audit": Case(operation=_O.READ_AUDIT, query={"flow_id": "{flow}"}, own=True),
    "get_me": Case(operation=None, own=True),
    "list_clients": Case(operation=None, own=True),
    "list_engagements": Case(operation=None, own=True),
    "create_engagement": Case(operation=_O.MANAGE_CLIENT, body={"name": "second"}, own=True),
    "set_engagement_policy": Case(
        operation=_O.MANAGE_CLIENT, things={"engagement_id": "engagement"}, body={"self_approval": True}
    ),
    "list_users": Case(operation=_O.READ_MEMBERS, own=True),
    "add_user": Case(
        operation=_O.MANAGE_MEMBERS, body={"email": "n@n.example", "name": "N", "role": "viewer"}, own=True
    ),
    "get_user": Case(operation=_O.READ_MEMBERS, things=USER),
    "remove_user": Case(operation=_O.MANAGE_MEMBERS, things=USER),
    "add_role": Case(operation=_O.MANAGE_MEMBERS, things=USER, body={"role": "viewer"}),
    "remove_role": Case(operation=_O.MANAGE_MEMBERS, things=USER | {"role": "role"}),
    "disable_user": Case(operation=_O.MANAGE_CLIENT, things=USER),
    "enable_user": Case(operation=_O.MANAGE_CLIENT, things=USER),
    "create_sign_in_link": Case(operation=_O.MANAGE_CLIENT, things=USER, whole=True),
    "list_roles": Case(operation=None, own=True),
    "list_service_accounts": Case(operation=_O.MANAGE_CLIENT, own=True),
    "create_service_account": Case(operation=_O.MANAGE_CLIENT, body={"name": "another", "roles": ["viewer"]}, own=True),
    "create_service_token": Case(
        operation=_O.MANAGE_CLIENT, things={"user_id": "service"}, body={"name": "job"}, whole=True
    ),
    "list_tokens": Case(operation=None, own=True),
    "create_token": Case(operation=None, body={"name": "another"}, own=True, whole=True, people=True),
    "revoke_token": Case(operation=None, things={"token_id": "token"}, whole=True),
    "sign_in": Case(operation=None, body={"code": "mfc_wrong"}, own=True),
    "sign_out": Case(operation=None, own=True),
    "list_sessions": Case(operation=None, own=True),
    "end_session": Case(operation=None, things={"session_id": "session"}, whole=True),
    "list_views": Case(operation=_O.READ_FLOWS),
    "create_view": Case(operation=_O.READ_FLOWS, body={"name": "v", "page": "flows", "query": "search=x"}, own=True),
    "delete_view": Case(operation=_O.READ_FLOWS, things={"view_id": "view"}),
    "list_webhooks": Case(operation=_O.MANAGE_WEBHOOKS),
    "create_webhook": Case(operation=_O.MANAGE_WEBHOOKS, body={"url": "https://hooks.example/in"}, own=True),
    "get_webhook": Case(operation=_O.MANAGE_WEBHOOKS, things=WEBHOOK),
    "change_webhook": Case(operation=_O.MANAGE_WEBHOOKS, things=WEBHOOK, body={"active": False}),
    "delete_webhook": Case(operation=_O.MANAGE_WEBHOOKS, things=WEBHOOK),
    "rotate_webhook_secret": Case(operation=_O.MANAGE_WEBHOOKS, things=WEBHOOK),
    "test_webhook": Case(operation=_O.MANAGE_WEBHOOKS, things=WEBHOOK),
    "list_webhook_deliveries": Case(operation=_O.MANAGE_WEBHOOKS, things=WEBHOOK),
    "replay_webhook_delivery": Case(operation=_O.MANAGE_WEBHOOKS, things=WEBHOOK | {"delivery_id": "delivery"}),
    "replay_webhook_deliveries": Case(
        operation=_O.MANAGE_WEBHOOKS, things=WEBHOOK, query={"after": "2026-01-01T00:00:00Z"}
    ),
}
