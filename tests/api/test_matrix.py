"""Every route × every outsider, and every route × every role, generated from the API's own description."""

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from masterflow.db.sealing import Sealer
from masterflow.db.session import Database
from masterflow.db.urls import DatabaseUrls
from masterflow.inventory.filestore import FileStore
from masterflow.inventory.service import InventoryService
from masterflow.orchestrator.bulk.types import BulkCommand, Selection
from masterflow.orchestrator.schedules.service import Schedules
from masterflow.orchestrator.schedules.types import ScheduleSpec
from masterflow.orchestrator.webhooks import WebhookService
from masterflow.records.artifacts.service import add_artifact
from masterflow.records.assessments.store import AssessmentStore
from masterflow.records.assessments.types import Assessment
from masterflow.records.plans.store import PlanStore
from masterflow.records.plans.types import Plan, PlanStatus
from masterflow.records.views.service import SavedViews
from masterflow.tenancy.operator import LocalOperator
from masterflow.tenancy.roles import CLIENT_WIDE, FOR_PEOPLE, SERVICE_ROLES, Operation, Role, roles_allowed, with_needs
from masterflow.tenancy.service import Tenancy
from masterflow.tenancy.types import Principal
from masterflow.testing import Kit
from tests.api.conftest import Connect
from tests.api.matrix import CASES, Case
from tests.conftest import Cast

MANAGE_CLIENT = Operation.MANAGE_CLIENT
CANARY = "canary-of-the-home-client"
Things = dict[str, str]
Route = tuple[str, str, str]  # operation id, method, path


