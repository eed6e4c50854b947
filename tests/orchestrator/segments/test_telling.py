"""What is told of segments and phases: a span each, a count, and lines that name the flow."""

import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from masterflow.db.session import Database
from masterflow.errors import InputMissing, MissingInput, PhaseFailed
from masterflow.logs.metrics import REGISTRY
from masterflow.logs.spans import recording_with
from masterflow.orchestrator.types import Flow
from masterflow.spec import PhaseContext
from masterflow.testing import Nothing, running_orchestrator, toy_flow, toy_phase
from tests.conftest import Cast


def counted(phase: str, outcome: str) -> float:
    labels = {"flow_type": "told", "phase": phase, "outcome": outcome}
    return REGISTRY.get_sample_value("masterflow_phases_total", labels) or 0.0


async def told(database: Database, cast: Cast, *phases) -> tuple[Flow, dict, list]:
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    with recording_with(provider.get_tracer("test")), structlog.testing.capture_logs() as lines:
        async with running_orchestrator(database, [toy_flow(*phases, name="told")]) as kit:
            flow = await kit.orchestrator.create_flow(cast.lead, "told", {})
            flow = await kit.settled(cast.lead, flow.flow_id)
    provider.shutdown()
    spans = kept.get_finished_spans()
    return flow, {span.attributes.get("masterflow.phase", span.name): span for span in spans}, lines


async def test_a_phase_is_a_span_of_its_segment_with_ids_as_attributes(database: Database, cast: Cast) -> None:
    before = counted("first", "completed")
    flow, spans, _ = await told(database, cast, toy_phase("first"), toy_phase("second"))
    segment, first = spans["segment"], spans["first"]
    assert first.parent.span_id == spans["second"].parent.span_id == segment.context.span_id
    assert (first.name, first.attributes["masterflow.attempt"]) == ("phase", 1)
    assert first.attributes["masterflow.outcome"] == "completed"
    assert segment.attributes["masterflow.flow_id"] == str(flow.flow_id)
    assert segment.attributes["masterflow.client_account_id"] == str(cast.tenant.client_account_id)
    assert counted("first", "completed") == before + 1


async def test_a_failed_phase_is_told_with_its_outcome(database: Database, cast: Cast) -> None:
    async def fails(ctx: PhaseContext, given: Nothing) -> Nothing:
        raise PhaseFailed("no such tape")

    before = counted("broken", "failed")
    _, spans, lines = await told(database, cast, toy_phase("broken", fails))
    assert spans["broken"].attributes["error.type"] == "failed"
    assert counted("broken", "failed") == before + 1
    [line] = [line for line in lines if line["event"] == "phase_ended"]
    assert (line["outcome"], line["attempt"], line["log_level"]) == ("failed", 1, "info")


async def test_a_phase_that_misses_input_is_no_failure(database: Database, cast: Cast) -> None:
    async def asks(ctx: PhaseContext, given: Nothing) -> Nothing:
        raise InputMissing([MissingInput("dc", "which one?")])

    _, spans, _ = await told(database, cast, toy_phase("asking", asks))
    assert spans["asking"].attributes["masterflow.outcome"] == "input_missing"
    assert "error.type" not in spans["asking"].attributes


async def test_lines_of_a_body_name_the_flow_and_the_phase(database: Database, cast: Cast) -> None:
    seen: dict[str, object] = {}

    async def looks(ctx: PhaseContext, given: Nothing) -> Nothing:
        seen.update(structlog.contextvars.get_contextvars())
        return Nothing()

    flow, _, _ = await told(database, cast, toy_phase("looking", looks))
    assert (seen["flow_id"], seen["phase"], seen["flow_type"]) == (str(flow.flow_id), "looking", "told")
    assert seen["client_account_id"] == str(cast.tenant.client_account_id)
    assert seen["correlation_id"]
