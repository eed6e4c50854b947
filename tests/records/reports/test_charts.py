from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from masterflow.records.reports import charts, gantt, svg
from masterflow.records.reports.charts import Bar, Part, Stack
from masterflow.records.reports.gantt import CALENDAR_WIDTH, Scale, WaveBar
from masterflow.records.reports.svg import Labelling, Tone
from masterflow.records.reports.types import Freeze
from tests.records.reports.page import Element, Page

LABEL = Labelling("chart", "A chart", "What it says")
VALUES = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=12)
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(VALUES, st.floats(1, 10_000))
def test_lengths_add_up_to_the_width_or_to_nothing(values: list[float], width: float) -> None:
    found = charts.lengths(values, width)
    assert len(found) == len(values)
    assert all(0 <= length <= width * 1.000001 for length in found)
    assert sum(found) == pytest.approx(width) or sum(found) == 0


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=12))
def test_anything_that_is_there_takes_room(values: list[float]) -> None:
    assert sum(charts.lengths(values, 100)) == pytest.approx(100)


def test_nothing_takes_no_room() -> None:
    assert charts.lengths([0, 0], 100) == [0, 0]
    assert charts.lengths([], 100) == []
    assert charts.lengths([float("nan"), -4, float("inf")], 100) == [0, 0, 0]
    assert charts.lengths([1, 3], 100) == pytest.approx([25, 75])


@given(st.lists(st.tuples(st.floats(-5, 1e9), st.floats(-5, 1e9)), max_size=8))
def test_bars_stay_inside_the_drawing(rows: list[tuple[float, float]]) -> None:
    drawn = charts.bars(LABEL, [Bar("label", value, of, "figure") for value, of in rows])
    assert_sound(drawn)
    for rectangle in Page(drawn).root.all("rect"):
        assert 0 <= percent(rectangle, "width") <= 100


@given(st.lists(st.lists(st.integers(0, 10**12), min_size=3, max_size=3), min_size=1, max_size=3))
def test_stacked_segments_fill_the_width_exactly(rows: list[list[int]]) -> None:
    tones = (Tone.GOOD, Tone.WARN, Tone.BAD)
    stacks = [Stack("bar", "all", tuple(Part("p", v, t) for v, t in zip(row, tones, strict=True))) for row in rows]
    drawn = charts.stacks(LABEL, stacks)
    assert_sound(drawn)
    segments = [r for r in Page(drawn).root.all("rect") if r.attributes["class"].startswith("tone")]
    filled = sum(any(row) for row in rows)
    assert sum(percent(segment, "width") for segment in segments) == pytest.approx(100 * filled, abs=0.02)


def test_a_narrow_segment_keeps_its_figure_in_the_table_only() -> None:
    drawn = charts.stacks(LABEL, [Stack("bar", "", (Part("most", 99, Tone.GOOD), Part("few", 1, Tone.BAD)))])
    inside = [text.text for text in Page(drawn).root.all("text") if "inside" in (text.attributes["class"] or "")]
    assert inside == ["99"]


def test_every_tone_has_its_own_pattern() -> None:
    idents = [element.attributes["id"] for element in Page(svg.patterns("x")).root.all("pattern")]
    assert set(idents) >= {f"x-{tone}" for tone in Tone}
    assert len(idents) == len(set(idents))


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), max_size=40))
def test_the_risk_matrix_shows_every_risk(risks: list[tuple[int, int]]) -> None:
    drawn = charts.risk_matrix(LABEL, risks)
    assert_sound(drawn)
    inside = [text for text in Page(drawn).root.all("text") if "inside" in (text.attributes["class"] or "")]
    assert sum(int(text.text) for text in inside) == len(risks)


@given(st.lists(st.tuples(DAYS, DAYS, st.none() | st.floats(0, 9)), min_size=1, max_size=6), DAYS, DAYS)
def test_the_calendar_holds_every_wave(
    waves: list[tuple[date, date, float | None]], freeze_start: date, today: date
) -> None:
    rows = [WaveBar(f"Wave {n}", "", start, end, fill) for n, (start, end, fill) in enumerate(waves)]
    freeze = Freeze("quiet", freeze_start, freeze_start + timedelta(days=20))
    drawn = gantt.calendar(LABEL, rows, freezes=[freeze], today=today)
    assert_sound(drawn)
    rectangles = Page(drawn).root.all("rect")
    assert sum("capacity" in (r.attributes["class"] or "") for r in rectangles) == len(waves)
    for rectangle in rectangles:
        assert percent(rectangle, "x") + percent(rectangle, "width") <= 100


