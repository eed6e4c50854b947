"""Words that mean the same in inventories, so that headers are compared by what they say and not by how.

General vocabulary of the trade: no entry is the header of a product, each word means this in any header.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest

EQUAL_WORDS = {
    # things
    "server": "srv svr serveur servidor",
    "application": "app apps applications anwendung anwendungen applikation aplicacion logiciel",
    "database": "db databases dbs datenbank datenbanken",
    "disk": "disks hdd hdds drive drives storage volume volumes festplatte disque disques disco discos lun luns vmdk",
    "partition": "partitions filesystem filesystems mount mountpoint",
    "cpu": "processor processors cpus vcpu vcpus prozessor prozessoren processeur procesador proc",
    "core": "cores coeur coeurs kern kerne nucleo nucleos",
    "memory": "ram mem arbeitsspeicher hauptspeicher memoire memoria geheugen",
    "nic": "nics adapter adapters interface interfaces netzwerkkarte",
    "network": "net networking netzwerk reseau red lan",
    "host": "hostname",
    "hypervisor": "virtualization virtualisation virtualisierung",
    "hardware": "hw",
    "software": "sw",
    "cloud": "aws azure gcp ec2",
    "os": "osys betriebssystem besturingssysteem",
    "cluster": "clusters",
    "port": "ports",
    "process": "processes executable exe",
    # places
    "datacenter": "dc datacentre rechenzentrum rz",
    "location": "loc building campus city site office standort lieu emplacement ubicacion place floor",
    "center": "centre",
    # people and parts of a firm
    "owner": "owned owners besitzer eigentumer proprietaire propietario responsible accountable",
    "manager": "mgr managed",
    "department": "dept abteilung departement departamento",
    "unit": "units division",
    "company": "firm firma organization organisation org",
    # what is said of them
    "name": "nm label bezeichnung nom naam nombre",
    "id": "identifier ident identity identification kennung",
    "number": "no nr nbr nummer numero",
    "count": "num qty cnt quantity anzahl",
    "address": "addr addresses adresse direccion",
    "ip": "ips ipv4 ip4",
    "ipv6": "ip6",
    "environment": "env umgebung entorno environnement",
    "description": "desc notes note annotation annotations remark remarks beschreibung descripcion",
    "version": "ver release",
    "type": "kind class typ tipo",
    "status": "state statut estado zustand",
    "manufacturer": "mfr mfg maker",
    "serial": "serialnumber serien serie ser",
    "criticality": "crit kritikalitat",
    "date": "datetime datum fecha",
    "time": "timestamp",
    "group": "grp gruppe groupe",
    "tag": "tags",
    "dependency": "dependencies depends",
    "capacity": "cap size",
    # measures
    "utilization": "utilisation util auslastung usage",
    "used": "use uses consumed consumption occupied belegt",
    "free": "available frei libre",
    "average": "avg mean mittel",
    "max": "maximum peak highest",
    "throughput": "rate traffic bandwidth mbps",
    "operations": "ops iops io ios",
    "read": "reads reading",
    "write": "writes writing written",
    "in": "inbound incoming ingress received receive rx",
    "out": "outbound outgoing egress sent transmit transmitted tx",
    "speed": "clock frequency",
    "provision": "provisioned provisioning allocated allocation",
    "configure": "configured config configuration configurations",
    "create": "created creation creating",
    "install": "installed installation inst instalado instalacion installe",
    "total": "gesamt totale",
    "main": "principal principale hauptsachlich",
    "reserve": "reservation reservations",
    "ready": "readiness",
    # two ends, and the move
    "source": "src origin from",
    "target": "destination dst dest",
    "strategy": "disposition treatment",
    "wave": "waves",
    "purchase": "purchased bought acquisition",
    "discover": "discovered discovery seen scanned scan",
    "family": "families",
    "mac": "macs",
    "uuid": "guid",
    "model": "modell modele modelo",
    "update": "updated modified changed",
    "support": "supported supporting",
}
SYNONYMS = {word: meant for meant, words in EQUAL_WORDS.items() for word in (meant, *words.split())}
LEXICON = frozenset(SYNONYMS)
TOGETHER = {
    ("operating", "system"): "os",
    ("sistema", "operativo"): "os",
    ("systeme", "exploitation"): "os",
    ("in", "use"): "used",
    ("per", "second"): "throughput",
    ("per", "sec"): "throughput",
    ("data", "center"): "datacenter",
    ("data", "centre"): "datacenter",
    ("host", "name"): "host",
    ("network", "adapter"): "nic",
    ("network", "adapters"): "nic",
    ("network", "card"): "nic",
    ("network", "interface"): "nic",
    ("network", "interfaces"): "nic",
    ("virtualization", "platform"): "hypervisor",
    ("file", "system"): "partition",
    ("disk", "space"): "disk",
}  # two words for one thing
NUMBERS = frozenset({"number", "no", "nr", "numero", "nombre"})
SMALL = (
    "the of a an for to is are and or de du der des le la el di according as with on at it its",
    "delimited separated comma semi colon semicolon pipe list csv json string text field",
)  # grammar, and how a cell is written
WEAKER = (
    "capacity name total overall provision number main primary current n value average",
    "vm server machine device asset system",
)
SMALL_WORDS = frozenset(word for words in SMALL for word in words.split())
WEAK = frozenset(
    word for words in WEAKER for word in words.split()
)  # said or left out without a change of what is meant
ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ed", "es", "s")
SHORTEST_STEM = 4
REMEMBERED = 4096  # headers whose words are not taken apart again
TOPICS = frozenset({"cpu", "memory", "disk", "partition", "network", "nic", "os", "application", "database"})
ALSO_ABOUT = {"network": "nic"}
CAPITAL_V = re.compile(r"^v(?=[a-z]{3})")  # vMemory, vDisk


@lru_cache(maxsize=REMEMBERED)
def concepts(words: tuple[str, ...]) -> frozenset[str]:
    """What the words of a header say, small words left out; the direction of "network in" stays."""
    return frozenset(_concepts(words))


def _concepts(words: Sequence[str]) -> Iterator[str]:
    words = [word for word in how_many(list(map(unaccented, words))) if word not in SMALL_WORDS]
    place = 0
    while place < len(words):
        pair = TOGETHER.get((words[place], words[place + 1])) if place + 1 < len(words) else None
        word = pair or words[place]
        place += 2 if pair else 1
        if not (word == "in" and place == 1):
            yield from concepts_of_word(word)


def how_many(words: Sequence[str]) -> Iterator[str]:
    """The words, with the number in "number of disks" told from that in "serial number"."""
    for word, following in zip_longest(words, words[1:]):
        yield "count" if word in NUMBERS and following in ("of", "de") else word


def unaccented(word: str) -> str:
    """A word as people type it who have no accents."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))


