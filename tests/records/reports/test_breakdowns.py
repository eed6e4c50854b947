from dataclasses import replace
from datetime import date
from uuid import uuid4

from masterflow.inventory.types import Conflict
from masterflow.records.assessments.types import WORST_FIRST, Readiness, Strategy, SupportStatus
from masterflow.records.plans.types import Unplanned
from masterflow.records.reports import breakdowns
from tests.records.reports.sample import TITLES, make_assessment, make_estate, make_plan, make_report

ESTATE = make_estate(60, 20)
ASSESSMENT = make_assessment(ESTATE)
PLAN = make_plan(ESTATE, ASSESSMENT)


def test_support_rows_add_up_to_all_servers_and_stand_worst_first() -> None:
    rows = breakdowns.support_rows(ASSESSMENT, titles=TITLES)
    assert sum(row.servers for row in rows) == 60
    order = [WORST_FIRST.index(row.at_move) for row in rows]
    assert order == sorted(order)


def test_support_counts_hold_every_status() -> None:
    counts = breakdowns.support_counts(ASSESSMENT.servers, at_move=True)
    assert set(counts) == set(SupportStatus)
    assert sum(counts.values()) == 60
    assert breakdowns.support_counts([], at_move=False)[SupportStatus.ENDED] == 0


def test_a_product_without_a_title_prints_as_words() -> None:
    assert breakdowns.product_title("oracle-linux", titles=TITLES) == "Oracle linux"
    assert breakdowns.product_title("rhel", titles=TITLES) == "Red Hat Enterprise Linux"


def test_texts_without_a_product_are_listed_with_their_number() -> None:
    blank = replace(ASSESSMENT.servers[0], operating_system=None, support_today=SupportStatus.UNKNOWN)
    assert ("No operating system stated", 1) in breakdowns.unrecognised_systems([blank])


def test_strategies_add_up_and_the_largest_stands_first() -> None:
    rows = breakdowns.strategy_rows(ASSESSMENT.recommendations)
    assert sum(row.subjects for row in rows) == len(ASSESSMENT.recommendations)
    assert [row.subjects for row in rows] == sorted((row.subjects for row in rows), reverse=True)
    assert breakdowns.strategy_rows([]) == []


def test_lone_servers_with_the_same_verdict_are_one_group() -> None:
    lone = make_assessment(make_estate(60, 0)).recommendations
    groups, of = breakdowns.subject_groups(lone, limit=100)
    assert of == len(groups) == len({entry.strategy for entry in lone})
    assert sum(group.servers for group in groups) == 60
    assert all(low <= high for low, high in (group.confidence for group in groups))


def test_applications_are_never_grouped_and_the_largest_are_kept() -> None:
    groups, of = breakdowns.subject_groups(ASSESSMENT.recommendations, limit=5)
    assert of == len(ASSESSMENT.recommendations)
    assert len(groups) == 5
    least = min(group.servers for group in groups)
    assert least >= max(entry.server_count for entry in breakdowns.portfolio_order(ASSESSMENT.recommendations)[5:])


def test_a_different_reason_makes_a_different_group() -> None:
    first, second = make_assessment(make_estate(60, 0)).recommendations[:2]
    same = replace(first, subject_id=uuid4(), subject_name="other")
    assert len(breakdowns.subject_groups([first, same], limit=9)[0]) == 1
    assert len(breakdowns.subject_groups([first, replace(same, reasons=("Another.",))], limit=9)[0]) == 2
    assert second.subject_name


def test_work_groups_hold_every_server_that_is_not_ready() -> None:
    groups = breakdowns.work_groups(ASSESSMENT.servers)
    waiting = sum(server.readiness is not Readiness.READY for server in ASSESSMENT.servers)
    assert sum(len(group.names) for group in groups) == waiting
    assert groups[0].readiness is Readiness.NOT_READY


def test_complexity_and_readiness_show_what_nobody_has() -> None:
    assert breakdowns.complexity_counts([]) == {1: 0, 2: 0, 3: 0, 4: 0, 0: 0}
    assert set(breakdowns.readiness_counts([])) == set(Readiness)


def test_risks_stand_worst_first() -> None:
    weights = [risk.likelihood * risk.impact for risk in breakdowns.worst_risks(reversed(ASSESSMENT.risks))]
    assert weights == sorted(weights, reverse=True)


def test_waves_hold_every_item_once() -> None:
    loads = breakdowns.wave_loads(PLAN)
    assert [load.wave.number for load in loads] == [1, 2, 3, 4, 5, 6]
    assert sum(len(load.items) for load in loads) == len(PLAN.items)
    assert sum(load.applications for load in loads) == len(PLAN.items)
    assert all(load.lone_servers == 0 for load in loads)


def test_what_is_in_no_wave_is_grouped_by_reason() -> None:
    groups = breakdowns.unplanned_groups(
        [Unplanned(uuid4(), "b", "Retired"), Unplanned(uuid4(), "a", "Retired"), Unplanned(uuid4(), "c", "Retained")]
    )
    assert [(group.reason, group.names) for group in groups] == [("Retired", ("a", "b")), ("Retained", ("c",))]


def test_conflicts_to_review_stand_first() -> None:
    conflicts = [
        Conflict("a", "memory_mib", (), "1", "settled by rule"),
        Conflict("z", "memory_mib", (), "1", "nobody knows", needs_review=True),
    ]
    assert [conflict.asset_name for conflict in breakdowns.review_first(conflicts)] == ["z", "a"]


def test_the_wave_of_everything_is_known() -> None:
    assert breakdowns.wave_of(None) == {}
    assert set(breakdowns.wave_of(PLAN).values()) <= {1, 2, 3, 4, 5, 6}


def test_two_cycles_of_a_product_are_two_rows() -> None:
    report = make_report(12, 3)
    assert report.assessment
    first = report.assessment.servers[0]
    other = replace(first, cycle="10", eol=date(2040, 1, 1))
    rows = breakdowns.support_rows(replace(report.assessment, servers=(first, other)), titles={})
    assert len(rows) == 2


def test_strategies_of_the_same_size_have_a_fixed_order() -> None:
    entries = [replace(ASSESSMENT.recommendations[0], strategy=strategy) for strategy in reversed(Strategy)]
    assert [row.strategy for row in breakdowns.strategy_rows(entries)] == sorted(Strategy)
