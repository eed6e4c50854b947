"""The report as one HTML file: no scripts, no requests, nothing outside it.

Everything that came from a client's file is escaped, and the document's own content-security policy allows its one
style sheet, by digest, and nothing else: an imported host name can neither run nor load anything.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from masterflow.inventory.types import Fact
from masterflow.records.reports import breakdowns, formats
from masterflow.records.reports.sections import READINESS_TONES, ROWS_SHOWN, SUPPORT_TONES, fill_of, view_of
from masterflow.records.reports.types import ProgrammeReport

TEXT_MAX = 1_000  # characters of one text on the page, wherever no shorter limit is set

STRATEGY_MEANINGS = {
    "retire": "Switch off after the owner confirms and data is kept as required",
    "retain": "Stays where it is for now",
    "relocate": "Moves as it is to the same platform elsewhere",
    "rehost": "Moves as it is to new infrastructure",
    "repurchase": "Is replaced by a product or a service",
    "replatform": "Moves with a managed database, runtime or operating system",
    "refactor": "Is changed to suit the cloud",
}


def render_html(report: ProgrammeReport) -> str:
    """Write the report as one self-contained page; the same report gives the same text, byte for byte.

    Long lists are cut, and say that the workbook holds the rest: the page stays below a megabyte for any estate.
    """
    environment = _environment()
    style = _style()
    return environment.get_template("report.html").render(
        report=report, view=view_of(report), style=style, policy=content_security_policy()
    )


def content_security_policy() -> str:
    """The policy the page declares, for a server that sends it as a header too."""
    digest = b64encode(sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _style() -> Markup:
    text = files("masterflow.records.reports").joinpath("templates/report.css").read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 our own style sheet, shipped with the package


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("masterflow.records.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for format_ in (
        formats.clip, formats.day, formats.fine_percent, formats.listed, formats.moment, formats.number,
        formats.percent, formats.size, formats.words,
    ):  # fmt: skip
        environment.filters[format_.__name__] = format_
    environment.filters["source"] = source_text
    environment.globals.update(
        counted=formats.counted,
        span=formats.span,
        share=formats.share,
        fill_of=fill_of,
        support_labels=breakdowns.SUPPORT_LABELS,
        support_tones=SUPPORT_TONES,
        readiness_labels=breakdowns.READINESS_LABELS,
        readiness_tones=READINESS_TONES,
        complexity_labels=breakdowns.COMPLEXITY_LABELS,
        meanings=STRATEGY_MEANINGS,
        items_limit=ROWS_SHOWN,
        value_of=value_text,
    )
    return environment


def source_text(fact: Fact) -> str:
    """Where a value was read: "file › sheet › row › column", as far as it is known."""
    source = fact.source
    parts = [source.file, source.sheet, f"row {source.row}" if source.row is not None else None, source.column]
    return " › ".join(part for part in parts if part)


def value_text(fact: Fact) -> str:
    """A value with its unit, as its source states it."""
    return f"{fact.value} {fact.unit}" if fact.unit else fact.value


def _printable(value: object) -> object:
    """Clean and bound what a template prints; our own markup is both already, and nothing prints as "None"."""
    if value is None:
        return formats.UNKNOWN
    if isinstance(value, str) and not isinstance(value, Markup):
        return formats.clean(formats.clip(value, TEXT_MAX))
    return value
