"""What moves, what stays and what is assumed follow from the estate and the assessment."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from masterflow.errors import InputMissing
from masterflow.flows.planning.config import Config, Freeze
from masterflow.flows.planning.effort import effort_hours
from masterflow.flows.planning.resource_planning import transfer_time
from masterflow.flows.planning.task import plan_task
from masterflow.inventory.portfolio import Portfolio
from masterflow.inventory.types import (
    Application,
    ApplicationId,
    Asset,
    AssetId,
    AssetType,
    Dependency,
    DependencyKind,
    Environment,
)
from masterflow.records.assessments.types import Assessment, Recommendation, Strategy

TODAY = date(2026, 11, 23)


class Estate:
    """A small estate, built name by name."""

    def __init__(self) -> None:
        self.assets: list[Asset] = []
        self.applications: list[Application] = []
        self.dependencies: list[Dependency] = []
        self.recommendations: list[Recommendation] = []
        self.ids: dict[str, UUID] = {}

    def application(
        self,
        name: str,
        strategy: Strategy = Strategy.REHOST,
        *,
        servers: int = 1,
        storage_mib: int | None = 1024,
        environment: Environment | None = Environment.PRODUCTION,
        shared: bool = False,
    ) -> "Estate":
        machines = [self._machine(f"{name}-{n}", storage_mib, environment) for n in range(servers)]
        self.ids[name] = uuid4()
        self.applications.append(
            Application(
                id=ApplicationId(self.ids[name]),
                name=name,
                asset_ids=tuple(m.id for m in machines),
                shared_service=shared,
            )
        )
        self._recommend(name, strategy, is_application=True, servers=servers)
        return self

    def lone_server(self, name: str) -> "Estate":
        self.ids[name] = self._machine(name, 1024, None).id
        self._recommend(name, Strategy.REHOST, is_application=False, servers=1)
        return self

    def needs(self, source: str, target: str, kind: DependencyKind = DependencyKind.HARD) -> "Estate":
        self.dependencies.append(Dependency(source_id=self.ids[source], target_id=self.ids[target], kind=kind))
        return self

    def task(self, **config: object):
        portfolio = Portfolio(tuple(self.assets), tuple(self.applications), tuple(self.dependencies))
        assessment = Assessment(
            id=uuid4(),
            flow_id=uuid4(),
            assessed_on=TODAY,
            move_date=TODAY,
            target="public_cloud",
            recommendations=tuple(self.recommendations),
        )
        return plan_task(portfolio, assessment, Config.model_validate(config), today=TODAY)

    def _machine(self, name: str, storage_mib: int | None, environment: Environment | None) -> Asset:
        asset = Asset(
            id=AssetId(uuid4()),
            name=name,
            asset_type=AssetType.VIRTUAL_MACHINE,
            storage_used_mib=storage_mib,
            environment=environment,
        )
        self.assets.append(asset)
        return asset

    def _recommend(self, name: str, strategy: Strategy, *, is_application: bool, servers: int) -> None:
        self.recommendations.append(
            Recommendation(
                subject_id=self.ids[name],
                subject_name=name,
                is_application=is_application,
                strategy=strategy,
                rule_strategy=strategy,
                score=0.5,
                confidence=0.5,
                completeness=0.5,
                complexity=3,
                server_count=servers,
            )
        )


def test_only_what_moves_is_planned_and_the_rest_says_why() -> None:
    task = (
        Estate()
        .application("Billing")
        .application("Old", Strategy.RETIRE)
        .application("Plant", Strategy.RETAIN)
        .application("Mail", Strategy.REPURCHASE)
        .application("Directory", shared=True)
        .task()
    )
    assert [a.name for a in task.instance.applications] == ["Billing"]
    reasons = {u.subject_name: u.reason for u in task.unplanned}
    assert "decommission" in reasons["Old"]
    assert "stays" in reasons["Plant"]
    assert "schedule of its own" in reasons["Mail"]
    assert "wave 0" in reasons["Directory"]


def test_a_named_application_can_be_set_aside_as_a_shared_service() -> None:
    task = Estate().application("Billing").application("Backup").task(shared_services=["backup"])
    assert [u.subject_name for u in task.unplanned] == ["Backup"]


def test_a_server_without_an_application_is_planned_on_its_own() -> None:
    task = Estate().application("Billing").lone_server("stray").task()
    assert {a.name for a in task.instance.applications} == {"Billing", "stray"}


def test_a_dependency_on_what_stays_is_hybrid_and_no_edge() -> None:
    estate = Estate().application("Billing").application("Plant", Strategy.RETAIN).application("Web")
    task = estate.needs("Billing", "Plant").needs("Web", "Billing").task()
    assert task.hybrid_edges == ((estate.ids["Billing"], estate.ids["Plant"]),)
    (edge,) = task.instance.edges
    assert (edge.source, edge.target, edge.kind) == (str(estate.ids["Web"]), str(estate.ids["Billing"]), "hard")


def test_a_hard_dependency_weighs_more_than_a_soft_one() -> None:
    estate = Estate().application("A").application("B").application("C")
    task = estate.needs("A", "B").needs("A", "C", DependencyKind.SOFT).task()
    weights = {edge.kind: edge.weight for edge in task.instance.edges}
    assert weights["hard"] > weights["soft"]


def test_rules_by_name_become_rules_by_id() -> None:
    estate = Estate().application("A").application("B").application("C")
    task = estate.task(pins={"a": 2}, together=[["A", "B"]], apart=[("A", "C")], before=[("B", "C")], waves=3)
    a, b, c = (str(estate.ids[name]) for name in "ABC")
    rules = task.instance.constraints
    assert (rules.together, rules.apart, rules.before) == (((a, b),), ((a, c),), ((b, c),))
    assert {x.pin for x in task.instance.applications if x.id == a} == {2}


def test_a_rule_about_something_that_does_not_move_asks_for_another_name() -> None:
    with pytest.raises(InputMissing, match="pins: 'Biling' is no application that moves"):
        Estate().application("Billing").task(pins={"Biling": 1})


def test_an_estate_in_which_nothing_moves_asks_for_strategies() -> None:
    with pytest.raises(InputMissing, match="no application has a strategy that moves it"):
        Estate().application("Old", Strategy.RETIRE).task()


def test_a_circle_fits_into_the_capacity_that_was_derived() -> None:
    estate = Estate()
    for name in "ABCDEFGHIJKLMNOPQRST":
        estate.application(name, servers=4)
    for source, target in zip("ABCDEFGHIJ", "BCDEFGHIJA", strict=True):
        estate.needs(source, target)
    task = estate.task()
    circle = sum(m.hours for m in task.movers.values() if m.subject.name in "ABCDEFGHIJ")
    assert all(wave.hours is not None and wave.hours >= circle for wave in task.instance.waves)


def test_waves_follow_each_other_without_a_gap_and_freezes_close_those_they_cover() -> None:
    freeze = Freeze(start=date(2027, 1, 20), end=date(2027, 2, 20), scope="prod")
    task = (
        Estate()
        .application("A")
        .task(waves=3, wave_weeks=4, first_wave_start=date(2027, 1, 4), freezes=[freeze.model_dump()])
    )
    assert [(w.start, w.end, w.freeze) for w in task.instance.waves] == [
        (date(2027, 1, 4), date(2027, 1, 31), "none"),
        (date(2027, 2, 1), date(2027, 2, 28), "prod"),
        (date(2027, 3, 1), date(2027, 3, 28), "none"),
    ]


def test_what_was_not_given_is_said() -> None:
    task = Estate().application("A").task()
    assert any("Wave 1 starts on 2027-01-04" in sentence for sentence in task.assumed)
    assert any("average and a quarter more" in sentence for sentence in task.assumed)


def test_capacity_in_hours_decides_the_number_of_waves() -> None:
    estate = Estate()
    for name in "ABCDEFGH":
        estate.application(name, servers=5)
    task = estate.task(hours_per_wave=500)
    assert len(task.instance.waves) == 4  # 8 x 200 h x 1.25 / 500 h


def test_an_unknown_environment_is_planned_like_production() -> None:
    task = Estate().application("A", environment=None).application("B", environment=Environment.TEST).task()
    assert {a.name: a.environment for a in task.instance.applications} == {"A": "prod", "B": "nonprod"}


def test_effort_is_the_prior_for_five_servers_of_middle_complexity() -> None:
    assert effort_hours(Strategy.REHOST, 5, 3) == 25 * 8
    assert effort_hours(Strategy.REHOST, 10, 3) > effort_hours(Strategy.REHOST, 5, 3)
    assert effort_hours(Strategy.REHOST, 5, 5) == round(25 * 8 * 1.2)


def test_copying_500_gb_at_620_mbit_takes_an_hour_and_three_quarters() -> None:
    assert round(transfer_time(500, 620).total_seconds() / 60) == 108