def routes(app: FastAPI) -> list[Route]:
    return [
        (operation["operationId"], method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/api/")
    ]


@pytest.fixture
async def things(
    database: Database,
    files: FileStore,
    urls: DatabaseUrls,
    kit: Kit,
    cast: Cast,
    tenancy: Tenancy,
    operator: LocalOperator,
) -> Things:
    """One of everything in the home tenant, each with the canary in its name where it has one."""
    flow = await kit.orchestrator.create_flow(cast.lead, "toy", {}, name=CANARY)
    await kit.settled(cast.lead, flow.flow_id)
    [gate] = await kit.orchestrator.gates(cast.lead)
    imported = await InventoryService(database, files, cast.lead).upload(f"{CANARY}.csv", b"Name\na\n")
    token = await tenancy.create_token(cast.lead, name=CANARY)
    schedules = Schedules(database, kit.orchestrator, cast.lead)
    schedule = await schedules.create(ScheduleSpec(name=CANARY, flow_type="toy", configuration={}, cron="0 0 1 1 *"))
    calendar = await schedules.create_calendar(CANARY, [])
    webhooks = WebhookService(database, Sealer([bytes(32)]), registry=kit.orchestrator.registry)
    webhook = (await webhooks.create(cast.lead, "https://hooks.example/in", description=CANARY)).webhook
    delivery = await webhooks.test(cast.lead, webhook.id)
    assessment = Assessment(
        id=uuid4(), flow_id=flow.flow_id, assessed_on=date(2026, 11, 23), move_date=date(2027, 6, 30), target=CANARY
    )
    plan = Plan(
        id=uuid4(),
        flow_id=flow.flow_id,
        version=1,
        assessment_id=assessment.id,
        status=PlanStatus.OPTIMAL,
        objective=0.0,
        bound=0.0,
        seconds=0.1,
    )
    async with database.transaction(cast.tenant) as session:
        await AssessmentStore(session).publish(assessment)
        await PlanStore(session).publish(plan)
        artifact = await add_artifact(
            session,
            files,
            CANARY.encode(),
            flow_id=flow.flow_id,
            iteration=1,
            phase="add",
            name=f"{CANARY}.txt",
            media_type="text/plain",
        )
    asset, application = _estate(urls, cast, flow.flow_id)
    service = await operator.create_service_account(cast.tenant, CANARY, roles=["viewer"])
    link = await operator.sign_in_link(cast.tenant, cast.lead.email)
    session = await tenancy.signing.sign_in(link.code, browser=CANARY)
    selection = Selection(flow_ids=(flow.flow_id,), name_contains=CANARY)
    job = await kit.orchestrator.bulk.order(cast.lead, BulkCommand.PAUSE, selection, reason=CANARY)
    view = await SavedViews(database, cast.lead).save(CANARY, page="flows", query=f"search={CANARY}", shared=True)
    return {
        "flow": str(flow.flow_id),
        "flow_type": "toy",
        "gate": str(gate.id),
        "schedule": str(schedule.id),
        "calendar": str(calendar.id),
        "import": str(imported),
        "asset": str(asset),
        "application": str(application),
        "conflict": f"{asset}.cpu_cores",
        "assessment": str(assessment.id),
        "plan": str(plan.id),
        "artifact": str(artifact.id),
        "engagement": str(cast.tenant.engagement_id),
        "user": str(cast.approver.user_id),
        "token": str(token.token.id),
        "role": "approver",
        "service": str(service.user.id),
        "session": str(session.id),
        "webhook": str(webhook.id),
        "delivery": str(delivery.id),
        "bulk_job": str(job.id),
        "view": str(view.id),
    }


def _estate(urls: DatabaseUrls, cast: Cast, flow_id: UUID) -> tuple[UUID, UUID]:
    asset, application = uuid4(), uuid4()
    tenant = (cast.tenant.client_account_id, cast.tenant.engagement_id)
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        connection.execute(
            "INSERT INTO assets (client_account_id, engagement_id, id, name, asset_type, ip_addresses, mac_addresses,"
            " attributes, concerns, flow_id) VALUES (%s, %s, %s, %s, 'server', '{}', '{}', '{}', '{}', %s)",
            (*tenant, asset, CANARY, flow_id),
        )
        connection.execute(
            "INSERT INTO applications (client_account_id, engagement_id, id, name, variants, membership,"
            " shared_service, evidence, attributes, flow_id)"
            " VALUES (%s, %s, %s, %s, '{}', 'stated', false, '{}', '{}', %s)",
            (*tenant, application, CANARY, flow_id),
        )
        connection.execute(
            "INSERT INTO dependencies (client_account_id, engagement_id, position, source_id, target_id, kind,"
            " confidence, evidence, flow_id) VALUES (%s, %s, 0, %s, %s, 'hard', 1, ARRAY[%s], %s)",
            (*tenant, asset, application, CANARY, flow_id),
        )
        connection.execute(
            "INSERT INTO conflicts (client_account_id, engagement_id, position, asset_id, asset_name, field, preferred,"
            " why, needs_review, facts) VALUES (%s, %s, 1, %s, %s, 'cpu_cores', '2', 'first', true, %s)",
            (*tenant, asset, CANARY, json.dumps([_stated("2"), _stated("4")])),
        )
    return asset, application


def _stated(value: str) -> dict[str, Any]:
    place = {"source_file": CANARY, "source_sheet": None, "source_row": 1, "source_column": "CPUs"}
    said = {"field": "cpu_cores", "value": value, "unit": None, "rule": "count", "chosen": False, "confidence": 1.0}
    return place | said


async def call(client: httpx.AsyncClient, method: str, path: str, case: Case, things: Things) -> httpx.Response:
    ids = {name: things[thing] for name, thing in case.things.items()}
    query = {name: value.format(**things) for name, value in case.query.items()}
    given: dict[str, Any] = {}
    if case.body is not None:
        given["json"] = json.loads(json.dumps(case.body).replace("{flow}", things["flow"]))
    if case.upload is not None:
        given["files"] = {"file": ("file.csv", case.upload)}
    return await client.request(method, path.format(**ids), params=query, **given)


def unknown(things: Things) -> Things:
    """Ids that nothing has."""
    named = {"flow_type", "role"}
    return {name: value if name in named else str(uuid4()) for name, value in things.items()}


def state(urls: DatabaseUrls, cast: Cast) -> dict[str, str]:
    """A fingerprint of every row of the home client, table by table."""
    with psycopg.connect(urls.owner.render_as_string(hide_password=False)) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = 'client_account_id'"
        ).fetchall()
        return {
            table: str(
                connection.execute(
                    f"SELECT md5(string_agg(to_jsonb(t)::text, '|' ORDER BY to_jsonb(t)::text))"
                    f" FROM {table} t WHERE client_account_id = %s",
                    (cast.tenant.client_account_id,),
                ).fetchone()
            )
            for (table,) in tables
        }


