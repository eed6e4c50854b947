"""Which words name which operating system.

The table is tried from top to bottom: a more specific name stands above the name it contains ("CentOS Stream" above
"CentOS", "Red Hat Fedora" above "Red Hat"). A row whose product is None names something whose dates are not known
under that name, so that its words do not count for another product.
"""

import re
from dataclasses import dataclass
from functools import cache

from masterflow.analysis.eol.snapshot import DATABASES, OPERATING_SYSTEMS, Product, products_in


@dataclass(frozen=True, slots=True)
class Name:
    """Words that name a product; `certainty` (0 to 1) is lower where the words are also used for others.

    Where several products share words, `needs` is what the text must also hold before a version is believed.
    """

    pattern: re.Pattern[str]
    product: str | None
    certainty: float = 1.0
    needs: re.Pattern[str] | None = None


def _name(pattern: str, product: str | None, *, certainty: float = 1.0, needs: str | None = None) -> Name:
    words = re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])")
    return Name(words, product, certainty, re.compile(needs) if needs else None)


OTHERS_WITH_FAMILIAR_NAMES = (
    _name(r"(?:red ?hat|rhel)[a-z ]*coreos|rhcos|fedora[a-z ]*coreos|core ?os|flatcar", None),
    _name(r"red ?hat[a-z ]*(?:virtuali[sz]ation|openshift|atomic)[a-z ]*|rhev[a-z]*|rhvh?", None),
    _name(r"scientific linux|cloudlinux|virtuozzo ?linux|asianux|ubuntu core|raspbian", None),
    _name(r"suse linux enterprise desktop|sled|suse manager|suse linux enterprise real ?time", None),
    _name(r"oracle vm(?: server)?|oracle virtualbox", None),
    _name(r"cisco ios(?! ?-?xe)(?: ?-?xr)?|nx-?os|junos", None),
)
WRITTEN_NAMES = (
    _name(r"(?:red ?hat )?fedora(?: ?linux)?(?: core)?", "fedora"),
    _name(r"cent ?os[- ]?(?:linux )?(?:\d+ )?stream|centosstream", "centos-stream"),
    _name(r"cent ?os(?:[- ]?linux)?", "centos"),
    _name(
        r"(?:linux )?oracle[- ]?(?:enterprise |unbreakable )?linux|linux[ -]oracle|oel|ol(?=[- ]?\d)", "oracle-linux"
    ),
    _name(r"rocky(?:[- ]?linux)?", "rocky-linux"),
    _name(r"alma(?:[- ]?linux)?(?: os)?", "almalinux"),
    _name(r"red ?hat ?enterprise(?:[- ]?linux)?|rhel|rhes|linux[ -]red ?hat", "rhel"),
    _name(r"red ?hat(?:[- ]?linux)?", "rhel", certainty=0.9),
    _name(r"(?:suse )?open ?suse(?: leap)?|suse leap", "opensuse"),
    _name(r"suse linux enterprise micro|suse linux micro|sle ?micro", "suse-linux-micro"),
    _name(r"suse[- ]linux[- ]enterprise(?:[- ]server)?|suse enterprise linux|sles", "sles"),
    _name(r"(?:linux )?suse(?:[- ]?linux)?", "sles", certainty=0.8, needs=r"\bsp ?-?\d|\dsp\d|patchlevel"),
    _name(r"linux ?mint|mint(?=[- ]?\d)", "linuxmint"),
    _name(r"ubuntu(?:[- ]?linux)?", "ubuntu"),
    _name(r"debian(?:[- ]?gnu/linux| gnu)?", "debian"),
    _name(r"amazon[- ]?linux|amazon|amzn|al(?=20\d\d|[12]\b)", "amazon-linux"),
    _name(r"(?:vmware )?photon(?: ?os)?(?:/linux)?", "photon"),
    _name(r"(?:vmware )?esxi?", "esxi"),
    _name(r"(?:oracle |sun )?solaris|sun ?os", "oracle-solaris"),
    _name(r"(?:ibm )?aix", "ibm-aix"),
    _name(r"ibm i|os/400|i5/os|as/400", "ibm-i"),
    _name(r"free ?bsd", "freebsd"),
    _name(r"(?:apple )?mac ?os(?: ?x)?|os ?x|apple macos", "macos"),
    _name(r"cisco ios ?-?xe|ios ?-?xe", "cisco-ios-xe"),
    _name(r"(?:f5 )?big-?ip", "big-ip"),
    _name(r"(?:palo alto[a-z ]*)?pan-?os", "panos"),
)
END_OF_THE_NAME = frozenset({"with", "on", "running", "plus", "hosting", "kernel", "build", "using"})
# Words or dates of these are too common, or too different, to be read without a row of their own.
WITHOUT_AUTOMATIC_NAME = frozenset(
    {
        "android",
        "clear-linux",
        "cos",
        "ios",
        "ipados",
        "kde-plasma",
        "linux",
        "tails",
        "tvos",
        "visionos",
        "watchos",
        "yocto",
    }
    | {"windows", "windows-embedded", "windows-nano-server", "windows-server", "windows-server-core"}
)
DATABASE_NAMES = (
    _name(r"(?:microsoft |ms )?sql[- ]?server|ms ?sql(?: ?server)?|mssqlserver", "mssqlserver"),
    _name(r"oracle(?: database| db| rdbms)?", "oracle-database"),
    _name(r"(?:enterprisedb |edb )?postgres(?:ql)?(?: server| advanced server)?|pgsql|postgre", "postgresql"),
    _name(r"(?:oracle )?mysql(?: server| community server| enterprise server)?", "mysql"),
    _name(r"maria ?db", "mariadb"),
    _name(r"mongo(?: ?db)?", "mongodb"),
    _name(r"(?:ibm )?db2(?: ?udb| ?luw)?", "ibm-db2"),
)


