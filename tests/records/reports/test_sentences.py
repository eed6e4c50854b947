from dataclasses import replace

import pytest

from masterflow.inventory.types import Membership
from masterflow.records.assessments.types import SupportStatus
from masterflow.records.plans.types import PlanStatus
from masterflow.records.reports import sentences
from masterflow.records.reports.types import ProgrammeReport, Total
from tests.records.reports.sample import make_report

REPORT = make_report(40, 12)


def said(report: ProgrammeReport) -> list[str]:
    return [sentence.replace("\u00a0", " ") for sentence in sentences.three_sentences(report)]


def limits(report: ProgrammeReport) -> str:
    return " ".join(sentences.limits_of(report)).replace("\u00a0", " ")


def test_the_first_sentence_says_what_there_is() -> None:
    first = said(REPORT)[0]
    assert first.startswith("The files describe 40 servers on 4 hosts with ")
    assert f"{REPORT.sums.vcpu.value} vCPU" in first
    assert first.endswith("grouped into 12 applications, 1 of them proposed and to be confirmed.")


def test_what_is_not_known_is_not_said() -> None:
    bare = replace(
        REPORT,
        counts=replace(REPORT.counts, servers=1, hosts=0, applications=0),
        sums=replace(
            REPORT.sums, vcpu=Total(None, 0, 1), memory_mib=Total(None, 0, 1), storage_provisioned_mib=Total(None, 0, 1)
        ),
    )
    assert said(bare)[0] == "The files describe 1 server, and name no applications."
    stated = replace(REPORT, counts=replace(REPORT.counts, applications_proposed=0))
    assert said(stated)[0].endswith("grouped into 12 applications.")


def test_the_second_sentence_counts_servers_past_their_support() -> None:
    assert REPORT.assessment
    servers = [
        replace(server, support_today=SupportStatus.SUPPORTED, support_at_move=SupportStatus.SUPPORTED)
        for server in REPORT.assessment.servers
    ]

    def with_servers(*changed: SupportStatus) -> str:
        first = [replace(servers[n], support_today=s, support_at_move=s) for n, s in enumerate(changed)]
        return said(replace(REPORT, assessment=replace(REPORT.assessment, servers=(*first, *servers[len(first) :]))))[1]

    assert with_servers().startswith("No server runs an operating system known to be past its support.")
    assert with_servers().endswith("none will have ended.")
    ended, extended, unknown = SupportStatus.ENDED, SupportStatus.EXTENDED_ONLY, SupportStatus.UNKNOWN
    assert with_servers(ended).startswith("1 server (2 %) runs an operating system whose support has ended.")
    assert with_servers(ended, extended, unknown) == (
        "1 server (2 %) runs an operating system whose support has ended; 1 more has extended support only; "
        "for 1 it is not known. At the planned move, 1 Jun 2027, support will have ended for 1."
    )
    assert "2 servers (5 %) run" in with_servers(ended, ended)
    assert "; 2 more have extended support only" in with_servers(extended, extended)
    assert with_servers(ended, ended).endswith("support will have ended for 2.")


def test_without_an_assessment_or_a_plan_the_sentences_say_so() -> None:
    bare = said(replace(REPORT, assessment=None, plan=None))
    assert bare[1:] == [
        "The support of operating systems has not been assessed yet.",
        "No waves have been planned yet.",
    ]


def test_the_third_sentence_says_what_moves_when() -> None:
    assert REPORT.plan
    moving = len(REPORT.plan.items)
    hybrid = len(REPORT.plan.hybrid_dependencies)
    waves = len({item.wave for item in REPORT.plan.items})
    assert said(REPORT)[2].startswith(f"{moving} applications move in {waves} waves, 11 Jan – 30 Jul 2027; {hybrid} ")
    alone = replace(REPORT.plan.items[0], is_application=False)
    single = replace(
        REPORT, plan=replace(REPORT.plan, items=(alone,), hybrid_dependencies=REPORT.plan.hybrid_dependencies[:1])
    )
    assert said(single)[2].startswith("1 server without an application moves in 1 wave")
    assert "1 dependency stretches between" in said(single)[2]
    nothing = replace(REPORT, plan=replace(REPORT.plan, items=()))
    assert said(nothing)[2].startswith("Nothing moves in 0 waves")


