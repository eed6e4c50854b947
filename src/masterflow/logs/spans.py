"""Spans for OpenTelemetry: what this process did for whom, and how long it took.

Without an endpoint nothing is recorded, and a span costs next to nothing. Names are bounded; ids are attributes.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.propagators.textmap import TextMapPropagator
from opentelemetry.trace import NoOpTracer, Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from masterflow.errors import ConfigurationInvalid

Attributes = Mapping[str, str | int | float | bool]

_PROPAGATOR: TextMapPropagator = TraceContextTextMapPropagator()


class _Recording:
    """The tracer of this process; one that records nothing until `exporting` gives another."""

    tracer: Tracer = NoOpTracer()


@contextmanager
def span(
    name: str, attributes: Attributes, *, kind: SpanKind = SpanKind.INTERNAL, parent: Mapping[str, str] | None = None
) -> Iterator[Span]:
    """A span for as long as the block lasts, below the current one or below the `traceparent` that `parent` carries.

    An error that leaves the block marks it failed; its message is not recorded, because it may quote what people wrote.
    """
    context = _PROPAGATOR.extract(dict(parent)) if parent else None
    with _Recording.tracer.start_as_current_span(
        name,
        context=context,
        kind=kind,
        attributes=dict(attributes),
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield current
        except Exception as error:  # boundary: one span; marked and raised again
            failed(current, type(error).__name__)
            raise


def failed(current: Span, what: str) -> None:
    """Mark a span as failed, with the class or code of what happened."""
    current.set_status(Status(StatusCode.ERROR, what))
    current.set_attribute("error.type", what)


@contextmanager
def exporting(endpoint: str | None, *, service: str, version: str) -> Iterator[None]:
    """Send the spans of this process to `endpoint` (OTLP over HTTP) until the block ends; None: record nothing.

    Raises:
        ConfigurationInvalid: the extra `telemetry` is not installed.
    """
    if endpoint is None:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # an extra
        from opentelemetry.sdk.resources import Resource  # an extra
        from opentelemetry.sdk.trace import TracerProvider  # an extra
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # an extra
    except ImportError as error:
        raise ConfigurationInvalid(
            f"MASTERFLOW_OTEL_EXPORTER_OTLP_ENDPOINT is set, but {error.name} is not installed.",
            hint="Install masterflow[telemetry], or unset it.",
        ) from error
    provider = TracerProvider(resource=Resource.create({"service.name": service, "service.version": version}))
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    with recording_with(provider.get_tracer("masterflow")):
        try:
            yield
        finally:
            provider.shutdown()


@contextmanager
def recording_with(tracer: Tracer) -> Iterator[None]:
    """Record spans with `tracer` until the block ends."""
    before, _Recording.tracer = _Recording.tracer, tracer
    try:
        yield
    finally:
        _Recording.tracer = before


def carried() -> Mapping[str, str]:
    """The `traceparent` of the current span, to be carried to another process; empty when none is recorded."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier
