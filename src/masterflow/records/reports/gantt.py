"""Waves on a calendar as inline SVG: when, how full, and where nothing may move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from masterflow.records.reports import formats, svg
from masterflow.records.reports.svg import BAR_HEIGHT, ROW_HEIGHT, Labelling, Tone
from masterflow.records.reports.types import Freeze

AXIS_HEIGHT = 26
MONTH_LABELS_MAX = 6
WIDTH_MIN = 0.6  # percent: a wave of a day in a programme of years still shows
CALENDAR_WIDTH = 88.0  # percent: the rest, at the right, is the column of figures
THIRD = CALENDAR_WIDTH / 3


@dataclass(frozen=True, slots=True)
class WaveBar:
    """One wave; `fill` is the share of its capacity in use, None when no capacity is set."""

    label: str
    figure: str
    start: date
    end: date
    fill: float | None
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """Days to percent of the width: whole months, from the first day of `start` to the day `end`, not included."""

    start: date
    end: date

    @classmethod
    def over(cls, waves: Sequence[WaveBar]) -> "Scale":
        """The months that hold every wave; a wave that ends before it starts counts as one day."""
        first = min(wave.start for wave in waves).replace(day=1)
        return cls(first, next_month(max(max(wave.start, wave.end) for wave in waves)))

    def at(self, moment: date) -> float:
        """Where a day begins; days outside stand at the edge."""
        return formats.share((moment - self.start).days, (self.end - self.start).days) * CALENDAR_WIDTH

    def stretch(self, start: date, end: date) -> tuple[float, float]:
        """Where a stretch begins and how wide it is, its last day included."""
        left = self.at(start)
        return left, max(self.at(max(start, end) + timedelta(days=1)) - left, 0.0)


def calendar(
    labelling: Labelling, waves: Sequence[WaveBar], *, freezes: Sequence[Freeze] = (), today: date | None = None
) -> Markup:
    """Draw waves as bars on a calendar; freezes are striped, today is a dashed line when it is in sight."""
    if not waves:
        return svg.chart(labelling, height=0, children=[])
    scale = Scale.over(waves)
    height = AXIS_HEIGHT + len(waves) * ROW_HEIGHT
    drawn = [svg.patterns(labelling.ident), *_months(scale, height=height)]
    drawn.append(svg.text("filled", x="100%", y=12, kind="axis", anchor="end"))
    for freeze in freezes:
        drawn += _band(labelling.ident, scale, freeze, height=height)
    for number, wave in enumerate(waves):
        drawn += _wave(labelling.ident, scale, wave, top=AXIS_HEIGHT + number * ROW_HEIGHT)
    if today is not None and scale.start <= today < scale.end:
        x = svg.percent(scale.at(today))
        drawn.append(svg.element("line", {"class": "today", "x1": x, "x2": x, "y1": 18, "y2": height}))
    return svg.chart(labelling, height=height, children=drawn)


def next_month(day: date) -> date:
    """The first day of the following month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _months(scale: Scale, *, height: int) -> list[Markup]:
    months = [scale.start]
    while (following := next_month(months[-1])) < scale.end:
        months.append(following)
    step = -(-len(months) // MONTH_LABELS_MAX)
    drawn: list[Markup] = []
    shown_year = 0
    for month in months[::step]:
        x = svg.percent(scale.at(month))
        label = formats.month(month) if month.year != shown_year else formats.MONTHS[month.month - 1]
        shown_year = month.year
        drawn.append(svg.element("line", {"class": "grid", "x1": x, "x2": x, "y1": 18, "y2": height}))
        drawn.append(svg.text(label, x=x, y=12, kind="axis", anchor="start"))
    return drawn


def _band(ident: str, scale: Scale, freeze: Freeze, *, height: int) -> list[Markup]:
    left, width = scale.stretch(freeze.start, freeze.end)
    if width <= 0:
        return []
    spoken = svg.element("title", {}, svg.said(f"{freeze.name}: {formats.span(freeze.start, freeze.end)}"))
    place = svg.box(left, 18, width=width, height=height - 18)
    return [svg.element("rect", {"class": "band", "fill": f"url(#{ident}-freeze)", **place}, spoken)]


def _wave(ident: str, scale: Scale, wave: WaveBar, *, top: int) -> list[Markup]:
    left, width = scale.stretch(wave.start, wave.end)
    width = max(width, WIDTH_MIN)
    drawn = [
        _name(f"{wave.label} · {formats.span(wave.start, wave.end)}", left=left, right=left + width, top=top),
        svg.text(wave.figure, x="100%", y=top + 30, kind="figure", anchor="end"),
    ]
    drawn.append(svg.bar(left, top + 20, width=width, kind="capacity"))
    if wave.fill:
        tone = Tone.BAD if wave.fill > 1 else Tone.ACCENT
        drawn.append(svg.bar(left, top + 20, width=width * min(wave.fill, 1.0), kind=tone))
    if wave.frozen:
        drawn.append(svg.woven(ident, "freeze", svg.box(left, top + 20, width=width, height=BAR_HEIGHT)))
    return drawn


def _name(label: str, *, left: float, right: float, top: int) -> Markup:
    """Put a label above its bar, aligned so that it stays inside the drawing however narrow that is."""
    middle = (left + right) / 2
    if middle < THIRD:
        return svg.text(label, x=svg.percent(left), y=top + 13, kind="label", anchor="start")
    if middle > 2 * THIRD:
        return svg.text(label, x=svg.percent(right), y=top + 13, kind="label", anchor="end")
    return svg.text(label, x=svg.percent(middle), y=top + 13, kind="label", anchor="middle")
