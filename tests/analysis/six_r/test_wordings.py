"""Free texts about law, licences and replacements, read soberly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.six_r.wordings import (
    Licence,
    Replacement,
    Residency,
    is_abroad,
    licence,
    offers_service,
    replacement,
    residency,
)
from tests.analysis.assessment_data import TODAY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, Residency.FREE),
        ("none", Residency.FREE),
        ("N/A", Residency.FREE),
        ("no restrictions", Residency.FREE),
        ("own datacentre in country until 2029 by law", Residency.LOCKED),
        ("must stay in own datacentre until 2029 by law", Residency.LOCKED),
        ("own datacentre until 2025", Residency.FREE),
        ("own datacentre, not before 2026", Residency.FREE),
        ("kept on-premises", Residency.LOCKED),
        ("secret, see security office", Residency.LOCKED),
        ("must stay in the country", Residency.LOCKED),
        ("data must stay in the EU (GDPR)", Residency.REGION),
        ("EU, in the own datacentre", Residency.LOCKED),
        ("certified region in the country", Residency.REGION),
        ("a certified cloud region is available", Residency.REGION),
        ("no certified region in the country", Residency.LOCKED),
        ("own datacentre until a certified region is available", Residency.LOCKED),
        ("move is allowed", Residency.REGION),
        ("move is not allowed", Residency.LOCKED),
    ],
)
def test_a_residency_rule_locks_unless_it_says_otherwise(text: str | None, expected: Residency) -> None:
    assert residency(text, at=TODAY) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, Licence.FREE),
        ("none", Licence.FREE),
        ("processor licence bound to two named physical hosts until 2028, not transferable", Licence.LOCKED),
        ("database licence bound to the two physical hosts, no transfer to cloud before 2028", Licence.LOCKED),
        ("no transfer to cloud before 2026", Licence.FREE),
        ("support ends when run outside certified hardware", Licence.LOCKED),
        ("bound to MAC address", Licence.MOVES_WITH_THE_VM),
        ("bound to the machine's UUID", Licence.MOVES_WITH_THE_VM),
        ("dongle, and bound to a MAC address", Licence.LOCKED),
        ("transferable", Licence.FREE),
        ("non-transferable", Licence.LOCKED),
        ("bring your own licence", Licence.FREE),
        ("bought out in 2026", Licence.FREE),
        ("can be transferred", Licence.FREE),
        ("can be transferred once the contract ends", Licence.LOCKED),
        ("special terms", Licence.LOCKED),
    ],
)
def test_a_licence_constraint_holds_unless_it_says_otherwise(text: str | None, expected: Licence) -> None:
    assert licence(text, at=TODAY) is expected


@pytest.mark.parametrize(
    ("text", "state", "months"),
    [
        (None, Replacement.NONE, None),
        ("none", Replacement.NONE, None),
        ("project cancelled", Replacement.NONE, None),
        ("replaced by Order Hub in March, data copied and accepted by owner", Replacement.ACCEPTED, None),
        ("signed off by the owner", Replacement.ACCEPTED, None),
        ("replaced, not accepted yet", Replacement.UNDATED, None),
        ("to be accepted in May", Replacement.UNDATED, None),
        ("accepted once the tests pass", Replacement.UNDATED, None),
        ("replaced and accepted, acceptance withdrawn", Replacement.UNDATED, None),
        ("new ERP takes over in month 6", Replacement.DATED, 6),
        ("in 18 months", Replacement.DATED, 18),
        ("Q3 2027", Replacement.DATED, 10),
        ("goes live 2027-03", Replacement.DATED, 4),
        ("goes live in March 2027", Replacement.DATED, 4),
        ("mid 2027", Replacement.DATED, 7),
        ("in 2028", Replacement.DATED, 25),
        ("was planned for 2024-05", Replacement.UNDATED, None),
        ("slips beyond the exit", Replacement.DATED, float("inf")),
        ("some day", Replacement.UNDATED, None),
    ],
)
def test_a_replacement_is_as_far_as_its_text_says(text: str | None, state: Replacement, months: float | None) -> None:
    assert replacement(text, at=TODAY) == (state, months)


@pytest.mark.parametrize(
    ("text", "offered", "abroad"),
    [
        (None, False, False),
        ("none", False, False),
        ("vendor cloud", True, False),
        ("Payroll suite online, hosted abroad", True, True),
        ("not hosted abroad", True, False),
        ("hosted outside the EU", True, True),
    ],
)
def test_a_service_offer_may_be_hosted_elsewhere(text: str | None, offered: bool, abroad: bool) -> None:
    assert (offers_service(text), is_abroad(text)) == (offered, abroad)


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(residency(text, at=TODAY), Residency)
    assert isinstance(licence(text, at=TODAY), Licence)
    assert isinstance(replacement(text, at=TODAY)[0], Replacement)
