"""Recognising technologies in the texts of inventories."""

import pytest
from benchmarks.technologies import held_out
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.technologies.listed import Technology, source, technologies
from masterflow.analysis.technologies.recognition import CALIBRATION, Recogniser, calibrated, recognise_technology
from masterflow.analysis.technologies.spelling import spellings_of_name, without_version, words_of

UNSEEN_RIGHT = 0.85  # measured 0.856 to 0.879 over four splits; an answer of none counts as wrong


def test_the_list_says_where_it_comes_from() -> None:
    assert "tackle-container-advisor" in source()
    names = [one.name for one in technologies()]
    assert len(names) == len(set(names)) == 666


@pytest.mark.parametrize(
    ("text", "title", "category"),
    [
        ("MS SQL 2016 Ent.", "MS SQL Server", "App"),
        ("RHEL 7", "Red Hat Enterprise Linux", "OS"),
        ("Apache tomcat 9", "Apache Tomcat", "App Server"),
        ("WebSphere Application Server 8.5", "Websphere Application Server (WAS)", "App Server"),
        ("Java 8", "Java", "Lang"),
        ("Posgres", "PostgreSQL", "App"),
        ("C++ 11", "C++", "Lang"),
        ("Velocity (software)", "Apache Velocity", "Lib"),
    ],
)
def test_versions_editions_and_slips_do_not_hide_a_technology(text: str, title: str, category: str) -> None:
    found = recognise_technology(text)
    assert found is not None
    assert (found.technology.title, found.technology.category) == (title, category)


@pytest.mark.parametrize("text", ["", "  ", "2012", "8.5", "-", "Acme Payroll Tool", "qzxv wkjq"])
def test_what_is_like_no_technology_is_none(text: str) -> None:
    assert recognise_technology(text) is None


def test_a_known_spelling_is_certain_and_a_slip_is_less_sure() -> None:
    exact, slip = recognise_technology("PostgreSQL"), recognise_technology("Posgres")
    assert exact is not None
    assert slip is not None
    assert exact.confidence == 1.0 > slip.confidence > 0.5


@pytest.mark.parametrize("seed", [1, 2])
def test_spellings_that_were_never_seen_are_mostly_recognised(seed: int) -> None:
    known, unseen = held_out(technologies(), seed)
    recogniser = Recogniser(known)
    right = sum(
        (found := recogniser.recognise(text)) is not None and found.technology.name == name for text, name in unseen
    )
    assert len(unseen) > 800
    assert right / len(unseen) >= UNSEEN_RIGHT


@pytest.mark.parametrize(
    ("text", "words", "bare"),
    [
        ("MS-SQL_Server (2016)", "ms sql server 2016", "ms sql server"),
        ("WebLogic v12.2", "web logic v12 2", "web logic"),
        ("ASP.NET", "asp dotnet", "asp dotnet"),
        ("C#", "csharp", "csharp"),
        ("ISO 23270", "iso 23270", "iso 23270"),
        ("1.0", "1 0", "1 0"),
        ("Velocity (software)", "velocity", "velocity"),
        ("(software)", "software", "software"),
    ],
)
def test_a_text_is_compared_by_its_words_with_and_without_versions(text: str, words: str, bare: str) -> None:
    assert words_of(text) == words
    assert without_version(words) == bare


def test_a_listed_name_goes_by_its_parts_too() -> None:
    assert list(spellings_of_name("Java|Google Web Toolkit (GWT)")) == [
        "Java|Google Web Toolkit (GWT)",
        "Google Web Toolkit (GWT)",
        "GWT",
        "Java|Google Web Toolkit  ",
    ]
    assert list(spellings_of_name("Windows|*")) == ["Windows"]


def test_confidence_rises_with_the_score_and_is_nothing_below_the_least() -> None:
    shares = [calibrated(score / 100) for score in range(101)]
    assert shares == sorted(shares)
    assert shares[49] == 0.0
    assert calibrated(0.5) == 0.42
    assert calibrated(1.2) == CALIBRATION[-1][1]


@given(st.text(max_size=40))
def test_any_text_has_an_answer(text: str) -> None:
    found = recognise_technology(text)
    assert found is None or 0.4 <= found.confidence <= 1.0


def test_a_spelling_of_two_technologies_is_not_certain() -> None:
    both = [Technology("One", "App", ("DB",)), Technology("Two", "App", ("db", "Db server"))]
    found = Recogniser(both).recognise("DB")
    assert found is not None
    assert found.confidence == 0.5
