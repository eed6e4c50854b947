"""What free texts about law, licences and replacements say, soberly.

That such a text is there is what counts. A few clear markers change its meaning: that there is nothing, that it has
lapsed ("until 2025"), that it is settled ("transferable", "accepted"). A marker behind a negation does not count.
"""

import math
import re
from datetime import date
from enum import Enum
from functools import lru_cache

NOTHING = re.compile(
    r"(?:none|no|nothing|n/?a|not applicable|unrestricted|no (?:known )?(?:restrictions?|constraints?|plans?))\.?"
)
NEGATIONS = frozenset(
    {
        "no",
        "not",
        "never",
        "without",
        "until",
        "unless",
        "if",
        "once",
        "when",
        "after",
        "before",
        "lacks",
        "awaiting",
        "pending",
    }
    | {
        "cannot",
        "can't",
        "isn't",
        "won't",
        "non",
        "un",
        "refused",
        "refuses",
        "hardly",
        "unclear",
        "yet",
        "needs",
        "requires",
    }
)
CONDITIONS_BEHIND = frozenset({"not", "once", "if", "when", "subject", "pending", "unless"})
WORDS_A_NEGATION_REACHES = 3
LAST_YEAR = re.compile(
    r"\b(?P<kind>until|till|through|to|up to|by|before|expires(?: in)?|ends(?: in)?|valid to)\s+"
    r"(?:the )?(?:end of |mid |early |late )?(?:[a-z]{3,9} )?(?P<year>20\d\d)\b"
)


class Residency(Enum):
    """Where data may be: anywhere, in a region that exists, or only where it is now."""

    FREE = "free"
    REGION = "region"
    LOCKED = "locked"


class Licence(Enum):
    """What a licence survives: any move, a move of the whole virtual machine, or none."""

    FREE = "free"
    MOVES_WITH_THE_VM = "moves with the virtual machine"
    LOCKED = "locked"


class Replacement(Enum):
    """How far a planned replacement is."""

    NONE = "none"
    ACCEPTED = "accepted"
    DATED = "dated"
    UNDATED = "undated"


REGION_SETTLED = (
    r"(?:certified|approved|sovereign|in-country|available) (?:\w+ )?(?:cloud|region|service)|"
    r"(?:region|cloud|move|transfer)\s+(?:is |are |in the country )?(?:available|certified|approved|allowed|permitted)|"
    r"any region"
)
OWN_PLACE = (
    r"own (?:data ?cent|premises|site|build)|on[- ]?prem|on[- ]site|in[- ]house|company premises|no (?:public )?cloud"
)
LARGE_REGION = r"\b(?:eu|eea|e\.u\.|europe|european union|gdpr|us|usa|united states)\b"
ABROAD = (
    r"\babroad\b|outside (?:of )?(?:the )?(?:country|eu|eea|europe)|\bforeign\b|\boverseas\b|\boffshore\b|third country"
)
LICENCE_SETTLED = (
    r"transferable|portable|\bbyol\b|bring your own|licen[cs]e mobility|re-?hosted|re-?issued|bought out|"
    r"cloud rights|(?:may|can) be (?:moved|transferred)|settled|resolved"
)
BOUND_TO_THE_VM = r"\bmac\b|\bmac-?address|\buuid\b|\bvm id\b|virtual machine id"
BOUND_TO_HARDWARE = r"hardware|physical|dongle|\busb\b|socket|serial number|certified (?:server|host|machine)"
ACCEPTED = r"accepted|signed[- ]off|acceptance (?:signed|given|granted)|approved by (?:the |its )?owner"
NOT_YET = frozenset({"will", "be", "expected", "planned", "should", "must"})
WITHDRAWN = r"(?:acceptance|approval) (?:is |was |has been )?(?:withdrawn|refused|revoked)"
AFTER_THE_EXIT = r"\b(?:after|beyond|past) (?:the )?(?:date of )?(?:the )?(?:data ?cent\w+ )?exit"
CANCELLED = r"\b(?:cancel\w*|stopped|abandoned|dropped|rejected|no longer)\b"
MONTHS = re.compile(r"\bmonths? (\d+)\b|\b(\d+) months?\b")
QUARTER = re.compile(r"\bq([1-4])[ /-]*(20\d\d)\b")
YEAR_MONTH = re.compile(r"\b(20\d\d)-(0[1-9]|1[0-2])\b")
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NAMED_MONTH = re.compile(rf"\b({'|'.join(MONTH_NAMES)})[a-z]* (20\d\d)\b")
YEAR = re.compile(r"\b(?:(?P<part>early|mid|end of|late)[ -])?(?P<year>20\d\d)\b")
PARTS_OF_A_YEAR = {"early": 3, "mid": 6}