def concepts_of_word(word: str) -> Iterator[str]:
    """What a word says, two things where two known words are written as one."""
    parts = (word,) if word in SYNONYMS or stem(word) in SYNONYMS else taken_apart(word, LEXICON)
    yield from map(concept, parts)


def concept(word: str) -> str:
    """The one word that stands for all of its meaning, else the word without its ending."""
    stemmed = stem(word)
    return SYNONYMS.get(word) or SYNONYMS.get(stemmed) or stemmed


def stem(word: str) -> str:
    """A word without the ending that makes it plural or a participle."""
    for ending in ENDINGS:
        if (
            word.endswith(ending)
            and not word.endswith(("ss", "us", "ias"))
            and len(word) - len(ending) >= SHORTEST_STEM
        ):
            return word.removesuffix(ending) + ("y" if ending == "ies" else "")
    return word


def taken_apart(word: str, known: frozenset[str]) -> tuple[str, ...]:
    """The two known words that are written as one, as in "hddsize"; the word itself when there are none."""
    for place in range(2, len(word) - 1):
        if word[:place] in known and word[place:] in known:
            return word[:place], word[place:]
    return (word,)


def topics_of(sheet_words: Sequence[str]) -> tuple[str, ...]:
    """What a sheet is about, by its name: "vMemory" and "Disks" say it, "Sheet1" does not."""
    for word in sheet_words:
        for said in taken_apart(CAPITAL_V.sub("", word), LEXICON | {"info", "list"}):
            if concept(said) in TOPICS:
                found = concept(said)
                return (found, ALSO_ABOUT[found]) if found in ALSO_ABOUT else (found,)
    return ()
