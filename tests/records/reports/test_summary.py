import json
from dataclasses import replace

from masterflow.records.assessments.types import SupportStatus
from masterflow.records.reports.summary import figures_as_json, key_figures, summary_lines
from masterflow.records.reports.types import Completeness, Total
from tests.records.reports.sample import make_report

REPORT = make_report(150, 40)


def test_key_figures_carry_their_units() -> None:
    by_label = {figure.label: figure for figure in key_figures(REPORT)}
    assert (by_label["Servers"].value, by_label["Servers"].note) == ("150", "150 virtual, 7 powered off")
    assert by_label["Rejected"].note == "18\u00a0records merged"
    assert by_label["Compute"].unit == "vCPU"
    assert by_label["Memory"].unit == "TiB"
    assert by_label["Data completeness"].unit == "%"
    assert by_label["Waves"].note == "first starts 11\u00a0Jan\u00a02027"
    assert by_label["Applications"].note == "6\u00a0shared services, 4 proposed"
    assert by_label["Support ended"].unit == "servers"


def test_key_figures_of_a_bare_report_say_unknown() -> None:
    bare = replace(
        REPORT,
        assessment=None,
        plan=None,
        completeness=Completeness(None),
        counts=replace(REPORT.counts, applications=0, dependencies=0),
        sums=replace(
            REPORT.sums, vcpu=Total(None, 0, 150), storage_used_mib=Total(None, 0, 150), memory_mib=Total(2048, 2, 150)
        ),
    )
    by_label = {figure.label: figure for figure in key_figures(bare)}
    assert by_label["Compute"].value == "unknown"
    assert by_label["Memory"].note == "known for 2 of 150\u00a0servers"
    assert by_label["Storage provisioned"].note == "in use: unknown"
    assert (by_label["Data completeness"].value, by_label["Data completeness"].unit) == ("unknown", "")
    assert by_label["Applications"].note == "none named in the files"
    assert by_label["Dependencies"].note == "none known"
    assert "Waves" not in by_label
    assert "Support ended" not in by_label


def test_a_partly_known_storage_says_both() -> None:
    partly = replace(REPORT, sums=replace(REPORT.sums, storage_provisioned_mib=Total(4096, 149, 150)))
    note = next(figure.note for figure in key_figures(partly) if figure.label == "Storage provisioned")
    assert note.endswith("in use, known for 149 of 150\u00a0servers")


def test_the_terminal_table_adds_support_and_strategies() -> None:
    labels = [line.label for line in summary_lines(REPORT)]
    assert sum(label.startswith("Support today") for label in labels) == len(SupportStatus)
    assert "Strategy: rehost" in labels
    assert "Accepted without review" not in labels


def test_the_terminal_table_warns_of_what_nobody_reviewed() -> None:
    lines = summary_lines(make_report(9, 0, accepted_without_review=True))
    warned = [line.value for line in lines if line.label == "Accepted without review"]
    assert "Are these waves right?" in warned
    strategies = [line for line in lines if line.label.startswith("Strategy")]
    assert {line.unit for line in strategies} <= {"server", "servers"}


def test_lone_servers_are_told_beside_applications() -> None:
    assert REPORT.assessment
    first, *others = REPORT.assessment.recommendations
    lone = replace(first, is_application=False, strategy=others[0].strategy)
    mixed = replace(REPORT, assessment=replace(REPORT.assessment, recommendations=(lone, *others)))
    assert "and 1\u00a0lone server" in [line.note for line in summary_lines(mixed)]


def test_the_figures_are_plain_json_that_adds_up() -> None:
    figures = json.loads(json.dumps(figures_as_json(REPORT)))
    assert figures["counts"]["servers"] == 150
    assert figures["sums"]["memory_mib"] == REPORT.sums.memory_mib.value
    assert sum(figures["support_today"].values()) == sum(figures["support_at_move"].values()) == 150
    assert REPORT.assessment
    assert sum(figures["strategies"].values()) == len(REPORT.assessment.recommendations)
    assert (figures["conflicts"], figures["conflicts_to_review"]) == (30, 4)
    assert figures["plan_status"] == "feasible"
    assert figures["waves"] == 6


def test_the_figures_of_a_bare_report_are_null() -> None:
    figures = figures_as_json(replace(REPORT, assessment=None, plan=None))
    assert figures["support_today"] is None
    assert figures["strategies"] is None
    assert figures["waves"] is None
    assert figures["plan_status"] is None
