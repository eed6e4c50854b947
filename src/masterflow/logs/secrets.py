"""What must not be told: keeps secrets out of log lines, wherever in them they stand."""

import re

import structlog

LEFT_OUT = "***"
_SECRET_KEYS = re.compile(r"passw|secret|token$|authorization|cookie|api_key", re.IGNORECASE)
_SECRET_TEXTS = (
    (re.compile(r"\bmf[sc]?_[A-Za-z0-9_\-]{8,}"), LEFT_OUT),  # a token, session or sign-in code of ours
    (re.compile(r"\bwhsec_[A-Za-z0-9+/=]{8,}"), LEFT_OUT),  # what signs a webhook
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=\-]{8,}"), rf"\1 {LEFT_OUT}"),
    (re.compile(r"([a-z][a-z0-9+.\-]*://[^\s:/@]*):[^\s@/]+@"), rf"\1:{LEFT_OUT}@"),  # a URL with a password
    (re.compile(r"(?i)(password\s*[=:]\s*)('[^']*'|\"[^\"]*\"|\S+)"), rf"\1{LEFT_OUT}"),
)


def without_secrets(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The line with every secret in it left out; a processor for structlog."""
    return {key: LEFT_OUT if _SECRET_KEYS.search(key) else cleaned(value) for key, value in line.items()}


def cleaned(value: object) -> object:
    """`value` without the secrets in its texts."""
    if isinstance(value, str):
        for pattern, instead in _SECRET_TEXTS:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, dict):
        return {key: LEFT_OUT if _SECRET_KEYS.search(str(key)) else cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(inner) for inner in value]
    return value
