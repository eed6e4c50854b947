"""The first look at a file."""

from pathlib import Path

import pytest

from masterflow.errors import FileRejected
from masterflow.inventory.files.heads import START_BYTES, head_of
from tests.inventory.makers import text_file


def test_the_head_of_a_file_is_its_beginning(tmp_path: Path) -> None:
    head = head_of(text_file(tmp_path, b"x" * (START_BYTES + 5)))
    assert (head.name, head.size_bytes, len(head.start)) == ("servers.csv", START_BYTES + 5, START_BYTES)


def test_an_empty_file_is_refused_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match=r"servers.csv: The file is empty .* Export it again") as refused:
        head_of(text_file(tmp_path, b""))
    assert refused.value.reason == "empty"


def test_a_file_over_the_limit_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = text_file(tmp_path, b"x" * 2_000_000)
    with pytest.raises(FileRejected, match=r"2.0 MB, more than the limit of 1,000 bytes\. Split it") as refused:
        head_of(path, max_bytes=1000)
    assert refused.value.reason == "too_large"
    assert head_of(path, max_bytes=2_000_000).size_bytes == 2_000_000


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="cannot be opened"):
        head_of(tmp_path / "nothing.csv")
    with pytest.raises(FileRejected, match="folder"):
        head_of(tmp_path)
    with pytest.raises(FileRejected, match="cannot be opened"):
        head_of(Path("bad\x00name"))
