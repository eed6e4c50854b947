"""The strokes that charts are drawn with: escaped elements, bars, text, patterns.

Widths are percentages and text keeps its size, so that one drawing reads on a telephone, a wide screen and paper.
Colours come from the style sheet by class; every tone also has its own pattern, so that no meaning hangs on colour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup, escape

from masterflow.records.reports import formats

ROW_HEIGHT = 42  # pixels: a line of text and the bar below it
BAR_HEIGHT = 12
SAID_MAX = 2_000  # characters of a description

Attributes = Mapping[str, str | float]


class Tone(StrEnum):
    """What a colour and its pattern mean."""

    ACCENT = "accent"
    GOOD = "good"
    SOON = "soon"
    WARN = "warn"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Labelling:
    """The identity of one chart in its document, and what it says to those who do not see it."""

    ident: str
    title: str
    description: str


def chart(labelling: Labelling, *, height: int, children: Sequence[Markup]) -> Markup:
    """Frame a drawing with its title and description."""
    title, description = f"{labelling.ident}-title", f"{labelling.ident}-desc"
    frame: Attributes = {
        "class": "chart",
        "role": "img",
        "aria-labelledby": f"{title} {description}",
        "width": "100%",
        "height": height,
    }
    return element(
        "svg",
        frame,
        element("title", {"id": title}, said(labelling.title)),
        element("desc", {"id": description}, said(labelling.description)),
        *children,
    )


def element(name: str, attributes: Attributes, *children: Markup) -> Markup:
    """One element; attribute values are escaped, children are markup already."""
    written = Markup("").join(Markup(' {}="{}"').format(key, value) for key, value in attributes.items())
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, Markup("").join(children))


def said(text: str) -> Markup:
    """Text as content of an element, bounded and without anything that markup may not hold."""
    return escape(formats.clean(formats.clip(text, SAID_MAX)))


def text(content: str, *, x: str, y: float, kind: str, anchor: str) -> Markup:
    """A line of text; what is longer than any chart is wide is cut."""
    return element("text", {"class": kind, "x": x, "y": y, "text-anchor": anchor}, said(formats.clip(content, 60)))


def heading(label: str, figure: str, *, top: int) -> list[Markup]:
    """The line above a bar: its label at the left, its figure at the right."""
    return [
        text(label, x="0", y=top + 13, kind="label", anchor="start"),
        text(figure, x="100%", y=top + 13, kind="figure", anchor="end"),
    ]


def bar(left: float, top: float, *, width: float, kind: str) -> Markup:
    """A plain bar; left and width are percent of the drawing."""
    return element("rect", {"class": f"bar {kind}", "rx": 2, **box(left, top, width=width, height=BAR_HEIGHT)})


def box(left: float, top: float, *, width: float, height: float) -> Attributes:
    """Place and size of a rectangle; left and width are percent of the drawing."""
    return {"x": percent(left), "y": top, "width": percent(width), "height": height}


def percent(value: float) -> str:
    """A length as SVG writes it."""
    return f"{value:.3f}".rstrip("0").rstrip(".") + "%"


def patterns(ident: str) -> Markup:
    """One pattern a tone: none, dots, stripes, a lattice, dashes; and stripes for what is frozen."""
    stripes = Markup('<path d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2"></path>')
    shapes = {
        Tone.ACCENT: Markup(""),
        Tone.GOOD: Markup(""),
        Tone.SOON: Markup('<circle cx="3" cy="3" r="1.1"></circle>'),
        Tone.WARN: stripes,
        Tone.BAD: Markup('<path d="M0,0 l6,6 M0,6 l6,-6"></path>'),
        Tone.UNKNOWN: Markup('<path d="M0,3 h3"></path>'),
        "freeze": stripes,
    }
    frame: Attributes = {"width": 6, "height": 6, "patternUnits": "userSpaceOnUse"}
    drawn = [
        element("pattern", {"id": f"{ident}-{name}", "class": f"weave-{name}", **frame}, shape)
        for name, shape in shapes.items()
    ]
    return element("defs", {}, *drawn)


def woven(ident: str, name: str, place: Attributes) -> Markup:
    """A rectangle filled with one of the patterns of a chart."""
    return element("rect", {"class": "weave", "fill": f"url(#{ident}-{name})", **place})