@pytest.fixture
async def neighbour(operator: LocalOperator, cast: Cast) -> Principal:
    """The lead of another engagement of the same client."""
    client = await operator.find_client("home")
    engagement = await operator.create_engagement(client, "next door")
    await operator.add_member(engagement.tenant, email="neighbour@home.example", role="lead")
    return await operator.principal(engagement.tenant, "neighbour@home.example")


def test_every_route_has_a_case(app: FastAPI) -> None:
    assert {operation_id for operation_id, _, _ in routes(app)} == set(CASES)


async def test_without_a_token_every_route_refuses(app: FastAPI, nobody: httpx.AsyncClient, things: Things) -> None:
    for operation_id, method, path in routes(app):
        answer = await call(nobody, method, path, CASES[operation_id], things)
        assert answer.status_code == 401, operation_id


async def test_the_own_tenant_sees_its_things(app: FastAPI, lead: httpx.AsyncClient, things: Things) -> None:
    """Otherwise the next tests would pass on an empty house."""
    seen = set()
    for operation_id, method, path in routes(app):
        if method == "GET" and not CASES[operation_id].own:
            query = {name: value for name, value in CASES[operation_id].query.items() if name == "follow"}
            answer = await call(lead, method, path, replace(CASES[operation_id], query=query), things)
            if operation_id == "list_artifacts":
                answer = await call(lead, method, path, CASES[operation_id], things)
            wanted = 409 if operation_id == "preview_redo" else 200  # its flow is at work: nothing to run again
            assert answer.status_code == wanted, operation_id
            if CANARY in answer.text:
                seen.add(operation_id)
    assert {"list_flows", "get_flow", "list_gates", "list_imports", "list_assets", "get_asset"} <= seen
    assert {"list_applications", "list_dependencies", "get_assessment", "download_artifact", "list_artifacts"} <= seen
    assert "list_conflicts" in seen


@pytest.mark.parametrize("who", ["outsider", "neighbour"])
async def test_another_tenant_and_another_engagement_see_and_change_nothing(
    who: str,
    app: FastAPI,
    connect: Connect,
    cast: Cast,
    neighbour: Principal,
    things: Things,
    urls: DatabaseUrls,
) -> None:
    client = await connect(cast.outsider if who == "outsider" else neighbour)
    before = state(urls, cast)
    for operation_id, method, path in routes(app):
        case = CASES[operation_id]
        if case.own and method != "GET":
            continue  # makes something of the caller's own
        theirs = await call(client, method, path, case, things)
        assert CANARY not in theirs.text, operation_id
        assert who == "neighbour" or things["user"] not in theirs.text, operation_id
        if case.things and not case.own:
            never = await call(client, method, path, case, unknown(things))
            assert theirs.status_code == never.status_code, operation_id
            assert theirs.status_code == (403 if case.operation is MANAGE_CLIENT else 404), operation_id
            assert theirs.content == never.content, operation_id
        elif method == "GET" and not case.own:
            assert theirs.json()["items"] == [], operation_id
        elif not case.own:
            assert theirs.status_code == 404, operation_id
    after = state(urls, cast)
    refusals = {"audit_log"} if who == "neighbour" else set()  # the neighbour's own are kept by the same client
    assert {table for table in after if after[table] != before[table]} <= {"api_tokens"} | refusals


