from datetime import timedelta

from masterflow.analysis.dependencies.hubs import hubs_of
from masterflow.analysis.dependencies.watching import watched_ends
from masterflow.inventory.circles import circles
from tests.analysis.dependencies.rows import END, START


def seen(*pairs, file="flows.csv", first=START, last=END):
    return [(file, source, target, first, last) for source, target in pairs]


def test_a_sensor_in_the_network_watches_every_end():
    assert watched_ends(seen(("a", "b"), ("c", "d"), ("d", "a"))) == {"a", "b", "c", "d"}


def test_the_log_of_a_few_machines_watches_only_them():
    log = seen(*(("cloud", f"s{n}") for n in range(9)))
    assert watched_ends(log) == {"cloud"}


def test_a_short_look_and_one_without_times_watch_nothing():
    assert watched_ends(seen(("a", "b"), last=START + timedelta(days=3))) == frozenset()
    assert watched_ends(seen(("a", "b"), first=None, last=None)) == frozenset()


def test_one_long_table_watches_though_another_is_short():
    both = [*seen(("a", "b")), *seen(("c", "d"), file="log", last=START + timedelta(hours=1))]
    assert watched_ends(both) == {"a", "b"}


def test_talk_with_itself_shows_nothing():
    assert watched_ends(seen(("a", "a"))) == frozenset()


def test_circles_are_ends_that_reach_each_other_the_largest_first():
    edges = [(1, 2), (2, 1), (3, 4), (4, 5), (5, 3), (5, 6), (7, 7)]
    assert circles(edges) == [frozenset({3, 4, 5}), frozenset({1, 2})]
    assert circles([]) == []


def test_a_hub_needs_a_service_port_and_a_good_part_of_all_ends():
    assert hubs_of([(f"s{n}", "dns", 53) for n in range(5)]) == {("dns", 53): frozenset(f"s{n}" for n in range(5))}
    assert hubs_of([(f"s{n}", "dns", 53) for n in range(4)]) == {}
    assert hubs_of([(f"s{n}", "db", 1433) for n in range(50)]) == {}


def test_in_a_large_estate_fifty_peers_are_enough():
    crowd = [(f"x{n}", f"y{n}", 443) for n in range(1000)]
    site = [("dns", f"x{n}", 53) for n in range(50)]
    assert set(hubs_of([*crowd, *site])) == {("dns", 53)}
    assert hubs_of([*crowd, *site[:49]]) == {}
