"""Shared services are proposed by port and degree, with the reason."""

from masterflow.analysis.waves.shared import PortEdge, SharedService, shared_services

ESTATE = [f"app-{i:02}" for i in range(20)]


def proposals(*edges: PortEdge) -> dict[str, SharedService]:
    return {s.application: s for s in shared_services([*ESTATE, "hub"], edges)}


def called(port: int | None, clients: int) -> list[PortEdge]:
    return [PortEdge(client, "hub", port) for client in ESTATE[:clients]]


def calling(port: int, servers: int) -> list[PortEdge]:
    return [PortEdge("hub", server, port) for server in ESTATE[:servers]]


def test_a_name_server_is_proposed_with_ports_and_clients() -> None:
    found = proposals(*called(53, 6), *called(123, 2))
    assert found["hub"].ports == (53, 123)
    assert found["hub"].neighbours == 6
    assert found["hub"].confident
    assert found["hub"].reason == "hub is used by 6 of 20 others on DNS (53), NTP (123): it serves the whole estate."


def test_few_clients_make_no_shared_service() -> None:
    assert proposals(*called(53, 2)) == {}
    many = [f"x{i}" for i in range(100)]
    assert shared_services([*many, *ESTATE, "hub"], called(53, 4)) == ()


def test_file_sharing_counts_only_beside_a_directory() -> None:
    assert proposals(*called(445, 6)) == {}
    found = proposals(*called(445, 6), *called(389, 1))
    assert found["hub"].ports == (389, 445)
    assert found["hub"].neighbours == 6


def test_backup_and_monitoring_count_whom_they_call() -> None:
    found = proposals(*calling(13724, 5))
    assert found["hub"].direction == "calls"
    assert "hub reaches 5 of 20 others on backup (NetBackup) (13724)" in found["hub"].reason
    assert proposals(*called(13724, 5)) == {}


def test_a_hub_on_other_ports_is_only_asked_about() -> None:
    assert proposals(*called(1433, 7)) == {}
    assert proposals(*called(1433, 9)) == {}
    found = proposals(*called(1433, 6), *(PortEdge(a, "hub", None) for a in ESTATE[4:12]))
    assert not found["hub"].confident
    assert found["hub"].ports == (1433,)
    assert found["hub"].reason == "hub is used by 12 of 20 others (60%): is it a shared service?"


def test_the_busiest_comes_first_and_strangers_and_self_calls_do_not_count() -> None:
    edges = [
        *called(53, 5),
        *(PortEdge(a, "app-19", 88) for a in ESTATE[:8]),
        PortEdge("stranger", "hub", 53),
        PortEdge("hub", "hub", 53),
        PortEdge("hub", "stranger", 53),
    ]
    found = shared_services([*ESTATE, "hub"], edges)
    assert [(s.application, s.neighbours) for s in found] == [("app-19", 8), ("hub", 5)]


def test_an_empty_estate_has_none() -> None:
    assert shared_services([], []) == ()