@pytest.mark.parametrize("way", ["connect", "browse"])
@pytest.mark.parametrize("role", Role)
async def test_a_role_opens_the_routes_of_its_operations_and_no_other(
    role: Role,
    way: str,
    app: FastAPI,
    connect: Connect,
    browse: Connect,
    cast: Cast,
    operator: LocalOperator,
    things: Things,
) -> None:
    """By a token and by a session alike."""
    await operator.add_member(cast.tenant, email="one@home.example", role=role)
    enter = connect if way == "connect" else browse
    client = await enter(await operator.principal(cast.tenant, "one@home.example"))
    nothing = unknown(things) | {"gate": things["gate"]}
    for operation_id, method, path in routes(app):
        case = CASES[operation_id]
        answer = await call(client, method, path, case, nothing)
        allowed = case.operation is None or role in roles_allowed(case.operation)
        assert (answer.status_code != 403) == allowed, f"{role} {operation_id}: {answer.status_code} {answer.text}"
        assert answer.status_code < 500, operation_id
        if operation_id == "sign_out" and way == "browse":
            client = await browse(await operator.principal(cast.tenant, "one@home.example"))


@pytest.mark.parametrize("role", sorted(SERVICE_ROLES))
async def test_a_service_account_does_what_its_role_allows_but_never_what_people_answer_for(
    role: Role,
    app: FastAPI,
    nobody: httpx.AsyncClient,
    tenancy: Tenancy,
    operator: LocalOperator,
    cast: Cast,
    things: Things,
) -> None:
    made = await operator.create_service_account(cast.tenant, "robot", roles=[role])
    issued = await operator.create_token(cast.tenant, "robot", name="job")
    assert (await tenancy.authenticate(issued.secret)).user_id == made.user.id
    nobody.headers["Authorization"] = f"Bearer {issued.secret}"
    nothing = unknown(things) | {"gate": things["gate"]}
    for operation_id, method, path in routes(app):
        case = CASES[operation_id]
        answer = await call(nobody, method, path, case, nothing)
        has_role = case.operation is None or role in roles_allowed(case.operation)
        allowed = has_role and case.operation not in FOR_PEOPLE and not case.people
        assert (answer.status_code != 403) == allowed, f"{role} {operation_id}: {answer.status_code} {answer.text}"
        assert answer.status_code < 500, operation_id


@pytest.mark.parametrize("operation", sorted(set(Operation) - {Operation.MANAGE_PLATFORM}))
async def test_a_narrowed_token_opens_the_routes_of_its_operations_and_no_other(
    operation: Operation,
    app: FastAPI,
    nobody: httpx.AsyncClient,
    operator: LocalOperator,
    cast: Cast,
    things: Things,
) -> None:
    for role in (Role.LEAD, Role.APPROVER, Role.CLIENT_ADMIN):
        await operator.add_member(cast.tenant, email="one@home.example", role=role)
    issued = await operator.create_token(cast.tenant, "one@home.example", name="job", scopes=[operation])
    nobody.headers["Authorization"] = f"Bearer {issued.secret}"
    nothing = unknown(things) | {"gate": things["gate"]}
    for operation_id, method, path in routes(app):
        case = CASES[operation_id]
        answer = await call(nobody, method, path, case, things if case.reads_flows else nothing)
        allowed = (case.operation is None or case.operation in with_needs([operation])) and not case.whole
        assert (answer.status_code != 403) == allowed, f"{operation_id}: {answer.status_code} {answer.text}"
        assert allowed or "is narrowed to" in answer.json()["detail"], operation_id


async def test_a_token_narrowed_to_deciding_decides_and_one_narrowed_to_reading_does_not(
    nobody: httpx.AsyncClient, operator: LocalOperator, cast: Cast, things: Things
) -> None:
    for scopes, status in ((["flows.read"], 403), (["gates.decide"], 409)):
        issued = await operator.create_token(cast.tenant, cast.approver.email, name="job", scopes=scopes)
        nobody.headers["Authorization"] = f"Bearer {issued.secret}"
        decided = await call(nobody, "POST", "/api/v1/gates/{gate_id}/decision", CASES["decide_gate"], things)
        assert decided.status_code == status, decided.text


