"""The snapshot is what its builder makes of endoflife.date's products."""

import gzip
import json
from pathlib import Path

import pytest

from tools import build_eol_snapshot

PRODUCTS = [
    {
        "_id": "vmware-photon",
        "title": "VMware Photon",
        "category": "os",
        "permalink": "/photon",
        "alternate_urls": ["/vmware-photon", "/vmwarephoton"],
        "releaseLabel": "__RELEASE_CYCLE__ (__CODENAME__)",
        "releases": [
            {"releaseCycle": "5.0", "eol": False, "latestReleaseDate": "2026-01-02"},
            {"releaseCycle": "4.0", "codename": "Four", "releaseLabel": "__RELEASE_CYCLE__", "eol": "2027-10-11"},
        ],
    },
    {"_id": "phone", "title": "Phone", "category": "device", "permalink": "/phone", "releases": []},
]


def test_the_builder_keeps_what_is_read_and_says_where_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.json.gz"
    monkeypatch.setattr(build_eol_snapshot, "TARGET", target)
    (tmp_path / "products.jsonl").write_text("\n".join(json.dumps(p) for p in PRODUCTS) + "\n", encoding="utf-8")
    (tmp_path / "LICENCE").write_text("MIT", encoding="utf-8")
    build_eol_snapshot.main(str(tmp_path / "products.jsonl"), str(tmp_path / "LICENCE"), "abc")
    made = json.loads(gzip.decompress(target.read_bytes()))
    assert (made["as_of"], made["commit"], made["licence"]) == ("2026-01-02", "abc", "MIT")
    assert made["products"] == {
        "photon": {
            "title": "VMware Photon",
            "category": "os",
            "aliases": ["vmware-photon", "vmwarephoton"],
            "cycles": [["5.0", None, "5.0 ()", False, None, None], ["4.0", "Four", None, "2027-10-11", None, None]],
        }
    }
    assert "1 products, 2 cycles" in capsys.readouterr().out
