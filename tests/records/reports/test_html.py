import re
from base64 import b64encode
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masterflow.inventory.types import IDLE, IN_USE, ApplicationId, Dependency, DependencyKind, Fact, Source
from masterflow.records.plans.types import PlanStatus
from masterflow.records.reports import html
from masterflow.records.reports.figures import count_estate
from masterflow.records.reports.html import content_security_policy, render_html, source_text
from masterflow.records.reports.sheets import SHEETS
from masterflow.records.reports.types import Decision, ProgrammeReport, Total
from tests.records.reports.changes import changes, hostile
from tests.records.reports.page import Page
from tests.records.reports.sample import make_report

REPORT = make_report()
SMALL = make_report(12, 5)
LONE = make_report(9, 0)

# What the page leaves to the workbook or only steers by.
NOT_ON_THE_PAGE = (
    ".assets[]",
    ".applications[].",
    ".dependencies[]",
    ".assessment.assessed_on",
    ".assessment.servers[].os_confidence",
    ".assessment.servers[].operating_system",
    ".assessment.servers[].completeness",
    ".assessment.servers[].name",
    ".assessment.recommendations[].would_change[].facts",
    ".assessment.risks[].code",
    ".plan.version",
    ".plan.items[].is_application",
    ".conflicts[].values[].field",
    ".conflicts[].values[].rule",
    ".conflicts[].values[].chosen",
    ".conflicts[].values[].confidence",
    ".rejects[].code",
    ".completeness.fields[].field",
    ".product_titles[centos]",  # of no server in this sample
    ".product_titles[ubuntu]",
)


def empty_report() -> ProgrammeReport:
    return replace(
        LONE, assessment=None, plan=None, assets=(), applications=(), dependencies=(), conflicts=(), rejects=(),
        files=(), decisions=(), next_files=(), assumptions=(), reference_data=(), limits=(), freezes=(),
        completeness=replace(LONE.completeness, score=None, fields=()), counts=replace(LONE.counts, servers=0),
    )  # fmt: skip


def without_plan_and_dependencies() -> ProgrammeReport:
    return replace(SMALL, plan=None, dependencies=(), counts=replace(SMALL.counts, dependencies=0))


