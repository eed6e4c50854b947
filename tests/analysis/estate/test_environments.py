import pytest

from masterflow.analysis.estate.environments import Placed, follows_letter_convention, propose_environments, word_in
from masterflow.inventory.types import Environment, Source

HERE = Source("r.xlsx", "vInfo", 2, "VM")
CONVENTION = ["a-web-p01", "a-web-p02", "a-db-p01", "a-web-t01", "a-db-t01"]


def proposals(*machines):
    placed = [Placed(name, HERE, {k: (v, HERE) for k, v in places.items()}) for name, places in machines]
    return propose_environments(placed)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("N-PROD-01", Environment.PRODUCTION),
        ("VLAN41-test", Environment.TEST),
        ("DC/vm/UAT", Environment.STAGING),
        ("NonProd", None),
        ("non-prod", None),
        ("prod and test", None),
        ("cluster-7", None),
    ],
)
def test_a_word_names_an_environment_and_nonprod_names_none(text, expected):
    assert word_in(text) is expected


def test_the_letter_before_the_number_counts_only_where_most_names_follow_the_convention():
    assert follows_letter_convention(CONVENTION)
    assert not follows_letter_convention([*CONVENTION, *[f"server{n}" for n in range(9)]])
    assert not follows_letter_convention(["a-p01", "a-p02", "a-p03", "a-p04", "a-p05", "a-p06"])
    assert not follows_letter_convention(["a-p01", "a-t01"])
    found = proposals(*[(n, {}) for n in CONVENTION])
    assert [p.environment for p in found] == [Environment.PRODUCTION] * 3 + [Environment.TEST] * 2
    assert all(p.confidence == 0.5 for p in found)
    assert proposals(("a-web-p01", {}), ("a-web-t01", {})) == [None, None]


def test_signals_that_agree_make_a_good_proposal_with_its_reasons():
    (found,) = proposals(("web-prod-01", {"cluster": "N-PROD-01"}))
    assert (found.environment, found.confidence) == (Environment.PRODUCTION, 0.8)
    assert found.reasons == ("cluster 'N-PROD-01'", "name 'web-prod-01'")


def test_signals_that_disagree_weaken_or_cancel_each_other():
    assert proposals(("web-test-01", {"cluster": "N-PROD-01"})) == [None]
    (found,) = proposals(("web-test-01", {"cluster": "N-PROD-01", "networks": "VLAN10-prod"}))
    assert (found.environment, found.confidence) == (Environment.PRODUCTION, 0.5)


def test_nothing_is_proposed_where_nothing_speaks():
    assert proposals(("server1", {"cluster": "C"})) == [None]
