"""What moves, what stays and what is assumed follow from the estate and the assessment."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from masterflow.errors import InputMissing
from masterflow.flows.planning.config import Config, Freeze
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
        .application("Mail", Strategy.REPURCHASE, servers=3)
        .application("Directory", shared=True)
        .task()
    )
    planned = {a.name: a for a in task.estate.instance.applications}
    assert set(planned) == {"Billing", "Mail"}
    assert (planned["Mail"].servers, planned["Mail"].storage_gb) == (0, 0)
    reasons = {task.name(u.application): u.reason for u in task.estate.not_planned}
    assert "decommission" in reasons["Old"]
    assert "stays" in reasons["Plant"]
    assert "wave 0" in reasons["Directory"]


def test_a_named_application_can_be_set_aside_as_a_shared_service() -> None:
    task = Estate().application("Billing").application("Backup").task(shared_services=["backup"])
    assert [task.name(u.application) for u in task.estate.not_planned] == ["Backup"]


def test_a_server_without_an_application_is_planned_on_its_own() -> None:
    task = Estate().application("Billing").lone_server("stray").task()
    assert {a.name for a in task.estate.instance.applications} == {"Billing", "stray"}


def test_a_dependency_on_what_stays_is_hybrid_and_no_edge() -> None:
    estate = Estate().application("Billing").application("Plant", Strategy.RETAIN).application("Web")
    task = estate.needs("Billing", "Plant").needs("Web", "Billing").task()
    (hybrid,) = task.estate.hybrid
    assert (hybrid.source, hybrid.target) == (str(estate.ids["Billing"]), str(estate.ids["Plant"]))
    assert "Billing needs Plant" in hybrid.sentence
    (edge,) = task.estate.instance.edges
    assert (edge.source, edge.target, edge.kind) == (str(estate.ids["Web"]), str(estate.ids["Billing"]), "hard")


def test_a_hard_dependency_weighs_more_than_a_soft_one() -> None:
    estate = Estate().application("A").application("B").application("C")
    task = estate.needs("A", "B").needs("A", "C", DependencyKind.SOFT).task()
    weights = {edge.kind: edge.weight for edge in task.estate.instance.edges}
    assert weights["hard"] > weights["soft"]


def test_rules_by_name_become_rules_by_id() -> None:
    estate = Estate().application("A").application("B").application("C")
    task = estate.task(pins={"a": 2}, together=[["A", "B"]], apart=[("A", "C")], before=[("B", "C")], waves=3)
    a, b, c = (str(estate.ids[name]) for name in "ABC")
    rules = task.estate.instance.constraints
    assert (rules.together, rules.apart, rules.before) == (((a, b),), ((a, c),), ((b, c),))
    assert {x.pin for x in task.estate.instance.applications if x.id == a} == {2}


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
    rows = estate.task().estate.instance
    circle = sum(a.hours for a in rows.applications if a.name in set("ABCDEFGHIJ"))
    assert max(wave.hours or 0 for wave in rows.waves) >= circle


def test_waves_follow_each_other_without_a_gap_and_freezes_close_those_they_cover() -> None:
    freeze = Freeze(start=date(2027, 1, 20), end=date(2027, 2, 20), scope="prod")
    task = (
        Estate()
        .application("A")
        .task(waves=3, wave_weeks=4, first_wave_start=date(2027, 1, 4), freezes=[freeze.model_dump()])
    )
    assert [(w.start, w.end, w.freeze) for w in task.estate.instance.waves] == [
        (date(2027, 1, 4), date(2027, 1, 31), "none"),
        (date(2027, 2, 1), date(2027, 2, 28), "prod"),
        (date(2027, 3, 1), date(2027, 3, 28), "none"),
    ]


def test_what_was_not_given_is_said() -> None:
    task = Estate().application("A").task()
    assert any("Wave 1 starts on 2027-01-04" in sentence for sentence in task.assumed)
    assert any("Effort that nobody estimated is assumed" in sentence for sentence in task.assumed)


def test_the_data_of_an_application_is_counted_in_decimal_gigabytes() -> None:
    task = Estate().application("A", servers=2, storage_mib=100 * 1024).task()
    (row,) = task.estate.instance.applications
    assert row.storage_gb == 215  # 200 GiB


def test_an_unknown_environment_is_planned_like_production() -> None:
    task = Estate().application("A", environment=None).application("B", environment=Environment.TEST).task()
    assert {a.name: a.environment for a in task.estate.instance.applications} == {"A": "prod", "B": "nonprod"}


def test_copying_500_gb_at_620_mbit_takes_an_hour_and_three_quarters() -> None:
    assert round(transfer_time(500, 620).total_seconds() / 60) == 108
