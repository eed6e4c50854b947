import asyncio
from datetime import timedelta
from masterflow.db.status import FlowStatus
from masterflow.orchestrator.types import Verdict
from masterflow.spec import Gate
from masterflow.testing import empty_flow, running_orchestrator, toy_flow, toy_phase
from masterflow.orchestrator.engine_dbos import DbosEngine
from masterflow.orchestrator import FlowTypeRegistry, MasterFlowOrchestrator
from masterflow.worker.worker import Worker


async def test_inline(database, cast):
    kinds = [empty_flow(3), toy_flow(toy_phase("a", gate=Gate(asks="ok?")), toy_phase("b"))]
    async with running_orchestrator(database, kinds) as kit:
        flow = await kit.orchestrator.create_flow(cast.lead, "empty", {})
        flow = await kit.settled(cast.lead, flow.flow_id)
        assert flow.status is FlowStatus.COMPLETED
        print(flow)
        for e in await kit.orchestrator.history(cast.lead, flow.flow_id):
            print(e)
        flow = await kit.orchestrator.create_flow(cast.lead, "toy", {})
        flow = await kit.settled(cast.lead, flow.flow_id)
        assert flow.status is FlowStatus.WAITING_FOR_APPROVAL
        [g] = await kit.orchestrator.gates(cast.lead)
        flow = await kit.orchestrator.decide(cast.approver, g.id, Verdict.APPROVE)
        flow = await kit.settled(cast.lead, flow.flow_id)
        assert flow.status is FlowStatus.COMPLETED


async def test_dbos(database, cast):
    kinds = [empty_flow(3)]
    engine = DbosEngine(database.urls)
    registry = FlowTypeRegistry(kinds)
    import time

    t = time.time()
    worker = Worker(database, registry, engine)
    await worker.start()
    print("start", time.time() - t)
    o = MasterFlowOrchestrator(database, registry, engine)
    t = time.time()
    flow = await o.create_flow(cast.lead, "empty", {})
    while flow.status is FlowStatus.RUNNING:
        await asyncio.sleep(0.01)
        flow = await o.get(cast.lead, flow.flow_id)
    print("ran", time.time() - t, flow)
    t = time.time()
    await worker.stop(within=timedelta(0))
    print("stop", time.time() - t)