@pytest.mark.parametrize("by", ["client admin", "operator"])
async def test_somebody_disabled_is_let_in_nowhere(
    by: str,
    app: FastAPI,
    connect: Connect,
    browse: Connect,
    tenancy: Tenancy,
    operator: LocalOperator,
    cast: Cast,
    things: Things,
) -> None:
    clients = [await connect(cast.approver), await browse(cast.approver)]
    if by == "operator":
        await operator.disable(cast.tenant, cast.approver.email)
    else:
        await operator.add_member(cast.tenant, email="admin@home.example", role="client_admin")
        admin = await operator.principal(cast.tenant, "admin@home.example")
        await tenancy.people.disable(admin, cast.approver.user_id)
    for client in clients:
        for operation_id, method, path in routes(app):
            answer = await call(client, method, path, CASES[operation_id], things)
            assert answer.status_code == 401, operation_id


FOREIGN = {
    "no token": {"Masterflow-CSRF": ""},
    "wrong token": {"Masterflow-CSRF": "0" * 64},
    "no ascii": {"Masterflow-CSRF": b"\xc3\xa9" * 32},
    "another origin": {"Origin": "https://evil.example"},
    "no origin": {"Origin": "null"},
    "an origin that is none": {"Origin": "https://["},
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "another host of the site": {"Sec-Fetch-Site": "same-site"},
}


@pytest.mark.parametrize("how", FOREIGN)
async def test_a_cookie_alone_changes_nothing(
    how: str, app: FastAPI, browse: Connect, cast: Cast, things: Things, urls: DatabaseUrls
) -> None:
    client = await browse(cast.lead)
    client.headers.update(FOREIGN[how])
    before = state(urls, cast)
    for operation_id, method, path in routes(app):
        if method == "GET" or operation_id == "sign_in":
            continue
        answer = await call(client, method, path, CASES[operation_id], things)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf"), operation_id
    assert state(urls, cast) == before


async def test_a_cookie_and_the_token_of_its_own_session_change_things(browse: Connect, cast: Cast) -> None:
    """Otherwise the test above would pass on a server that refuses everything."""
    client = await browse(cast.lead)
    client.headers.update({"Origin": "http://masterflow.test", "Sec-Fetch-Site": "same-origin"})
    assert (await client.post("/api/v1/tokens", json={"name": "x"})).status_code == 201
    other = await browse(cast.approver)
    client.headers["Masterflow-CSRF"] = other.headers["Masterflow-CSRF"]
    assert (await client.post("/api/v1/tokens", json={"name": "x"})).json()["code"] == "csrf"


async def test_every_write_is_the_same_under_a_key_and_has_its_effect_once(
    app: FastAPI, connect: Connect, cast: Cast, operator: LocalOperator, things: Things, urls: DatabaseUrls
) -> None:
    """Whatever a route does on its connection, it can do as a part of one transaction."""
    await operator.add_member(cast.tenant, email=cast.lead.email, role="client_admin")
    client = await connect(await operator.principal(cast.tenant, cast.lead.email))
    await client.get("/api/v1/me")
    done = 0
    # What takes things away comes last, and parts before the whole they belong to.
    order = sorted(routes(app), key=lambda route: (route[1] == "DELETE", -route[2].count("/")))
    for operation_id, method, path in order:
        if method == "GET":
            continue
        client.headers["Idempotency-Key"] = operation_id
        case = CASES[operation_id]
        first = await call(client, method, path, case, things)
        assert first.status_code not in {404, 500, 503}, (operation_id, first.text)
        between = state(urls, cast)
        again = await call(client, method, path, case, things)
        assert again.status_code == first.status_code, (operation_id, again.text)
        if first.status_code < 400:
            done += 1
            assert again.headers.get("Idempotency-Replayed") == "true", operation_id
            assert again.content == first.content, operation_id
            changed = {t for t, seen in state(urls, cast).items() if seen != between[t]} - {"flow_events"}
            assert changed <= {"crewai_flow_state_extensions", "phase_results", "gates"}, operation_id  # the worker's
    assert done >= 8


def test_roles_for_the_whole_client_are_tried_too() -> None:
    assert set(Role) >= CLIENT_WIDE
