"""Who belongs where: proposed, corrected, and turned into rows."""

from dataclasses import replace
from uuid import uuid4

import pytest

from masterflow.errors import EditRejected
from masterflow.flows.discovery import asset_inventory
from masterflow.flows.discovery.members import (
    Member,
    applications_with,
    decisions_of,
    edited_members,
    members_of,
    rows_of,
)
from masterflow.inventory.publishing.types import Decision
from masterflow.inventory.types import AssetType, Environment, Membership
from masterflow.spec import Row
from tests.inventory.estates import application, server

SPACE = uuid4()
WEB, DB = server("web"), server("db", environment=Environment.TEST)
BILLING, GUESS = application("Billing", WEB), application("Guess", WEB, DB, membership=Membership.PROPOSED)


def members(*decisions: Decision) -> tuple[Member, ...]:
    return members_of((WEB, DB), (BILLING, GUESS), decisions)


def edited(**changes: object) -> Member:
    rows = rows_of(members())
    rows[1].update(changes)
    found, problems = edited_members(members(), rows)
    assert problems == []
    return found[1]


def test_stated_applications_stand_before_proposed_ones() -> None:
    web, db = members()
    assert (web.applications, web.membership) == (("Billing", "Guess"), Membership.STATED)
    assert (db.applications, db.membership) == (("Guess",), Membership.PROPOSED)
    assert (web.environment, db.environment) == (None, Environment.TEST)


def test_only_what_applications_run_on_is_asked_about() -> None:
    others = [replace(WEB, asset_type=kind) for kind in (AssetType.NETWORK, AssetType.HYPERVISOR_HOST)]
    assert members_of(others, (), ()) == ()


def test_a_server_of_no_application_says_so() -> None:
    (alone,) = members_of((WEB,), (), ())
    assert (alone.applications, alone.membership) == ((), None)


def test_lines_that_were_not_touched_change_nothing() -> None:
    assert edited_members(members(), rows_of(members())) == (members(), [])
    assert edited_members(members(), []) == (members(), [])


def test_each_cell_can_be_corrected() -> None:
    assert edited(applications=" Ledger ;billing; ; Ledger").applications == ("Ledger", "billing")
    gone = edited(applications=None)
    assert (gone.applications, gone.membership, gone.applications_decided) == ((), None, True)
    moved = edited(environment="Disaster Recovery")
    assert (moved.environment, moved.environment_decided) == (Environment.DISASTER_RECOVERY, True)
    assert not edited(keep="NO").keep


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"keep": "maybe"}, "server db, column Keep: 'maybe' is neither yes nor no"),
        ({"keep": None}, "server db, column Keep: 'None' is neither yes nor no"),
        ({"environment": "moon"}, "server db, column Environment: 'moon' is none of production, staging"),
        ({"environment": None}, "server db, column Environment: '' is none of production"),
    ],
)
def test_a_cell_that_cannot_be_accepted_is_named(changes: Row, sentence: str) -> None:
    rows = rows_of(members())
    rows[1].update(changes)
    _, problems = edited_members(members(), rows)
    assert [(sentence in one.message, one.row) for one in problems] == [(True, str(DB.id))]


def test_the_gate_refuses_what_it_cannot_accept() -> None:
    output = asset_inventory.Output.model_construct(members=members())
    rows = asset_inventory.rows(output)
    rows[0]["keep"] = "?"
    with pytest.raises(EditRejected, match="server web, column Keep"):
        asset_inventory.apply(output, rows)


def test_earlier_decisions_go_before_what_the_files_say() -> None:
    _, db = members(Decision(DB.id, ("Ledger",), Environment.STAGING, keep=False))
    assert (db.applications, db.environment, db.keep) == (("Ledger",), Environment.STAGING, False)
    assert db.decided
    _, cleared = members(Decision(DB.id, (), None, keep=True))
    assert (cleared.applications, cleared.membership, cleared.environment) == ((), None, Environment.TEST)


def test_only_what_is_new_is_kept_as_a_decision() -> None:
    earlier = Decision(DB.id, ("Ledger",), None, keep=True)
    assert decisions_of(members(), earlier=()) == ()
    assert decisions_of(members(earlier), earlier=(earlier,)) == ()
    assert decisions_of((edited(keep="no"),), earlier=()) == (Decision(DB.id, None, None, keep=False),)
    taken_back = members(earlier)[1].model_copy(update={"applications": ("Guess",)})
    assert decisions_of((taken_back,), earlier=(earlier,)) == (Decision(DB.id, ("Guess",), None, keep=True),)
    kept_out = Decision(DB.id, None, None, keep=False)
    back = members()[1]
    assert decisions_of((back,), earlier=(kept_out,)) == (Decision(DB.id, None, None, keep=True),)


def test_a_name_is_recognised_in_any_of_its_spellings() -> None:
    web, db = members()
    web = web.model_copy(update={"applications": ("BILLING (PROD)",)})
    found, belongs = applications_with((web, db), (BILLING, GUESS), namespace=SPACE)
    assert {(b.application_id, b.asset_id) for b in belongs} == {(BILLING.id, WEB.id), (GUESS.id, DB.id)}
    assert [a.name for a in found] == ["Billing", "Guess"]


def test_a_new_name_is_a_new_application_and_the_same_one_for_everybody() -> None:
    named = [m.model_copy(update={"applications": ("Ledger",), "membership": Membership.STATED}) for m in members()]
    found, belongs = applications_with(named, (), namespace=SPACE)
    (ledger,) = found
    assert (ledger.name, ledger.membership) == ("Ledger", Membership.STATED)
    assert {b.asset_id for b in belongs} == {WEB.id, DB.id}


def test_an_application_that_nobody_belongs_to_is_dropped_only_if_it_was_proposed() -> None:
    nowhere = [m.model_copy(update={"applications": ()}) for m in members()]
    found, belongs = applications_with(nowhere, (BILLING, GUESS), namespace=SPACE)
    assert ([a.name for a in found], belongs) == (["Billing"], ())


def test_a_proposed_application_that_a_person_states_is_stated() -> None:
    db = edited(applications="Guess; Billing").model_copy(update={"applications": ("Guess",)})
    (guess,), (belongs,) = applications_with((db,), (GUESS,), namespace=SPACE)
    assert (guess.membership, belongs.membership) == (Membership.STATED, Membership.STATED)


def test_a_server_that_is_left_out_belongs_nowhere() -> None:
    found, belongs = applications_with((edited(keep="no"),), (GUESS,), namespace=SPACE)
    assert (found, belongs) == ((), ())