def test_the_scale_covers_whole_months() -> None:
    scale = Scale.over([WaveBar("", "", date(2027, 1, 11), date(2027, 2, 5), 0.5)])
    assert (scale.start, scale.end) == (date(2027, 1, 1), date(2027, 3, 1))
    assert scale.at(date(2027, 1, 1)) == 0
    assert scale.at(date(2027, 3, 1)) == CALENDAR_WIDTH
    assert scale.at(date(2030, 1, 1)) == CALENDAR_WIDTH
    assert scale.stretch(date(2020, 1, 1), date(2021, 1, 1)) == (0, 0)


def test_the_filled_part_of_a_wave_is_its_share_and_overflow_shows() -> None:
    def drawn(fill: float | None) -> list[Element]:
        return Page(gantt.calendar(LABEL, [WaveBar("W", "", date(2027, 1, 1), date(2027, 1, 31), fill)])).root.all(
            "rect"
        )

    capacity, filled = drawn(0.25)
    assert percent(filled, "width") == pytest.approx(percent(capacity, "width") / 4, abs=0.01)
    assert drawn(1.2)[1].attributes["class"] == "bar bad"
    assert len(drawn(None)) == len(drawn(0.0)) == 1


def test_a_frozen_wave_is_striped() -> None:
    frozen = WaveBar("W", "", date(2027, 1, 1), date(2027, 1, 31), None, frozen=True)
    assert "url(#chart-freeze)" in gantt.calendar(LABEL, [frozen])


def test_a_freeze_outside_the_plan_is_not_drawn() -> None:
    wave = WaveBar("W", "", date(2027, 1, 1), date(2027, 1, 31), None)
    freeze = Freeze("long ago", date(2020, 1, 1), date(2020, 2, 1))
    assert "long ago" not in gantt.calendar(LABEL, [wave], freezes=[freeze])


def test_today_is_marked_only_when_it_is_in_sight() -> None:
    wave = WaveBar("W", "", date(2027, 1, 1), date(2027, 1, 31), None)
    assert 'class="today"' in gantt.calendar(LABEL, [wave], today=date(2027, 1, 12))
    assert 'class="today"' not in gantt.calendar(LABEL, [wave], today=date(2026, 1, 12))


def test_labels_keep_inside_the_drawing_wherever_their_bar_stands() -> None:
    year = [WaveBar("W", "", date(2027, month, 1), date(2027, month, 20), None) for month in range(1, 13)]
    labels = [t for t in Page(gantt.calendar(LABEL, year)).root.all("text") if t.attributes["class"] == "label"]
    assert [label.attributes["text-anchor"] for label in labels] == ["start"] * 4 + ["middle"] * 4 + ["end"] * 4


def test_the_axis_has_few_labels_and_names_each_new_year() -> None:
    waves = [WaveBar("W", "", date(2026, 11, 1), date(2030, 2, 1), None)]
    axis = [t.text for t in Page(gantt.calendar(LABEL, waves)).root.all("text") if t.attributes["class"] == "axis"]
    months = [text.replace("\u00a0", " ") for text in axis if text != "filled"]
    assert len(months) <= gantt.MONTH_LABELS_MAX
    assert months == ["Nov 2026", "Jun 2027", "Jan 2028", "Aug", "Mar 2029", "Oct"]


def test_an_empty_calendar_is_still_a_chart() -> None:
    assert_sound(gantt.calendar(LABEL, []))


@given(st.text())
@example("<b>bold</b>")
@example("</title><img src=x onerror=alert(1)>")
def test_any_label_is_escaped(label: str) -> None:
    drawn = charts.bars(Labelling("chart", label, label), [Bar(label, 1, 2, label)])
    assert {element.name for element in Page(drawn).root.walk()} == {"svg", "title", "desc", "text", "rect"}


def assert_sound(drawn: str) -> None:
    """Well formed, titled, described, and without a figure that is none."""
    page = Page(drawn)
    assert page.problems == []
    assert "nan" not in drawn.lower().replace("dominant", "")
    assert "inf" not in drawn
    frame = page.root.children[0]
    assert frame.name == "svg"
    assert [child.name for child in frame.children[:2]] == ["title", "desc"]
    assert frame.attributes["aria-labelledby"] == " ".join(str(c.attributes["id"]) for c in frame.children[:2])


def percent(element: Element, name: str) -> float:
    value = element.attributes[name]
    assert value is not None
    assert value.endswith("%")
    return float(value[:-1])