def test_no_hybrid_dependency_is_not_the_same_as_no_dependency() -> None:
    assert REPORT.plan
    calm = replace(REPORT, plan=replace(REPORT.plan, hybrid_dependencies=()))
    assert "no known dependency stretches" in said(calm)[2]
    blind = replace(calm, counts=replace(calm.counts, dependencies=0))
    assert "which of them depend on each other is not known" in said(blind)[2]


@pytest.mark.parametrize(
    ("status", "objective", "bound", "expected"),
    [
        (PlanStatus.OPTIMAL, 0.061, 0.061, "The plan is proven to be the best under its rules: 6.1 % of"),
        (PlanStatus.FEASIBLE, 0.07, 0.02, "best found in 20 seconds, not proven optimal: 7.0 % of"),
        (PlanStatus.FEASIBLE, 0.07, None, "no bound proven"),
        (PlanStatus.INFEASIBLE, None, None, "No plan satisfies all the rules together."),
        (PlanStatus.UNKNOWN, None, None, "No plan was found within 20 seconds."),
        (PlanStatus.FEASIBLE, None, None, "No plan was found within 20 seconds."),
    ],
)
def test_a_plan_is_called_optimal_only_when_proven(
    status: PlanStatus, objective: float | None, bound: float | None, expected: str
) -> None:
    assert REPORT.plan
    plan = replace(REPORT.plan, status=status, objective=objective, bound=bound)
    told = sentences.plan_quality(plan).replace("\u00a0", " ")
    assert expected in told
    assert ("optimal" in told and "not proven" not in told) is False or status is PlanStatus.OPTIMAL


def test_a_plan_that_was_not_found_is_told_in_the_summary() -> None:
    assert REPORT.plan
    lost = replace(REPORT, plan=replace(REPORT.plan, status=PlanStatus.UNKNOWN, waves=(), items=()))
    assert said(lost)[2] == "There is no wave plan yet: no plan was found within 20 seconds."


def test_the_limits_follow_from_what_is_missing() -> None:
    assert REPORT.assessment
    assert "1 application of 12 were inferred" not in limits(replace(REPORT, applications=()))
    assert "No file names applications" in limits(replace(REPORT, applications=()))
    assert "No dependencies are known" in limits(replace(REPORT, dependencies=()))
    assert "CPU use was observed on 10 of 40 servers" in limits(REPORT)
    assert "conflict between sources waits for a person" in limits(REPORT)
    partly = replace(REPORT, sums=replace(REPORT.sums, memory_mib=Total(5, 38, 40)))
    assert "The sum of memory is known for 38 of 40 servers" in limits(partly)
    assert "The sum of" not in limits(REPORT)
    assert "not proven optimal" in limits(REPORT)
    assert limits(REPORT).endswith("Costs are not part of this report.")
    assert "CPU use" not in limits(replace(REPORT, assets=()))
    assert "support" not in limits(replace(REPORT, assessment=None)).lower()
    unknown = replace(REPORT.assessment.servers[0], support_today=SupportStatus.UNKNOWN)
    one = replace(REPORT, assessment=replace(REPORT.assessment, servers=(unknown,)))
    assert "The support of 1 server is unknown" in limits(one)


def test_conflicts_that_rules_settled_are_no_limit() -> None:
    settled = tuple(replace(conflict, needs_review=False) for conflict in REPORT.conflicts)
    assert "between sources" not in limits(replace(REPORT, conflicts=settled))
    stated = tuple(replace(a, membership=Membership.STATED) for a in REPORT.applications)
    assert "inferred" not in limits(replace(REPORT, applications=stated))
    several = tuple(replace(conflict, needs_review=True) for conflict in REPORT.conflicts[:2])
    assert "2 conflicts between sources wait for a person" in limits(replace(REPORT, conflicts=several))