@lru_cache(maxsize=2048)
def residency(text: str | None, *, at: date) -> Residency:
    """Where a data-residency text lets the data be. A place of one's own or an unnamed country locks it."""
    plain = _plain(text)
    if plain is None or _lapsed(plain, at):
        return Residency.FREE
    if _affirmed(REGION_SETTLED, plain):
        return Residency.REGION
    if re.search(OWN_PLACE, plain) is None and re.search(LARGE_REGION, plain):
        return Residency.REGION
    return Residency.LOCKED


@lru_cache(maxsize=2048)
def licence(text: str | None, *, at: date) -> Licence:
    """What a licence constraint survives; a text that does not say so survives no move."""
    plain = _plain(text)
    if plain is None or _lapsed(plain, at) or _affirmed(LICENCE_SETTLED, plain):
        return Licence.FREE
    if re.search(BOUND_TO_THE_VM, plain) and re.search(BOUND_TO_HARDWARE, plain) is None:
        return Licence.MOVES_WITH_THE_VM
    return Licence.LOCKED


@lru_cache(maxsize=2048)
def replacement(text: str | None, *, at: date) -> tuple[Replacement, float | None]:
    """How far a planned replacement is, and in how many months it takes over where the text dates it."""
    plain = _plain(text)
    if plain is None or re.search(CANCELLED, plain):
        return Replacement.NONE, None
    if _affirmed(ACCEPTED, plain, also_negated_by=NOT_YET) and not re.search(WITHDRAWN, plain):
        return Replacement.ACCEPTED, None
    if re.search(AFTER_THE_EXIT, plain):
        return Replacement.DATED, math.inf
    months = _months_until(plain, at)
    return (Replacement.UNDATED, None) if months is None or months < 0 else (Replacement.DATED, months)


def offers_service(text: str | None) -> bool:
    """Whether a text about a service offer names one."""
    return _plain(text) is not None


def is_abroad(text: str | None) -> bool:
    """Whether a service is said to be hosted outside the country."""
    return text is not None and _affirmed(ABROAD, text.casefold())


def _plain(text: str | None) -> str | None:
    plain = " ".join(text.casefold().split()) if text else ""
    return None if not plain or NOTHING.fullmatch(plain) else plain


def _affirmed(pattern: str, text: str, *, also_negated_by: frozenset[str] = frozenset()) -> bool:
    negations = NEGATIONS | also_negated_by
    return any(not _negated(text, m, negations=negations) for m in re.finditer(pattern, text))


def _negated(text: str, found: re.Match[str], *, negations: frozenset[str]) -> bool:
    clause = re.split(r"[,;.:]", text[: found.start()])[-1]
    before = re.findall(r"[\w']+", clause)[-WORDS_A_NEGATION_REACHES:]
    behind = re.findall(r"[\w']+", text[found.end() :])[:1]
    return bool(negations & {*before}) or bool(CONDITIONS_BEHIND & {*behind})


def _lapsed(text: str, at: date) -> bool:
    years = [int(m["year"]) - (m["kind"] == "before") for m in LAST_YEAR.finditer(text)]
    return bool(years) and date(max(years), 12, 31) < at


def _months_until(text: str, at: date) -> float | None:
    months = MONTHS.search(text)
    if months:
        return float(months[1] or months[2])
    day = _day_in(text)
    return None if day is None else (day.year - at.year) * 12 + day.month - at.month


def _day_in(text: str) -> date | None:
    quarter, exact, named = QUARTER.search(text), YEAR_MONTH.search(text), NAMED_MONTH.search(text)
    if quarter:
        return date(int(quarter[2]), int(quarter[1]) * 3, 1)
    if exact:
        return date(int(exact[1]), int(exact[2]), 1)
    if named:
        return date(int(named[2]), MONTH_NAMES.index(named[1]) + 1, 1)
    year = YEAR.search(text)
    return date(int(year["year"]), PARTS_OF_A_YEAR.get(year["part"] or "", 12), 1) if year else None