@cache
def operating_system_names() -> tuple[Name, ...]:
    """Every name of an operating system other than Windows, most specific first."""
    written = {n.product for n in WRITTEN_NAMES}
    rest = [p for p in products_in(OPERATING_SYSTEMS) if p.id not in written | WITHOUT_AUTOMATIC_NAME]
    return (*OTHERS_WITH_FAMILIAR_NAMES, *WRITTEN_NAMES, *(_automatic(p) for p in rest))


@cache
def database_names() -> tuple[Name, ...]:
    """Every name of a database engine, most specific first."""
    written = {n.product for n in DATABASE_NAMES}
    return (*_my_sql_first(), *(_automatic(p) for p in products_in(DATABASES) if p.id not in written))


def own_words(text: str) -> str:
    """The words up to the first that begins to speak of something else: "2016 with SQL Server 2019" is 2016."""
    words: list[str] = []
    for word in text.split():
        if word in END_OF_THE_NAME or word in _other_technology_words():
            break
        words.append(word)
    return " ".join(words)


@cache
def _other_technology_words() -> frozenset[str]:
    """Single words that name a database, a language or a server application; a version behind one is its own."""
    products = [p for category in (DATABASES, "lang", "server-app") for p in products_in(category)]
    words = {w for p in products for w in (p.id, *p.aliases, p.title.casefold())}
    return frozenset(w for w in words if w.isalpha() and len(w) > 2) | {"sql", "java", "db2", "tomcat"}


def _my_sql_first() -> tuple[Name, ...]:
    # "Oracle MySQL 8.0" is a MySQL: the vendor's own database comes last
    return tuple(sorted(DATABASE_NAMES, key=lambda n: n.product == "oracle-database"))


def _automatic(product: Product) -> Name:
    spellings = {product.title.casefold(), product.id, *product.aliases}
    loose = sorted((r"[-_! ]*".join(re.findall(r"[a-z0-9]+", s)) for s in spellings), key=len, reverse=True)
    return _name("|".join(loose), product.id)
