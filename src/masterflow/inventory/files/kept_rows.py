"""Rows of a table on their way from a reader to a sheet: plain while they are few, compressed when they are many."""

import pickle
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload

from masterflow.inventory.reading import RawRow

PLAIN_CELLS = 1_000_000  # a table with no more of them is kept as it is
CELLS_A_CHUNK = 50_000
FASTEST = 1  # of zlib's levels


class PackedRows(Sequence[RawRow]):
    """Rows kept compressed, unpacked a chunk at a time when asked for; equal to any sequence of the same rows."""

    def __init__(self, chunks: Sequence[bytes], starts: Sequence[int], count: int) -> None:
        self._chunks = chunks
        self._starts = starts  # the place of the first row of each chunk
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[RawRow]:
        for chunk in self._chunks:
            yield from unpacked(chunk)

    @overload
    def __getitem__(self, place: int) -> RawRow: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[RawRow, ...]: ...
    def __getitem__(self, place: int | slice) -> RawRow | tuple[RawRow, ...]:
        if isinstance(place, slice):
            start, stop, step = place.indices(self._count)
            if step == 1:
                return tuple(self._between(start, stop))
            return tuple(self[index] for index in range(start, stop, step))
        index = place + self._count if place < 0 else place
        if not 0 <= index < self._count:
            raise IndexError(place)
        return next(self._between(index, index + 1))

    def _between(self, start: int, stop: int) -> Iterator[RawRow]:
        ends = (*self._starts[1:], self._count)
        for first, end, chunk in zip(self._starts, ends, self._chunks, strict=True):
            if first < stop and start < end:
                yield from unpacked(chunk)[max(start - first, 0) : stop - first]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(other) != self._count:
            return NotImplemented if not isinstance(other, Sequence) else False
        return all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # like any sequence that is compared by its content


class RowKeeper:
    """Takes rows one by one; `rows` answers all of them."""

    def __init__(self) -> None:
        self._plain: list[RawRow] = []
        self._cells = 0  # of the plain rows
        self._chunks: list[bytes] = []
        self._starts: list[int] = []
        self._packed = 0  # rows in chunks

    def keep(self, row: RawRow) -> None:
        """Add a row."""
        self._plain.append(row)
        self._cells += len(row.cells)
        if self._cells >= (CELLS_A_CHUNK if self._chunks else PLAIN_CELLS):
            self._pack()

    def rows(self) -> Sequence[RawRow]:
        """All rows in the order in which they came; the keeper takes no more afterwards."""
        if not self._chunks:
            return tuple(self._plain)
        self._pack()
        return PackedRows(self._chunks, self._starts, self._packed)

    def _pack(self) -> None:
        if not self._plain:
            return
        a_chunk = max(1, len(self._plain) * CELLS_A_CHUNK // max(self._cells, 1))
        for start in range(0, len(self._plain), a_chunk):
            part = self._plain[start : start + a_chunk]
            self._starts.append(self._packed)
            self._chunks.append(packed(part))
            self._packed += len(part)
        self._plain, self._cells = [], 0


def kept(rows: Iterable[RawRow]) -> Sequence[RawRow]:
    """All of these rows, compressed when they are many."""
    keeper = RowKeeper()
    for row in rows:
        keeper.keep(row)
    return keeper.rows()


def changed(rows: Sequence[RawRow], change: Callable[[RawRow], RawRow]) -> Sequence[RawRow]:
    """The rows as `change` makes them, kept as compactly as before."""
    return kept(map(change, rows))


def packed(rows: Sequence[RawRow]) -> bytes:
    """A few rows as compressed bytes."""
    plain = [(row.number, row.cells) for row in rows]
    return zlib.compress(pickle.dumps(plain, protocol=pickle.HIGHEST_PROTOCOL), FASTEST)


def unpacked(chunk: bytes) -> list[RawRow]:
    """The rows of `packed`; the bytes never leave this process family, so that unpickling them is safe."""
    return [RawRow(number, cells) for number, cells in pickle.loads(zlib.decompress(chunk))]  # noqa: S301 - our own
