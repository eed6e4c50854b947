"""What a measurement is of: the one reading of metric names and units, for those who check them and those who use them.

"mbps" are megabits a second, "MBps" and "MB/s" megabytes a second, as the case of the b says.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FAMILIES: Mapping[str, frozenset[str]] = {
    "cpu": _words("cpu cpus processor processors vcpu vcpus core cores prozessor"),
    "memory": _words("mem memory ram speicher"),
    "disk": _words("disk disks storage io iops hdd volume datastore filesystem festplatte"),
    "network": _words("net network nic lan eth bandwidth netz netzwerk"),
}
IMPLIED: Mapping[str, str] = {
    "load": "cpu", "swap": "memory", "paging": "memory", "latency": "disk", "throughput": "network",
}  # fmt: skip
UNITS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(_words("pct percent percentage prozent usedpct"), ("pct", "percent")),
    "iops": ("iops", "IOPS"), "ops": ("iops", "IOPS"),
    "bps": ("bps", "bit/s"), "kbps": ("kbps", "kbit/s"), "mbps": ("mbps", "Mbit/s"), "gbps": ("gbps", "Gbit/s"),
    "bytesps": ("bytes_per_s", "bytes/s"), "kbytesps": ("kb_per_s", "KB/s"), "mbytesps": ("mb_per_s", "MB/s"),
    "gbytesps": ("gb_per_s", "GB/s"),
    "mhz": ("mhz", "MHz"), "ghz": ("ghz", "GHz"),
    "kb": ("kib", "KiB"), "kib": ("kib", "KiB"), "mb": ("mib", "MiB"), "mib": ("mib", "MiB"),
    "gb": ("gib", "GiB"), "gib": ("gib", "GiB"), "bytes": ("bytes", "bytes"), "ms": ("ms", "ms"),
}  # fmt: skip
OF_THE_WHOLE = _words("utilization utilisation usage util auslastung")  # percent, where no other unit is written
SAYS_NOTHING = _words("avg average mean total time the of a in per sec second s host guest vm server machine")
RATE = re.compile(
    r"(?<![A-Za-z])([kKMGmg]?)(bits?|[Bb]ytes?|[bB])(ps|/s(?:ec(?:ond)?)?|\s?per\s?sec(?:ond)?)(?![A-Za-z])"
)
UNIT_HEADERS = _words("unit units uom einheit")
PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Metric:
    """What was measured: `stem` begins the names of its facts, `suffix` ends them ("cpu" and "pct": cpu_p95_pct)."""

    stem: str
    suffix: str
    unit: str | None

    def fact(self, statistic: str) -> str:
        """The name of the fact that holds one statistic of this metric."""
        return "_".join(part for part in (self.stem, statistic, self.suffix) if part)


@lru_cache(maxsize=4096)  # every machine repeats the same few metrics
def metric_of(name: str, unit: str = "") -> Metric | None:
    """The metric of a name ("cpu_pct", "% Processor Time") and what a unit column says beside it.

    None for what is of no processor, memory, disk or network. A unit that is said goes before one in the name.
    """
    tokens, said = _tokens(name), _tokens(unit)
    family = next((family for family, spellings in FAMILIES.items() if spellings & set(tokens)), None)
    family = family or next((IMPLIED[t] for t in tokens if t in IMPLIED), None)
    if family is None:
        return None
    suffix, of = _unit(tokens, said, unit.strip())
    known = FAMILIES[family] | set(UNITS) | OF_THE_WHOLE | SAYS_NOTHING
    return Metric("_".join([family, *(t for t in tokens if t not in known)]), suffix, of)


def _unit(tokens: list[str], said: list[str], text: str) -> tuple[str, str | None]:
    written = next((UNITS[t] for t in (*said, *([] if text else tokens)) if t in UNITS), None)
    if written is not None:
        return written
    if text:
        return "", text
    return UNITS["pct"] if set(tokens) & OF_THE_WHOLE or tokens == ["cpu"] else ("", None)


def _tokens(text: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", RATE.sub(_rate, text)).casefold()
    return ["pct" if word == "%" else word for word in re.findall(r"[a-z]+|%", spaced)]


def _rate(found: re.Match[str]) -> str:
    prefix, of, per = found.groups()
    in_bits = of.startswith("bit") or (of == "b" and (per == "ps" or prefix.isupper()))
    return f" {prefix.casefold()}{'bps' if in_bits else 'bytesps'} "
