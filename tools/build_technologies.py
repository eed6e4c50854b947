"""Make the list of technologies that ships with Masterflow from the entities of Tackle Container Advisor.

    python tools/build_technologies.py tca_entities.json tca_train_mentions.json COMMIT

The same input gives the same bytes. Entities of one name, "IIS" and "IIS|*", become one.
"""

import gzip
import json
import sys
from collections import defaultdict
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src/masterflow/analysis/technologies/technologies.json.gz"


def main(entities_file: str, mentions_file: str, commit: str) -> None:
    """Write the list and say what is in it."""
    entities = json.loads(Path(entities_file).read_text(encoding="utf-8"))
    trained = json.loads(Path(mentions_file).read_text(encoding="utf-8"))
    mentions: dict[int, set[str]] = defaultdict(set)
    for entry in trained["data"].values():
        mentions[entry["entity_id"]] |= set(entry["mentions"])
    listed = {
        "source": "https://github.com/konveyor/tackle-container-advisor",
        "version": entities["version"],
        "commit": commit,
        "licence": "Apache-2.0",
        "technologies": technologies(entities["data"].values(), mentions),
    }
    text = json.dumps(listed, separators=(",", ":"), ensure_ascii=False)
    TARGET.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))
    spellings = sum(len(one[2]) for one in listed["technologies"])
    sys.stdout.write(f"{TARGET}: {len(listed['technologies'])} technologies, {spellings} spellings\n")


def technologies(entities, mentions: dict[int, set[str]]) -> list:
    """Each technology as [name, category, spellings]; of two entities of one name the one people mention more."""
    by_name: dict[str, list[dict]] = defaultdict(list)
    for entity in entities:
        by_name[entity["entity_name"].removesuffix("|*")].append(entity)
    found = []
    for same in by_name.values():
        leading = max(same, key=lambda one: (len(mentions[one["entity_id"]]), -one["entity_id"]))
        spellings = sorted({text for one in same for text in mentions[one["entity_id"]]})
        found.append([leading["entity_name"], leading["entity_type_name"], spellings])
    return sorted(found)


if __name__ == "__main__":
    main(*sys.argv[1:])
