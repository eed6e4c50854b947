"""What ports say about a connection: who serves, how tightly both ends are bound, whether it is only housekeeping.

Numbers are IANA service registrations and the documented defaults of the products named beside them.
"""

from enum import StrEnum
from functools import lru_cache

DYNAMIC = 49_152  # IANA: from here on ports are given out for the length of a connection
LINUX_DYNAMIC = 32_768  # Linux begins here


class PortClass(StrEnum):
    """What kind of talk a port carries."""

    DATABASE = "database"
    REQUEST = "request"
    TRANSFER = "transfer"
    QUEUE = "queue"
    HOUSEKEEPING = "housekeeping"
    ADMINISTRATION = "administration"
    OTHER = "other"


DATABASE = frozenset({
    1433, 1434,  # SQL Server
    *range(1521, 1531),  # Oracle listeners
    2638, 5000,  # SAP SQL Anywhere, SAP ASE
    3050, 3306, 33060, 5432, 5433, 6432,  # Firebird, MySQL, PostgreSQL, pgbouncer
    50000, 50001, 446,  # Db2, DRDA
    1583, 3351, 1972, 9042, 9160, 27017, 27018, 27019, 6379, 6380, 11211, 7687, 8086, 9200, 9300, 5984, 8529,
    30015, 39015,  # SAP HANA
})  # fmt: skip
REQUEST = frozenset({
    80, 81, 443, 591, 593, 1099, 3000, 4000, 4443, 5001, 7001, 7002, 7443, 8000, 8001, 8008, 8009, 8010, 8042, 8080,
    8081, 8082, 8088, 8090, 8443, 8444, 8800, 8888, 9000, 9001, 9043, 9060, 9080, 9090, 9443, 9988, 10443, 50051,
    3200, 3300, 3600, 8100, 44300,  # SAP
})  # fmt: skip
TRANSFER = frozenset({20, 21, 22, 69, 115, 139, 445, 548, 873, 989, 990, 2049, 111, 3260, 2021, 2222})
QUEUE = frozenset({1414, 1415, 1883, 8883, 4222, 5671, 5672, 15672, 61613, 61616, 61617, 9092, 9093, 9094, 7222})
KNOWN_SERVICES = DATABASE | REQUEST
HOUSEKEEPING = frozenset({
    53, 67, 68, 88, 123, 137, 138, 161, 162, 389, 464, 636, 3268, 3269, 5353, 5355, 1900,  # names, time, directory
    514, 601, 1514, 6514, 5044, 9997, 8089,  # logs
    179, 520, 546, 547, 1812, 1813, 1645, 1646, 49, 500, 4500,  # routing and authentication
})  # fmt: skip
ADMINISTRATION = frozenset({
    22, 23, 25, 135, 445, 465, 587, 593, 3389, 5900, 5985, 5986, 902, 903, 623,
    1556, 13720, 13724, 13782, 2500, 6160, 6162, 8400, 8403, 9392, 9401, 10000, 1500, 1501,  # backup agents
    8530, 8531, 10123, 2701, 4505, 4506, 8140, 5647,  # patching and configuration
    9100, 9182, 9104, 9187, 10050, 10051, 5666, 5667, 12489, 8125, 8126, 1161, 3128, 8834,  # monitoring
})  # fmt: skip


def is_dynamic(port: int, connections: int | None) -> bool:
    """Whether a port was given out for one connection: the far end of a reply, not a service."""
    if port >= DYNAMIC:
        return port not in KNOWN_SERVICES
    return port >= LINUX_DYNAMIC and port not in KNOWN_SERVICES and connections is not None and connections < 100


@lru_cache(maxsize=1 << 16)  # asked for every edge of a graph
def class_of(port: int | None) -> PortClass:
    """The class of a port for the strength of a dependency; administration is asked about separately."""
    if port is None:
        return PortClass.OTHER
    classes = (
        (HOUSEKEEPING, PortClass.HOUSEKEEPING),
        (DATABASE, PortClass.DATABASE),
        (REQUEST, PortClass.REQUEST),
        (QUEUE, PortClass.QUEUE),
        (TRANSFER, PortClass.TRANSFER),
        (ADMINISTRATION, PortClass.ADMINISTRATION),
    )
    return next((kind for ports, kind in classes if port in ports), PortClass.OTHER)


def serves_everybody(port: int) -> bool:
    """Whether many peers on this port are the mark of a shared service rather than of an application."""
    return port in HOUSEKEEPING or port in ADMINISTRATION