PAGES = {
    "demo": REPORT,
    "small": SMALL,
    "lone servers": LONE,
    "unreviewed": make_report(12, 5, accepted_without_review=True),
    "empty": empty_report(),
    "without plan": without_plan_and_dependencies(),
    "hostile": hostile(SMALL),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound_whatever_it_holds(name: str) -> None:
    text = render_html(PAGES[name])
    page = Page(text)
    assert page.problems == []
    idents = [element.attributes["id"] for element in page.root.walk() if "id" in element.attributes]
    assert len(idents) == len(set(idents))
    assert all(table.all("caption")[0].content().strip() for table in page.root.all("table"))
    assert all(drawing.children[0].name == "title" and drawing.children[0].text for drawing in page.root.all("svg"))
    for element in page.root.walk():
        for reference in (element.attributes.get("aria-labelledby") or "").split():
            assert reference in idents
        if (element.attributes.get("href") or "").startswith("#"):
            assert (element.attributes["href"] or "")[1:] in idents
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(idents)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_neither_runs_nor_fetches_anything(name: str) -> None:
    text = render_html(PAGES[name])
    page = Page(text)
    assert {element.name for element in page.root.walk()}.isdisjoint(
        {"script", "img", "link", "iframe", "object", "embed", "base", "form", "input"}
    )
    for element in page.root.walk():
        assert not [name for name in element.attributes if name.startswith("on") or name == "style"]
        assert (element.attributes.get("href") or "#").startswith("#")
    assert not re.search(r"https?:|//[a-z]|@import", text, re.IGNORECASE)


@pytest.mark.parametrize("name", PAGES)
def test_headings_never_skip_a_level(name: str) -> None:
    levels = [int(e.name[1]) for e in Page(render_html(PAGES[name])).root.walk() if re.fullmatch("h[1-6]", e.name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_label_of_every_cell_is_a_column_of_its_table() -> None:
    for table in Page(render_html(REPORT)).root.all("table"):
        heads = " ".join(head.content() for head in table.all("th") if head.attributes.get("scope") == "col")
        for cell in table.all("td"):
            assert (cell.attributes["data-label"] or "?") in heads
        for row in table.all("tr")[1:]:
            assert len(row.children) == len(table.all("tr")[0].children)


def test_the_policy_allows_the_style_of_the_page_and_nothing_else() -> None:
    page = Page(render_html(SMALL))
    digest = b64encode(sha256(page.root.all("style")[0].text.encode()).digest()).decode()
    assert content_security_policy() == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    stated = [meta.attributes["content"] for meta in page.root.all("meta") if "http-equiv" in meta.attributes]
    assert stated == [content_security_policy()]


def test_imported_markup_is_shown_and_never_becomes_an_element() -> None:
    text = render_html(hostile(SMALL))
    assert "<script" not in text
    assert "<img" not in text
    assert "<script>alert(1)</script>" in Page(text).words()
    text.encode()


def test_every_value_that_the_page_shows_changes_the_page() -> None:
    before = render_html(SMALL)
    silent = [path for path, changed in changes(SMALL) if render_html(changed) == before]
    assert [path for path in silent if not path.startswith(NOT_ON_THE_PAGE)] == []


@pytest.mark.parametrize(
    ("changed", "section", "shown"),
    [
        (replace(SMALL, counts=replace(SMALL.counts, servers=7341)), "summary", "7,341 servers"),
        (replace(SMALL, counts=replace(SMALL.counts, hosts=811)), "summary", "811 hosts"),
        (replace(SMALL, sums=replace(SMALL.sums, vcpu=Total(987_654, 12, 12))), "summary", "987,654 vCPU"),
        (replace(SMALL, sums=replace(SMALL.sums, memory_mib=Total(2_428_928, 12, 12))), "summary", "2.32 TiB"),
        (replace(SMALL, sums=replace(SMALL.sums, memory_mib=Total(1024, 5, 12))), "summary", "known for 5 of 12"),
        (replace(SMALL, merged=977), "findings", "977 records"),
        (replace(SMALL, as_of=date(2031, 2, 3)), "support", "Today, 3 Feb 2031"),
    ],
)
def test_a_figure_stands_where_a_reader_looks_for_it(changed: ProgrammeReport, section: str, shown: str) -> None:
    assert shown not in Page(render_html(SMALL)).section(section)
    assert shown in Page(render_html(changed)).section(section)


def test_a_moved_date_of_one_server_moves_it_to_another_row() -> None:
    assert SMALL.assessment
    first = replace(SMALL.assessment.servers[0], product="solaris", cycle="11.4", eol=date(2031, 11, 30))
    servers = (first, *SMALL.assessment.servers[1:])
    changed = replace(SMALL, assessment=replace(SMALL.assessment, servers=servers))
    assert "Solaris 11.4 1 30 Nov 2031" in Page(render_html(changed)).section("support")


def test_proposals_that_nobody_reviewed_are_announced_on_cover_and_first_page() -> None:
    page = Page(render_html(PAGES["unreviewed"]))
    text = page.words()
    assert page.section("sources").count("Accepted without review nobody") == 4
    assert "Draft: proposals were accepted without review" in text
    assert "Accepted without review No person decided these questions" in text
    assert "Every proposal was decided; by whom" not in text
    assert "ccepted without review" not in Page(render_html(SMALL)).words()
    assert "Every proposal was decided; by whom" in Page(render_html(SMALL)).section("summary")


def test_a_waiting_question_is_neither_reviewed_nor_accepted() -> None:
    waiting = replace(SMALL, decisions=(Decision(question="Are these waves right?", outcome="waiting"),))
    text = Page(render_html(waiting)).words()
    assert "waiting nobody" in text
    assert "ccepted without review" not in text
    assert "Every proposal was decided; by whom" not in text


def test_an_estate_without_applications_says_what_that_means() -> None:
    page = Page(render_html(LONE))
    assert "and name no applications" in page.section("summary")
    assert "each server has a strategy of its own" in page.section("portfolio")
    assert "No file names applications" in page.section("limits")
    assert "No dependencies are known" in page.section("limits")
    assert "Not known: no file describes" in page.section("hybrid")
    assert "A list of applications and their servers" in page.section("next")


def test_parts_that_were_not_made_say_so() -> None:
    page = Page(render_html(empty_report()))
    assert "Not assessed yet" in page.section("support")
    assert "No strategies have been proposed yet" in page.section("portfolio")
    assert "Readiness has not been assessed yet" in page.section("readiness")
    assert "Risks have not been assessed yet" in page.section("risks")
    assert "No waves have been planned yet" in page.section("waves")
    assert "there is none yet" in page.section("hybrid")
    assert "Completeness was not measured" in page.section("completeness")
    assert "no file tells who talks to whom" in page.section("traffic").lower()
    assert "No file is recorded" in page.section("sources")
    assert "None" not in page.words()


def test_the_traffic_tells_what_moves_together_and_what_does_nothing() -> None:
    one, other, service = (
        SMALL.applications[0],
        *(
            replace(SMALL.applications[0], id=ApplicationId(uuid4()), name=name, shared_service=name == "Backup")
            for name in ("Other", "Backup")
        ),
    )
    there = Dependency(source_id=one.id, target_id=other.id, kind=DependencyKind.HARD)
    back = Dependency(source_id=other.id, target_id=one.id, kind=DependencyKind.HARD)
    idle = replace(SMALL.assets[0], concerns=(IDLE,), cpu_p95_pct=Decimal("0.8"), cpu_max_pct=None)
    report = replace(SMALL, applications=(one, other, service), dependencies=(there, back), assets=(idle,))
    counts = count_estate(report.assets, report.applications, dependencies=report.dependencies)
    assert (counts.move_groups, counts.idle, counts.observed) == (1, 1, 1)
    told = Page(render_html(replace(report, counts=counts))).section("traffic")
    assert f"{one.name}, Other" in told
    assert "bind nobody together: Backup" in told
    assert "0.8 %" in told
    used = replace(idle, concerns=(IN_USE,))
    counts = count_estate((used,), report.applications, dependencies=(there,))
    assert (counts.idle, counts.observed) == (0, 1)
    busy = replace(report, counts=counts, assets=(used,), dependencies=(there,))
    calm = Page(render_html(busy)).section("traffic")
    assert "No server is idle, as far as 1 server was observed" in calm
    assert "nothing leads back" in calm
    measured = replace(idle, concerns=())
    unknown = replace(busy, counts=count_estate((measured,)), assets=(measured,))
    told = Page(render_html(unknown)).section("traffic")
    assert "which servers do nothing shows only where both" in told
    assert "No server is idle" not in told


def test_an_assessment_without_servers_or_risks_is_not_an_error() -> None:
    assert SMALL.assessment
    bare = replace(SMALL.assessment, servers=(), recommendations=(), risks=())
    page = Page(render_html(replace(SMALL, assessment=bare)))
    assert "holds no server" in page.section("support")
    assert "found no risk" in page.section("risks")


def test_known_dependencies_that_do_not_stretch_are_said_to_be_known() -> None:
    assert SMALL.plan
    calm = replace(SMALL, plan=replace(SMALL.plan, hybrid_dependencies=()))
    assert f"None of the {SMALL.counts.dependencies} known dependencies" in Page(render_html(calm)).section("hybrid")


def test_whatever_is_missing_is_printed_as_unknown() -> None:
    assert html._printable(None) == "unknown"
    assert SMALL.plan
    item = replace(SMALL.plan.items[0], criticality=None)
    nowhere = replace(SMALL.plan.hybrid_dependencies[0], wave=None)
    plan = replace(SMALL.plan, items=(item,), hybrid_dependencies=(nowhere,))
    page = Page(render_html(replace(SMALL, plan=plan)))
    assert "None" not in page.words()
    assert "unknown" in page.section("waves")


def test_an_infeasible_plan_names_the_rules_that_contradict_each_other() -> None:
    assert SMALL.plan
    plan = replace(SMALL.plan, status=PlanStatus.INFEASIBLE, objective=None, bound=None, waves=(), items=())
    conflict = ("Payroll is pinned to wave 1.", "Payroll needs Identity, which is pinned to wave 4.")
    page = Page(render_html(replace(SMALL, plan=plan, plan_conflict=conflict)))
    assert "No plan satisfies all the rules together." in page.section("waves")
    assert all(rule in page.section("waves") for rule in conflict)
    assert "no plan satisfies all the rules together" in page.section("summary")


def test_a_persons_choice_stands_beside_what_the_rules_said() -> None:
    assert "a person's choice; the rules said relocate" in Page(render_html(REPORT)).section("portfolio")


def test_a_page_of_twenty_thousand_servers_stays_small_and_points_at_the_workbook() -> None:
    for servers, applications in ((20_000, 2_000), (5_000, 0)):
        report = make_report(servers, applications)
        text = render_html(report)
        assert len(text) < 400_000
        assert f"The first 15 of {len(report.conflicts):,} conflicts" in Page(text).words()


def test_enormous_cells_do_not_swamp_the_page() -> None:
    assert len(render_html(hostile(SMALL, "x" * 50_000))) < len(render_html(SMALL)) + 80_000


def test_the_sheets_that_the_page_points_at_exist() -> None:
    templates = files("masterflow.records.reports").joinpath("templates/sections")
    source = "".join(entry.read_text(encoding="utf-8") for entry in templates.iterdir())
    named = set(re.findall(r'rest\([^)]*"([^"]+)"\)', source)) | set(re.findall(r"sheet ([A-Z][\w ]*)\.<", source))
    assert named
    assert named <= {spec.name for spec in SHEETS}


def test_the_same_report_gives_the_same_page() -> None:
    assert render_html(make_report(12, 5)) == render_html(SMALL)


def test_values_carry_their_unit() -> None:
    fact = Fact("memory_mib", "8192", Source("a.csv", None, 2, "RAM"), "as written", "MiB")
    conflict = replace(SMALL.conflicts[0], field="memory_mib", values=(fact,), preferred="8192")
    page = Page(render_html(replace(SMALL, conflicts=(conflict,))))
    assert "8192 MiB a.csv › row 2 › RAM" in page.section("findings")


def test_a_source_is_written_as_far_as_it_is_known() -> None:
    full = Fact("f", "v", Source("a.xlsx", "vInfo", 7, "CPUs"), "rule")
    assert source_text(full) == "a.xlsx › vInfo › row 7 › CPUs"
    assert source_text(replace(full, source=Source("a.csv", None, None, None))) == "a.csv"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60))
def test_no_text_breaks_the_page(text: str) -> None:
    changed = replace(SMALL, client=text, conflicts=(replace(SMALL.conflicts[0], asset_name=text, why=text),))
    page = render_html(changed)
    page.encode()
    assert Page(page).problems == []
