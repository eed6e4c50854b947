"""Make the end-of-life snapshot that ships with Masterflow from endoflife.date's product files.

    python tools/build_eol_snapshot.py PRODUCTS.jsonl LICENCE.txt COMMIT

PRODUCTS.jsonl holds the front matter of one product a line, as JSON. The same input gives the same bytes.
"""

import gzip
import json
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src/masterflow/analysis/eol/endoflife.json.gz"
CATEGORIES = {"os", "database", "lang", "server-app"}


def main(products_file: str, licence_file: str, commit: str) -> None:
    """Write the snapshot and say what is in it."""
    lines = Path(products_file).read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines if line.strip()]
    kept = {identifier(p): product(p) for p in found if p["category"] in CATEGORIES}
    snapshot = {
        "source": "https://endoflife.date",
        "commit": commit,
        "as_of": max(str(r.get("latestReleaseDate") or "") for p in found for r in p["releases"]),
        "licence": Path(licence_file).read_text(encoding="utf-8"),
        "products": dict(sorted(kept.items())),
    }
    text = json.dumps(snapshot, separators=(",", ":"), ensure_ascii=False)
    TARGET.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
    cycles = sum(len(p["cycles"]) for p in kept.values())
    sys.stdout.write(f"{TARGET}: {len(kept)} products, {cycles} cycles, {TARGET.stat().st_size} bytes\n")


def identifier(product: dict) -> str:
    """The name under which endoflife.date publishes the product, which is not always its file's name."""
    return product["permalink"].strip("/")


def product(found: dict) -> dict:
    """What the application reads of one product."""
    names = [found["_id"], *(a.strip("/") for a in found.get("alternate_urls") or [])]
    return {
        "title": found["title"],
        "category": found["category"],
        "aliases": sorted({n for n in names if n != identifier(found)}),
        "cycles": [cycle(r, found.get("releaseLabel")) for r in found["releases"]],
    }


def cycle(release: dict, template: str | None) -> list:
    """One release cycle as [name, codename, label, eol, extended end, latest]; dates are ISO texts or booleans."""
    return [
        release["releaseCycle"],
        release.get("codename"),
        label(release, template),
        release["eol"],
        release.get("eoes"),
        release.get("latest"),
    ]


def label(release: dict, template: str | None) -> str | None:
    """The release's own name where it differs from the cycle, such as "2014 SP3"; templates with logic are left out."""
    text = release.get("releaseLabel") or template
    if text is None or "{" in text:
        return None
    filled = text.replace("__RELEASE_CYCLE__", release["releaseCycle"]).replace(
        "__CODENAME__", release.get("codename") or ""
    )
    return None if filled == release["releaseCycle"] else filled


if __name__ == "__main__":
    main(*sys.argv[1:])
