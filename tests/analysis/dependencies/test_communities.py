import itertools
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from masterflow.analysis.dependencies.communities import MOST_MEMBERS, Tie, propose_applications


def mesh(*names, weight=5.0):
    return [Tie(a, b, weight) for a, b in itertools.combinations(names, 2)]


TIES = [*mesh("s1", "s2", "s3", "s4"), *mesh("p1", "p2", "p3"), Tie("s1", "p1", 0.5)]


def test_a_server_without_an_application_joins_that_of_whom_it_talks_to():
    stated = {"s1": "Shop", "s2": "Shop", "s3": "Shop", "p1": "Pay", "p2": "Pay", "p3": "Pay"}
    (found,) = propose_applications(TIES, stated, names={"s1": "web01"})
    assert (found.application, found.members, found.community) == ("Shop", ("s4",), ("s1", "s2", "s3", "s4"))
    assert 0.5 < found.confidence < 0.7
    assert found.reasons[0] == "100% of its talk is with servers of Shop (3)"
    assert "it talks to web01" in found.reasons


def test_one_partner_proposes_less_surely_than_several():
    (found,) = propose_applications([Tie("x", "s1", 3.0)], {"s1": "Shop"})
    assert found.confidence == 0.35


def test_servers_of_which_nothing_is_stated_are_proposed_as_a_group():
    found = propose_applications(TIES, {})
    assert {(one.application, one.members) for one in found} == {
        (None, ("s1", "s2", "s3", "s4")),
        (None, ("p1", "p2", "p3")),
    }
    assert all(0.4 < one.confidence <= 0.5 for one in found)
    assert all("talk to each other" in one.reasons[1] for one in found)


def test_two_servers_and_a_mere_tree_are_weaker_or_nothing():
    assert propose_applications([Tie("a", "b", 1.0)], {}) == ()
    (tree,) = propose_applications([Tie("hub", "a", 1.0), Tie("hub", "b", 1.0)], {})
    assert tree.confidence == 0.33


def test_a_community_that_disagrees_proposes_nothing():
    stated = {"s1": "Shop", "s2": "Pay"}
    assert [p for p in propose_applications(mesh("s1", "s2", "s3"), stated) if p.members == ("s3",)] == []


def test_hubs_glue_nothing_together():
    glued = [*TIES, *(Tie("dns", name, 50.0) for name in ("s1", "s2", "s3", "s4", "p1", "p2", "p3"))]
    assert propose_applications(glued, {}, hubs=frozenset({"dns"})) == propose_applications(TIES, {})


def test_a_community_too_large_for_an_application_proposes_nothing():
    ring = [Tie("middle", f"n{n}", 1.0) for n in range(MOST_MEMBERS)]
    assert propose_applications(ring, {}) == ()


def test_the_hash_of_names_decides_nothing():
    program = (
        "from tests.analysis.dependencies.test_communities import TIES, propose_applications;"
        "print(propose_applications(TIES, {'s1': 'Shop'}))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            check=True,
            env={"PYTHONPATH": ":".join(p for p in sys.path if p), "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


ENDS = st.sampled_from("abcdefgh")


@given(
    st.lists(st.builds(Tie, ENDS, ENDS, st.floats(0.1, 9))),
    st.dictionaries(ENDS, st.sampled_from(["Shop", "Pay"])),
    st.frozensets(ENDS, max_size=2),
)
def test_what_is_stated_and_hubs_are_never_proposed(ties, stated, hubs):
    for one in propose_applications(ties, stated, hubs=hubs):
        assert not set(one.members) & (set(stated) | hubs)
        assert 0 <= one.confidence <= 0.7
        assert one.reasons
