"""What cannot be in different waves is one group, with the reason."""

from masterflow.analysis.waves.groups import hard_circles, listed, move_groups
from tests.analysis.waves.tasks import app, edge, instance, task, wave


def test_circles_of_hard_edges_and_stated_sets_are_joined() -> None:
    apps = [app(i) for i in "abcdef"]
    ring = [edge("a", "b", kind="hard"), edge("b", "a", kind="hard"), edge("c", "d", kind="hard"), edge("d", "c")]
    groups = move_groups(instance(task(apps, [wave(1)], ring, together=[["b", "e"], ["f"]])))
    assert [g.applications for g in groups] == [("a", "b", "e"), ("c",), ("d",), ("f",)]
    assert [r.sentence for r in groups[0].reasons] == [
        "a and b need each other in a circle of hard edges.",
        "b and e have to move together, as stated.",
    ]
    assert groups[0].hours == 3
    assert groups[1].reasons == ()


def test_soft_edges_make_no_circle() -> None:
    soft = [edge("a", "b"), edge("b", "a", kind="hard")]
    assert hard_circles(instance(task([app("a"), app("b")], [wave(1)], soft))) == []


def test_a_group_that_fits_no_wave_names_the_lightest_cut() -> None:
    ring = [
        edge("a", "b", weight=9, kind="hard"),
        edge("b", "c", weight=1, kind="hard"),
        edge("c", "a", weight=5, kind="hard"),
    ]
    apps = [app(i, servers=4) for i in "abc"]
    (group,) = move_groups(instance(task(apps, [wave(1, servers=8), wave(2, servers=10)], ring)))
    assert group.too_large_for == ("servers",)
    assert [(e.source, e.target, e.weight) for e in group.split_by] == [("b", "c", 1.0)]
    assert group.sentence == (
        "a, b and c need 12 servers in one wave, more than any wave carries. "
        "Bearing b → c across waves would split the group."
    )


def test_a_stated_group_that_fits_no_wave_is_split_by_taking_the_statement_back() -> None:
    (group,) = move_groups(instance(task([app("a"), app("b")], [wave(1, servers=1)], together=[["a", "b"]])))
    assert group.sentence.endswith("Taking the `together` rules back would split the group.")
    assert group.split_by == ()


def test_a_huge_circle_is_not_cut() -> None:
    ids = [f"a{i:03}" for i in range(130)]
    ring = [edge(a, b, kind="hard") for a, b in zip(ids, [*ids[1:], ids[0]], strict=True)]
    (group,) = move_groups(instance(task([app(i) for i in ids], [wave(1, servers=5)], ring)))
    assert group.too_large_for
    assert group.split_by == ()


def test_without_a_limit_or_waves_no_group_is_too_large() -> None:
    for waves in ([], [wave(1), wave(2, hours=0)]):
        (group,) = move_groups(instance(task([app("a", hours=1e6)], waves)))
        assert (group.too_large_for, group.sentence) == ((), "")


def test_lists_read_as_people_write_them() -> None:
    assert listed([]) == "nothing"
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed("abcdef") == "a, b, c, d, e and f"
    assert listed("abcdefgh") == "a, b, c, d, e and 3 more"
