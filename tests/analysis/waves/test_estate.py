"""An estate with its decisions becomes a planning task."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masterflow.analysis.waves import broken_rules, plan_waves
from masterflow.analysis.waves.calendar import FreezeRange, WaveCalendar
from masterflow.analysis.waves.effort import EffortModel
from masterflow.analysis.waves.estate import EstateDependency, EstateItem, EstateTask, instance_from_estate
from masterflow.errors import InvalidInput
from masterflow.inventory.types import Criticality, Environment
from masterflow.records.assessments.types import Strategy

MONDAY = date(2027, 1, 11)
CALENDAR = WaveCalendar(first_start=MONDAY)


def item(name: str, **facts: object) -> EstateItem:
    known: dict[str, object] = {
        "servers": 2,
        "storage_gb": 100.0,
        "environment": Environment.PRODUCTION,
        "effort_hours": 100.0,
    }
    strategy = facts.pop("strategy", "rehost")
    known["strategy"] = None if strategy is None else Strategy(str(strategy))
    return EstateItem(id=name, name=name.title(), **{**known, **facts})  # type: ignore[arg-type]


def made(*items: EstateItem, calendar: WaveCalendar = CALENDAR, **options: object) -> EstateTask:
    edges = options.pop("edges", ())
    return instance_from_estate(items, edges, calendar, **options)  # type: ignore[arg-type]


def test_what_is_retired_or_retained_or_shared_is_not_planned_and_says_why() -> None:
    task = made(
        item("shop"), item("old", strategy="retire"), item("plant", strategy="retain"), item("dns"),
        set_aside=frozenset({"dns"}),
    )  # fmt: skip
    assert [a.id for a in task.instance.applications] == ["shop"]
    assert [(u.application, u.reason.split(":")[0]) for u in task.not_planned] == [
        ("dns", "A shared service"),
        ("old", "It is retired"),
        ("plant", "It stays where it is."),
    ]


def test_repurchased_software_takes_effort_but_moves_no_server() -> None:
    (crm,) = made(item("crm", strategy="repurchase", effort_hours=None)).instance.applications
    assert (crm.servers, crm.storage_gb) == (0.0, 0.0)
    assert crm.hours == round(30 * 8 * (2 / 5) ** 0.5)


def test_dependencies_on_what_stays_are_hybrid_and_told() -> None:
    task = made(
        item("shop"), item("mainframe", strategy="retain"), item("fax", strategy="retire"), item("crm"),
        edges=[
            EstateDependency("shop", "mainframe", 3, hard=True),
            EstateDependency("fax", "shop"),
            EstateDependency("shop", "crm", 2),
            EstateDependency("shop", "crm", 1.5, hard=True),
            EstateDependency("fax", "mainframe"),
            EstateDependency("shop", "shop"),
            EstateDependency("shop", "unknown"),
        ],
    )  # fmt: skip
    assert [(e.source, e.target, e.weight, e.kind) for e in task.instance.edges] == [("shop", "crm", 3.5, "hard")]
    assert [(h.source, h.target, h.moves, h.hard) for h in task.hybrid] == [
        ("fax", "shop", "shop", False),
        ("shop", "mainframe", "shop", True),
    ]
    assert task.hybrid[1].sentence == (
        "Shop needs Mainframe; Shop moves, Mainframe does not move with a wave: "
        "a hard dependency over the line between the sites: measure its latency first."
    )
    assert "Fax is retired" in task.hybrid[0].sentence
    assert "1 dependencies name something that is not in the estate; they are left out." in task.assumptions


def test_what_is_not_known_is_assumed_aloud() -> None:
    vague = item("x", servers=None, storage_gb=None, environment=None, strategy=None, effort_hours=None)
    task = made(vague, item("srv", kind="server", servers=None))
    by_id = {a.id: a for a in task.instance.applications}
    assert (by_id["x"].servers, by_id["x"].storage_gb, by_id["x"].environment) == (0.0, 0.0, "prod")
    assert by_id["x"].hours == 200
    assert by_id["srv"].servers == 1
    said = " ".join(task.assumptions)
    for what in ("no strategy", "unknown environment", "unknown number of servers", "unknown storage", "rehost 25"):
        assert what in said
    assert said.count("1 of 2 applications") == 4


def test_values_of_the_estate_reach_the_task() -> None:
    (a,) = made(
        item("a", environment=Environment.TEST, criticality=Criticality.LOW, complexity=2, team="red"),
        calendar=replace(CALENDAR, pins={"a": 1}),
    ).instance.applications
    assert (a.environment, a.criticality, a.complexity, a.team, a.pin) == ("nonprod", "low", 2, "red", 1)
    assert (a.hours, a.servers, a.storage_gb, a.name) == (100.0, 2.0, 100.0, "A")


def test_a_test_system_is_wished_before_its_production() -> None:
    task = made(
        item("erp", application="ERP"), item("erp-test", application="ERP", environment=Environment.TEST),
        item("erp-dr", application="ERP", environment=Environment.DISASTER_RECOVERY), item("other"),
    )  # fmt: skip
    assert task.instance.wishes.before == (("erp-test", "erp"),)


def test_the_first_of_three_waves_is_small_and_takes_no_risk() -> None:
    many = [item(f"a{i:02}", criticality=Criticality.HIGH if i % 3 == 0 else Criticality.LOW) for i in range(24)]
    task = made(*many)
    first, second, *_ = task.instance.waves
    assert len(task.instance.waves) == 3
    assert first.hours == (second.hours or 0) / 2
    assert (first.servers, second.servers) == (10.0, None)
    plan = plan_waves(task.instance, time_limit=timedelta(seconds=5))
    assert broken_rules(task.instance, plan.waves) == []
    assert not [w for w in plan.broken_wishes if w.wish == "first_wave_low_risk"]
    assert sum(wave == 1 for wave in plan.waves.values()) <= 5


def test_risk_is_let_into_the_first_wave_where_a_rule_wants_it_there() -> None:
    risky = {"criticality": Criticality.CRITICAL}
    others = [item(f"o{i}") for i in range(6)]
    calendar = replace(CALENDAR, pins={"pinned": 1}, before=(("first", "o1"),), waves=3)
    dated = item("dated", latest=MONDAY + timedelta(days=40), **risky)
    task = made(
        item("pinned", **risky), item("first", **risky), item("free", **risky), dated, *others, calendar=calendar
    )
    earliest = {a.id: a.earliest_wave for a in task.instance.applications}
    assert (earliest["pinned"], earliest["first"], earliest["dated"], earliest["free"]) == (None, None, None, 2)


def test_dates_become_waves() -> None:
    day = MONDAY + timedelta(weeks=4)
    calendar = replace(CALENDAR, waves=2)
    early = made(item("a", earliest=day), item("b", latest=day), calendar=calendar).instance
    assert [(a.earliest_wave, a.latest_wave) for a in early.applications] == [(2, None), (None, 1)]
    never = made(item("a", earliest=day + timedelta(weeks=9)), calendar=calendar).instance
    assert never.applications[0].earliest_wave == 3
    assert plan_waves(never).conflict[0].kind == "earliest_wave"
    with pytest.raises(InvalidInput, match="A has to have moved by 2027-01-12, before the first wave ends"):
        made(item("a", latest=MONDAY + timedelta(days=1)), calendar=calendar)


def test_the_number_of_waves_is_the_smallest_that_carries_everything() -> None:
    calendar = replace(CALENDAR, hours_per_wave=450)
    task = made(*(item(f"a{i}") for i in range(10)), calendar=calendar)
    assert len(task.instance.waves) == 4  # 1,000 h and a fifth more in waves of 450 h beside the small first one
    assert task.assumptions[0] == "4 waves: the fewest that carry everything with 20% of headroom."
    assert [w.hours for w in task.instance.waves] == [225.0, 450.0, 450.0, 450.0]


def test_waves_follow_in_order_of_time_and_a_pin_adds_waves() -> None:
    waves = made(item("a"), item("b"), calendar=replace(CALENDAR, wave_weeks=2, pins={"b": 4})).instance.waves
    assert [(w.number, w.start) for w in waves] == [(n, MONDAY + timedelta(weeks=2 * (n - 1))) for n in range(1, 5)]
    assert waves[0].end == MONDAY + timedelta(days=13)


def test_freezes_close_waves_or_cut_their_capacity() -> None:
    freezes = (
        FreezeRange(MONDAY, MONDAY + timedelta(days=6)),
        FreezeRange(MONDAY + timedelta(weeks=4), MONDAY + timedelta(weeks=7)),
        FreezeRange(MONDAY + timedelta(weeks=8), MONDAY + timedelta(weeks=11), "prod"),
    )
    calendar = replace(CALENDAR, waves=4, hours_per_wave=100, freezes=freezes)
    waves = made(item("a"), calendar=calendar).instance.waves
    assert [w.freeze for w in waves] == ["none", "all", "prod", "none"]
    assert [w.hours for w in waves] == [37.0, 0.0, 100.0, 100.0]  # the pilot's half of three weeks in four, …


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 11, 13, 25])
def test_capacity_that_was_derived_never_makes_a_plan_impossible(count: int) -> None:
    task = made(*(item(f"s{i}", effort_hours=86) for i in range(count)))
    assert plan_waves(task.instance, time_limit=timedelta(seconds=5)).status != "infeasible"


def test_a_wave_is_at_least_as_large_as_the_largest_move_group() -> None:
    edges = [EstateDependency("a", "b", hard=True), EstateDependency("b", "a", hard=True)]
    task = made(
        item("a", effort_hours=900), item("b", effort_hours=900), *(item(f"c{i}", effort_hours=1) for i in range(9)),
        edges=edges, calendar=replace(CALENDAR, waves=6),
    )  # fmt: skip
    assert task.instance.waves[1].hours == 2162  # 1809 h over five waves, and the group of 1800 h beside it
    assert plan_waves(task.instance, time_limit=timedelta(seconds=5)).status == "optimal"


def test_rules_of_the_calendar_reach_the_task() -> None:
    calendar = replace(
        CALENDAR, together=(("a", "b"),), apart=(("a", "c"),), before=(("a", "c"),), max_parallel_prod=3,
        max_per_team_per_wave={"red": 1}, servers_per_wave=50, storage_gb_per_wave=9000,
    )  # fmt: skip
    rules = made(item("a"), item("b"), item("c"), calendar=calendar).instance.constraints
    assert (rules.together, rules.apart, rules.before) == ((("a", "b"),), (("a", "c"),), (("a", "c"),))
    assert (rules.max_parallel_prod, rules.max_per_team_per_wave) == (3, {"red": 1})


@pytest.mark.parametrize(
    ("calendar", "sentence"),
    [
        (replace(CALENDAR, wave_weeks=0), "wave_weeks is 0"),
        (replace(CALENDAR, waves=0), "waves is 0"),
        (replace(CALENDAR, headroom=-1), "headroom is -1"),
        (replace(CALENDAR, freezes=(FreezeRange(MONDAY, date(2026, 1, 1)),)), "a freeze ends on 2026-01-01"),
        (replace(CALENDAR, hours_per_wave=0), "120 waves do not carry the demand (100 hours"),
        (replace(CALENDAR, pins={"zzz": 1}), "pins names zzz"),
        (replace(CALENDAR, together=(("zzz",),)), "together names zzz"),
        (replace(CALENDAR, apart=(("zzz", "a"),)), "apart names zzz"),
        (replace(CALENDAR, before=(("a", "zzz"),)), "before names zzz"),
        (replace(CALENDAR, waves=2, pins={"a": 3}), "a is pinned to wave 3, waves are 1 to 2"),
        (replace(CALENDAR, pins={"a": 999}), "a is pinned to wave 999"),
        (replace(CALENDAR, before=(("a", "a"),)), "'a' is set against itself"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_a_sentence(calendar: WaveCalendar, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        made(item("a"), calendar=calendar)
    assert sentence in str(caught.value)


def test_an_id_that_occurs_twice_is_refused() -> None:
    with pytest.raises(InvalidInput, match="a occur more than once"):
        made(item("a"), item("a"))


def test_a_value_out_of_range_is_refused() -> None:
    with pytest.raises(InvalidInput, match="The estate cannot be planned: complexity is 9"):
        made(item("a", complexity=9))


def test_an_estate_in_which_nothing_moves_is_an_empty_task() -> None:
    task = made(item("a", strategy="retain"))
    assert task.instance.applications == ()
    assert plan_waves(task.instance).status == "optimal"


def test_effort_grows_with_servers_and_complexity() -> None:
    model = EffortModel()
    assert model.hours("rehost", servers=5, complexity=3) == 200
    assert model.hours("rehost", servers=None, complexity=None) == 200
    assert model.hours(None, servers=20, complexity=5) == 480
    assert EffortModel(person_days={"rehost": 1}).hours("rehost", servers=5, complexity=3) == 8


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 12), st.sampled_from([*Criticality, None]), st.sampled_from([None, 1, 3, 5])),
        min_size=1,
        max_size=18,
    ),
    st.sampled_from([None, 2, 5]),
)
def test_a_plan_exists_for_an_estate_without_rules(
    facts: list[tuple[int, Criticality | None, int | None]], waves: int | None
) -> None:
    items = [
        item(f"a{i:02}", servers=servers, criticality=criticality, complexity=complexity, effort_hours=None)
        for i, (servers, criticality, complexity) in enumerate(facts)
    ]
    task = made(*items, calendar=replace(CALENDAR, waves=waves, headroom=0.5))
    assert plan_waves(task.instance, time_limit=timedelta(seconds=3)).status in ("optimal", "feasible")
