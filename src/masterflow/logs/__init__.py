"""Structured logs: one event a line, on standard error, with what happened as the event name.

A line of JSON has `time` (UTC), `level`, `event` and `logger`, and what is known of: `request_id`, `correlation_id`,
`client_account_id`, `engagement_id`, `flow_id`, `flow_type`, `phase`. What looks like a secret is left out.
"""

import logging
import sys
from typing import Literal

import structlog

from masterflow.logs.secrets import without_secrets

Logger = structlog.stdlib.BoundLogger


def configure_logs(form: Literal["console", "json"] = "console", level: str = "INFO") -> None:
    """Send every log line of this process to standard error in one form."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                without_secrets,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def get_logger(name: str) -> Logger:
    """A logger whose lines carry `name`; bind context with `.bind(flow_id=…)`."""
    logger: Logger = structlog.stdlib.get_logger(name)
    return logger
