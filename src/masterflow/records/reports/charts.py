"""Bars, stacked bars and the risk matrix as inline SVG: pure functions from figures to markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from markupsafe import Markup

from masterflow.records.reports import formats, svg
from masterflow.records.reports.svg import ROW_HEIGHT, Labelling, Tone

LABEL_WIDTH_MIN = 7.0  # percent of the width below which a segment has no room for its figure
STACK_HEIGHT = 28
RISK_HIGH = 15  # likelihood times impact
RISK_MIDDLE = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its value of a whole, and the figure to print at its end."""

    label: str
    value: float
    of: float
    figure: str
    tone: Tone = Tone.ACCENT


@dataclass(frozen=True, slots=True)
class Part:
    """One segment of a stacked bar."""

    label: str
    value: int
    tone: Tone


@dataclass(frozen=True, slots=True)
class Stack:
    """One stacked bar, always drawn over the full width."""

    label: str
    figure: str
    parts: tuple[Part, ...]


def lengths(values: Sequence[float], width: float) -> list[float]:
    """Divide a width in proportion to values; what is negative or not a number takes no room.

    The lengths add up to the width, unless there is nothing to show: then all are 0.
    """
    sound = [value if isfinite(value) and value > 0 else 0.0 for value in values]
    largest = max(sound, default=0.0)
    if largest <= 0:
        return [0.0 for _ in sound]
    scaled = [value / largest for value in sound]  # a sum of very large or very small values would overflow or vanish
    whole = sum(scaled)
    return [width * value / whole for value in scaled]


def bars(labelling: Labelling, rows: Sequence[Bar]) -> Markup:
    """Horizontal bars, each a value of its own whole, with label and figure above."""
    drawn: list[Markup] = []
    for number, row in enumerate(rows):
        top = number * ROW_HEIGHT
        drawn += svg.heading(row.label, row.figure, top=top)
        drawn.append(svg.bar(0, top + 20, width=100, kind="track"))
        drawn.append(svg.bar(0, top + 20, width=formats.share(row.value, row.of) * 100, kind=row.tone))
    return svg.chart(labelling, height=len(rows) * ROW_HEIGHT, children=drawn)


def stacks(labelling: Labelling, rows: Sequence[Stack]) -> Markup:
    """Stacked bars over the full width, with the figure inside every segment that has room for it."""
    drawn = [svg.patterns(labelling.ident)]
    height = STACK_HEIGHT + 38
    for number, row in enumerate(rows):
        drawn += svg.heading(row.label, row.figure, top=number * height)
        drawn += _segments(labelling.ident, row.parts, top=number * height + 20)
    return svg.chart(labelling, height=len(rows) * height - 8, children=drawn)


def swatch(labelling: Labelling, part: Part) -> Markup:
    """The colour and pattern of one part of a stacked chart, for the table beside it."""
    place: svg.Attributes = {"x": 0, "y": 0, "width": 16, "height": 16}
    return svg.element(
        "svg",
        {"class": "swatch", "role": "img", "width": 16, "height": 16},
        svg.element("title", {}, svg.said(f"Pattern of {part.label}")),
        svg.element("rect", {"class": f"tone {part.tone}", **place}),
        svg.woven(labelling.ident, part.tone, place),
    )


def risk_matrix(labelling: Labelling, risks: Sequence[tuple[int, int]]) -> Markup:
    """Five by five cells of likelihood (up) and impact (right), each with how many risks are in it."""
    drawn: list[Markup] = []
    for likelihood in range(5, 0, -1):
        top = (5 - likelihood) * 36
        drawn.append(svg.text(str(likelihood), x="4%", y=top + 22, kind="axis", anchor="middle"))
        for impact in range(1, 6):
            found = risks.count((likelihood, impact))
            drawn += _risk_cell(found, likelihood * impact, left=8 + 18.4 * (impact - 1), top=top)
    for impact in range(1, 6):
        middle = svg.percent(8 + 18.4 * (impact - 1) + 8.8)
        drawn.append(svg.text(str(impact), x=middle, y=198, kind="axis", anchor="middle"))
    drawn.append(svg.text("likelihood ↑   impact →", x="99.2%", y=218, kind="axis", anchor="end"))
    return svg.chart(labelling, height=224, children=drawn)


def _segments(ident: str, parts: Sequence[Part], *, top: int) -> list[Markup]:
    empty = svg.box(0, top, width=100, height=STACK_HEIGHT)
    drawn: list[Markup] = [svg.element("rect", {"class": "bar track", **empty})]
    left = 0.0
    for part, width in zip(parts, lengths([part.value for part in parts], 100), strict=True):
        if width > 0:
            drawn += _segment(ident, part, left=left, top=top, width=width)
        left += width
    return drawn


def _segment(ident: str, part: Part, *, left: float, top: int, width: float) -> list[Markup]:
    place = svg.box(left, top, width=width, height=STACK_HEIGHT)
    figure = formats.number(part.value)
    spoken = svg.element("title", {}, svg.said(f"{part.label}: {figure}"))
    drawn = [svg.element("rect", {"class": f"tone {part.tone}", **place}, spoken), svg.woven(ident, part.tone, place)]
    if width >= LABEL_WIDTH_MIN:
        middle = svg.percent(left + width / 2)
        drawn.append(svg.text(figure, x=middle, y=top + 19, kind=f"inside on-{part.tone}", anchor="middle"))
    return drawn


def _risk_cell(found: int, weight: int, *, left: float, top: int) -> list[Markup]:
    level = "high" if weight >= RISK_HIGH else "middle" if weight >= RISK_MIDDLE else "low"
    place = svg.box(left, top, width=17.6, height=34)
    cell = svg.element("rect", {"class": f"risk {level}", "rx": 3, **place})
    if not found:
        return [cell]
    middle = svg.percent(left + 8.8)
    return [cell, svg.text(formats.number(found), x=middle, y=top + 22, kind=f"inside on-{level}", anchor="middle")]
