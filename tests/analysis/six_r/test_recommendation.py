"""The recommendation: argued cases, and what must hold for every set of facts."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masterflow.analysis.six_r.criteria import DEFAULT_WEIGHTS, Criterion
from masterflow.analysis.six_r.facts import Facts, read_facts
from masterflow.analysis.six_r.gates import obstacles
from masterflow.analysis.six_r.recommendation import recommend
from masterflow.analysis.six_r.situation import situation
from masterflow.analysis.six_r.strategies import Strategy
from tests.analysis.assessment_data import TODAY, answers
from tests.analysis.six_r.applications import ORDINARY, RANDOM_FACTS, application

CASES = [pytest.param(case, id=case["id"]) for case in answers("six_r.json")["cases"]]
MANY = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("case", CASES)
def test_an_argued_case_gets_an_acceptable_strategy(case: dict[str, Any]) -> None:
    strategy = recommend(read_facts(case["facts"]), at=TODAY).strategy
    assert strategy in case["acceptable"]
    assert strategy not in case["unacceptable"]


@pytest.mark.parametrize("case", CASES)
def test_a_name_decides_nothing(case: dict[str, Any]) -> None:
    named, nameless = (read_facts({**case["facts"], "name": name}) for name in ("Renamed", None))
    assert recommend(named, at=TODAY) == recommend(nameless, at=TODAY)


@pytest.mark.parametrize("case", CASES)
def test_what_would_change_an_argued_case_changes_it(case: dict[str, Any]) -> None:
    facts = read_facts(case["facts"])
    given_answer = recommend(facts, at=TODAY)
    assert given_answer.what_would_change
    for change in given_answer.what_would_change:
        merged = read_facts({**case["facts"], **change.facts})
        assert recommend(merged, at=TODAY).strategy is change.verdict
        assert change.verdict is not given_answer.strategy


@MANY
@given(RANDOM_FACTS)
def test_what_would_change_a_recommendation_changes_it(facts: Facts) -> None:
    given_answer = recommend(facts, at=TODAY)
    assert given_answer.what_would_change
    for change in given_answer.what_would_change:
        assert change.verdict is not given_answer.strategy
        assert recommend(facts.with_changes(change.facts), at=TODAY).strategy is change.verdict


@MANY
@given(RANDOM_FACTS)
def test_a_cited_fact_counts(facts: Facts) -> None:
    given_answer = recommend(facts, at=TODAY)
    others = (why for other in given_answer.not_recommended for why in other.why)
    cited = {name for reason in (*given_answer.reasons, *given_answer.against, *others) for name in reason.facts}
    for name in cited:
        without = recommend(facts.with_changes({name: None}), at=TODAY)
        assert (without.score, without.confidence) != (given_answer.score, given_answer.confidence), name


@MANY
@given(RANDOM_FACTS)
def test_a_recommendation_is_never_excluded_and_every_strategy_is_answered(facts: Facts) -> None:
    excluded = {s for o in obstacles(situation(facts, at=TODAY)) for s in o.excludes}
    answer = recommend(facts, at=TODAY)
    others = [r.strategy for r in answer.runner_ups] + [n.strategy for n in answer.not_recommended]
    assert answer.strategy not in excluded
    assert not excluded & {r.strategy for r in answer.runner_ups}
    assert sorted([answer.strategy, *others]) == sorted(Strategy)
    assert all(n.why for n in answer.not_recommended)


@MANY
@given(RANDOM_FACTS)
def test_figures_stay_within_their_bounds_and_reasons_are_given(facts: Facts) -> None:
    answer = recommend(facts, at=TODAY)
    figures = (answer.score, answer.confidence, answer.closeness, answer.stability, answer.data_completeness)
    assert all(0 <= figure <= 1 for figure in figures)
    assert answer.reasons
    assert all(runner.score <= answer.score for runner in answer.runner_ups)
    for reason in (*answer.reasons, *answer.against):
        assert all(value is not None for value in reason.facts.values())
        assert "None" not in reason.sentence


@MANY
@given(RANDOM_FACTS)
def test_nothing_is_retired_without_observation_or_an_accepted_replacement(facts: Facts) -> None:
    if recommend(facts, at=TODAY).strategy is not Strategy.RETIRE:
        return
    observed = facts.utilisation_observed and facts.flows_observed and facts.inbound_connections_35d == 0
    assert observed or facts.planned_replacement == "accepted by owner"
    assert not facts.inbound_connections_35d
    assert not facts.monthly_users


@MANY
@given(RANDOM_FACTS, st.randoms())
def test_the_order_of_the_facts_does_not_matter(facts: Facts, shuffler: random.Random) -> None:
    items = list(facts.model_dump(mode="json").items())
    shuffler.shuffle(items)
    assert recommend(read_facts(dict(items)), at=TODAY) == recommend(facts, at=TODAY)


@MANY
@given(RANDOM_FACTS)
def test_less_knowledge_never_raises_the_completeness(facts: Facts) -> None:
    whole = recommend(facts, at=TODAY).data_completeness
    for name, value in facts.model_dump().items():
        if value is not None and name != "name":
            assert recommend(facts.with_changes({name: None}), at=TODAY).data_completeness < whole
            break


def test_powered_off_and_ownerless_alone_is_a_question_to_somebody() -> None:
    answer = recommend(
        application(
            owner_team=None,
            utilisation_observed=False,
            flows_observed=False,
            cpu_p95_pct=None,
            cpu_max_pct=None,
            inbound_connections_35d=None,
            monthly_users=None,
        ),
        at=TODAY,
    )
    assert answer.strategy is Strategy.RETAIN
    assert answer.questions[0] == "Who owns it?"
    retire = next(n for n in answer.not_recommended if n.strategy is Strategy.RETIRE)
    assert "absence of data is no evidence" in retire.why[0].sentence


def test_with_nothing_known_it_stays_and_says_what_is_missing() -> None:
    answer = recommend(Facts(), at=TODAY)
    assert answer.strategy is Strategy.RETAIN
    assert (answer.data_completeness, answer.confidence < 0.2) == (0.0, True)
    assert answer.questions[-1].startswith("Not known, and of most weight: os_status")


def test_with_everything_known_nothing_is_asked() -> None:
    known = {
        "vendor_product": "x",
        "vendor_supports_cloud": True,
        "saas_alternative": "none",
        "database_engine": "PostgreSQL 16",
        "managed_database_target": "managed PostgreSQL",
        "data_residency": "none",
        "licence_constraint": "none",
        "planned_replacement": "none",
        "max_latency_ms_to_plant": 500,
    }
    answer = recommend(application(**known), at=TODAY)
    assert (answer.data_completeness, answer.questions) == (1.0, ())


@pytest.mark.parametrize(
    ("changed", "condition"),
    [
        ({"os_status": "ended"}, "The operating system is upgraded in the same move."),
        (
            {"os_status": "extended_only", "extended_support_bought": None, "datacentre_exit_months": 3},
            "Extended support is bought for the time until the upgrade.",
        ),
        (
            {"os_status": "within_12_months", "datacentre_exit_months": 3},
            "The operating system is upgraded within a year of the move.",
        ),
        (
            {"os": None, "os_status": None, "container_ready": True},
            "Which operating system it runs is established before the move.",
        ),
        ({"os_status": "ended", "data_residency": "own site"}, "It is isolated from other networks while it stays."),
        ({"data_residency": "in the EU"}, "The region satisfies the rule about its data."),
        ({"cots": True}, "The vendor confirms its support on the target."),
        ({"data_residency": "own site"}, "The decision is taken again before the datacentre closes."),
        (
            {"planned_replacement": "accepted by owner", "inbound_connections_35d": 0, "monthly_users": 0},
            "An archive of its data is made and read back before the shutdown.",
        ),
    ],
)
def test_a_recommendation_names_its_conditions(changed: dict[str, Any], condition: str) -> None:
    assert condition in recommend(application(**changed), at=TODAY).conditions


def test_an_undated_replacement_is_asked_about() -> None:
    answer = recommend(application(planned_replacement="to be replaced"), at=TODAY)
    assert answer.strategy is Strategy.RETAIN
    assert "When does the replacement take over, and who accepts it?" in answer.questions


def test_looking_idle_is_a_question_to_the_owner() -> None:
    answer = recommend(application(cpu_p95_pct=0.5, cpu_max_pct=3.0), at=TODAY)
    assert answer.questions[0] == "It looks idle: does its owner still need it?"


def test_weights_are_the_users_to_choose() -> None:
    facts = application(managed_database_target="managed PostgreSQL")
    for_speed = {**DEFAULT_WEIGHTS, Criterion.TIME: 3.0}
    for_debt = {**DEFAULT_WEIGHTS, Criterion.DEBT: 3.0}
    assert recommend(facts, at=TODAY, weights=for_speed).strategy is Strategy.REHOST
    assert recommend(facts, at=TODAY, weights=for_debt).strategy is Strategy.REFACTOR


def test_a_narrow_lead_lowers_the_confidence() -> None:
    narrow = recommend(application(cots=True, source_available=False, managed_database_target="x"), at=TODAY)
    clear = recommend(application(data_residency="own site", managed_database_target="x"), at=TODAY)
    assert narrow.confidence < clear.confidence


def test_a_strategy_that_falls_behind_tells_by_how_much() -> None:
    answer = recommend(Facts.model_validate(ORDINARY), at=TODAY)
    behind = next(n for n in answer.not_recommended if n.strategy is Strategy.RETAIN)
    assert behind.why[0].sentence == "It scores 0.40 against 0.61."
