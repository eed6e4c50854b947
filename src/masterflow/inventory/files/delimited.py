"""Reading text tables (CSV, TSV and their like) without being told encoding, separator or where the header stands."""

import codecs
import csv
import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path
from typing import TextIO

from charset_normalizer import from_bytes

from masterflow.errors import FileRejected, Place
from masterflow.inventory.fields import KNOWN_NAMES, squashed
from masterflow.inventory.files.cells import Once
from masterflow.inventory.files.tables import read_table
from masterflow.inventory.reading import FileHead, FileRead, RawRow, Reject

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
SAMPLE_RECORDS = 300
MIN_AGREEMENT = 0.5  # share of the sampled records that have the same number of cells
RAGGED_WEIGHT = 0.5  # even records under another separator are the better sign
MAX_LINE_CHARACTERS = 4 * 1024 * 1024  # a line without end is no row, and is not read into memory
MAX_RECORD_LINES = 100  # a quoted value over more lines is a quote that nobody closed
MAX_CONTROL_SHARE = 0.01  # more control characters than this are no text
MAX_WORDS_IN_LIST = 4  # a file with one column is a list of names, not prose
MAX_COLUMNS_OF_PROSE = 3  # commas in a sentence
MAX_NAME_LENGTH = 80
MIN_LETTERS = 0.95  # of the signs beyond ASCII
MIN_EASTERN_SIGNS = 4  # fewer could be anything
MIN_NAMES = 0.95  # share of lines that have to be names
UNREAD_SEPARATORS = "^~:!"

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LEGACY_ENCODINGS = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "iso8859_15", "mac_roman", "cp437", "cp850")
UNUSED_SEPARATOR = "\x1f"
ENDLESS_LINE = (
    f"The line has more than {MAX_LINE_CHARACTERS:,} characters without a line end. "
    "Export the table with one line a row."
)
OPEN_QUOTE = "A double quote is opened here and never closed, or a value is longer than 131,072 characters. Correct it."
WESTERN_SIGNS = frozenset("€–—‘’“”„…°²³µ®©«»§·´\xa0™•")
WESTERN_LETTERS_IN_A_ROW = re.compile("[À-ÿ]{3}")  # no western word has three: the text is in another alphabet
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)  # Excel's way to name the separator in the first line


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text table is written; `separator` None means one value a line."""

    encoding: str
    separator: str | None
    skip_space: bool = False  # a space stands between separator and quote
    columns: int = 1


@lru_cache(maxsize=16)
def dialect_of(head: FileHead) -> Dialect | None:
    """How the file is written, judged by its first 64 KiB; None when it is no text or no table."""
    encoding = encoding_of(head)
    text = head.start.decode(encoding, errors="ignore") if encoding else ""
    lines = text.splitlines(keepends=True)
    if len(head.start) < head.size_bytes and len(lines) > 1:
        lines.pop()  # cut in the middle
    if not encoding or not any(line.strip() for line in lines) or not is_text(text):
        return None
    named = SEPARATOR_LINE.fullmatch(lines[0])
    if named:
        return Dialect(encoding, named.group(1), spaced(text, named.group(1)), 2)
    separator, columns = separator_of(lines)
    if reads_like_prose(lines, columns) or (separator is None and not reads_like_list(lines)):
        return None
    return Dialect(encoding, separator, bool(separator) and spaced(text, separator or ","), columns)


@lru_cache(maxsize=16)
def encoding_of(head: FileHead) -> str | None:
    """The encoding of a text file; None for bytes that no encoding explains.

    A file of UTF-8 into which lines of another encoding were pasted is UTF-8: see `western_instead`.
    """
    for mark, name in BYTE_ORDER_MARKS:
        if head.start.startswith(mark):
            return name
    start = head.start
    if start.count(0) > len(start) * 0.2:
        return utf32_without_mark(start) or utf16_without_mark(start)
    if is_utf8(head.path) or mostly_utf8(start):
        return "utf-8"
    return legacy_encoding(start)


def western_instead(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are no UTF-8 as Western European: what a row pasted from an older file is written in."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error("masterflow.western_instead", western_instead)


def on_undecodable(encoding: str) -> str:
    """What to do with bytes that an encoding does not explain, as `open` takes it."""
    return "masterflow.western_instead" if encoding.startswith("utf-8") else "replace"


def mostly_utf8(start: bytes) -> bool:
    """Whether most lines beyond ASCII are UTF-8, so that the others were written in another encoding."""
    telling = [line for line in start.splitlines()[:-1] if any(byte > 127 for byte in line)]
    return sum(decodes(line, "utf-8") for line in telling) * 2 > len(telling)


def decodes(content: bytes, encoding: str) -> bool:
    """Whether every byte belongs to a character of the encoding."""
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def utf32_without_mark(start: bytes) -> str | None:
    """UTF-32 of any text has a zero in the highest byte of four, and nearly always one beside it."""
    zeros = [start[place::4].count(0) for place in range(4)]
    if zeros[3] == zeros[2] == len(start) // 4 > zeros[0]:
        return "utf-32-le"
    return "utf-32-be" if zeros[0] == zeros[1] == -(-len(start) // 4) > zeros[3] else None


def utf16_without_mark(start: bytes) -> str | None:
    """UTF-16 of western text has a zero in every second byte."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if odd > len(start) * 0.3 and even < odd / 4:
        return "utf-16-le"
    return "utf-16-be" if even > len(start) * 0.3 and odd < even / 4 else None


def is_utf8(path: Path) -> bool:
    """Whether the whole file decodes; a single umlaut of another encoding may stand far down."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while piece := file.read(1024 * 1024):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def legacy_encoding(start: bytes) -> str:
    """Western European unless the text reads better otherwise; undecodable bytes are replaced later, not refused."""
    telling = b"\n".join(line for line in start.splitlines() if any(byte > 127 for byte in line))[:8192]
    if not telling or reads_western(telling):
        return "cp1252"
    known = eastern_encoding(telling) or older_western_encoding(telling)
    if known:
        return known
    best = from_bytes(telling, cp_isolation=list(LEGACY_ENCODINGS)).best()
    return best.encoding if best else "cp1252"


def older_western_encoding(telling: bytes) -> str | None:
    """Of DOS or of old Macs, when everything beyond ASCII becomes western letters with the case of their neighbours."""
    shares = {encoding: letter_share(telling.decode(encoding)) for encoding in ("cp850", "mac_roman", "cp437")}
    best = max(shares, key=lambda encoding: shares[encoding])
    return best if shares[best] >= MIN_LETTERS else None


def letter_share(text: str) -> float:
    """The part of what is beyond ASCII that is a western letter, no capital behind a small letter."""
    beyond = [(before, sign) for before, sign in pairwise(" " + text) if sign > "\x7f"]
    fit = sum(sign.isalpha() and sign <= "ÿ" and not (before.islower() and sign.isupper()) for before, sign in beyond)
    return fit / len(beyond)


def eastern_encoding(telling: bytes) -> str | None:
    """Japanese or Chinese, where every byte fits and the signs are those that such texts are made of; else None.

    Japanese has kana in every sentence; nine of ten Chinese signs are of the first level of GB 2312.
    """
    japanese = signs_of(telling, "cp932")
    if japanese and sum("\u3040" <= sign <= "\u30ff" for sign in japanese) >= 0.2 * len(japanese):
        return "cp932"
    chinese = signs_of(telling, "gb18030")
    usual = sum(0xB0 <= sign.encode("gb18030")[0] <= 0xD7 for sign in chinese if is_han(sign))
    return "gb18030" if usual >= max(MIN_EASTERN_SIGNS, 0.9 * len(chinese)) else None


def signs_of(telling: bytes, encoding: str) -> str:
    """The signs beyond ASCII and full-width punctuation; nothing when the bytes are not of this encoding."""
    if not decodes(telling.rpartition(b"\n")[0] or telling, encoding):
        return ""
    text = telling.decode(encoding, errors="ignore")
    return "".join(sign for sign in text if sign > "\x7f" and not "\u3000" <= sign <= "\u303f" and sign < "\uff00")


def is_han(sign: str) -> bool:
    """Whether a sign is one of the common Chinese ones."""
    return "\u4e00" <= sign <= "\u9fff"


def reads_western(line: bytes) -> bool:
    """Whether everything beyond ASCII becomes a letter or sign that western texts use."""
    text = line.decode("cp1252", errors="replace")
    beyond = [letter for letter in text if ord(letter) > 127]
    usual = sum(letter in WESTERN_SIGNS or (letter.isalpha() and letter <= "ÿ") for letter in beyond)
    return usual >= 0.95 * len(beyond) and not WESTERN_LETTERS_IN_A_ROW.search(text)


def is_text(text: str) -> bool:
    """Whether nearly all characters are printable; some NUL characters in a text table are borne."""
    control = sum(ord(letter) < 32 and letter not in "\t\r\n\f\x00" for letter in text)
    return control <= MAX_CONTROL_SHARE * len(text) and text.count("\x00") <= 0.05 * len(text) + 2


def separator_of(lines: list[str]) -> tuple[str | None, int]:
    """The separator by which most records have the same number of cells, and that number.

    Where no separator gives even records, one that cuts the first line into names and most others into something is
    taken: rows of such files are too short or too long.
    """
    best: tuple[float, str | None, int] = (0.0, None, 1)
    for separator in SEPARATORS:
        records = [cells for cells in sampled(lines, separator) if cells]
        found = even_width(records) or ragged_width(records)
        if found and found[0] * math.log(found[1] + 1) > best[0]:
            best = (found[0] * math.log(found[1] + 1), separator, found[1])
    return best[1], best[2]


def even_width(records: list[list[str]]) -> tuple[float, int] | None:
    """The number of cells that most records have, and their share; None when records agree on nothing."""
    counts = Counter(len(cells) for cells in records)
    count, width = max(((count, cells) for cells, count in counts.items() if cells > 1), default=(0, 0))
    return (count / len(records), width) if count >= MIN_AGREEMENT * len(records) and count else None


def ragged_width(records: list[list[str]]) -> tuple[float, int] | None:
    """The number of cells of the first record when it reads like a header and most records have several cells."""
    if not records or len(records[0]) < 2 or not all(reads_like_name(cell) for cell in records[0]):
        return None
    several = sum(1 < len(cells) <= 2 * len(records[0]) for cells in records) / len(records)
    return (several * RAGGED_WEIGHT, len(records[0])) if several >= MIN_AGREEMENT else None


def reads_like_name(text: str) -> bool:
    """Whether a text is as short as a column name."""
    return len(text.strip()) <= 40 and len(text.split()) <= MAX_WORDS_IN_LIST and bool(text.strip())


def sampled(lines: list[str], separator: str) -> Iterator[list[str]]:
    """The first records as this separator would cut them."""
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=spaced("".join(lines[:50]), separator))
    return islice(reader, SAMPLE_RECORDS)


def spaced(text: str, separator: str) -> bool:
    """Whether a space stands between separator and opening quote somewhere."""
    return re.search(re.escape(separator) + r' +"[^"]', text) is not None


def reads_like_prose(lines: list[str], columns: int) -> bool:
    """Whether lines are sentences that happen to hold a separator."""
    texts = [line.strip() for line in lines if line.strip()]
    ends = sum(text.endswith((".", "!", "?", ":")) for text in texts)
    words = sum(len(text.split()) for text in texts)
    names = re.split("[,;\t|]", texts[0])
    if any(squashed(name) in KNOWN_NAMES for name in names):
        return False
    return columns <= MAX_COLUMNS_OF_PROSE and ends >= 0.4 * len(texts) and words >= 3 * columns * len(texts)


def reads_like_list(lines: list[str]) -> bool:
    """Whether lines without a separator are a list of names under a header, and not prose."""
    texts = [line.strip() for line in lines if line.strip()]
    short = sum(len(text) <= MAX_NAME_LENGTH and len(text.split()) <= MAX_WORDS_IN_LIST for text in texts)
    return len(texts) > 1 and short >= MIN_NAMES * len(texts) and unread_separator(texts) is None


def unread_separator(texts: list[str]) -> str | None:
    """A sign that every line has equally often: another separator than the ones read here."""
    for sign in UNREAD_SEPARATORS:
        times = texts[0].count(sign)
        if times and len(texts) > 1 and all(text.count(sign) == times for text in texts):
            return sign
    return None


def header_of(head: FileHead, known: Collection[str]) -> tuple[str, ...]:
    """The column names that the first 64 KiB show; nothing when they show no table."""
    dialect = dialect_of(head)
    if dialect is None or dialect.separator is None:
        return ()
    try:
        rows = (row for _, row in zip(range(100), records(head, dialect), strict=False))
        return read_table(rows, Place(head.name), known).sheet.headers
    except FileRejected:
        return ()


def read_delimited(head: FileHead, *, format_name: str, sheet: str, known: Collection[str]) -> FileRead:
    """The one table of a text file.

    Raises:
        FileRejected: the file is no table, has no header, or no rows.
    """
    dialect = dialect_of(head)
    place = Place(head.name, sheet)
    if dialect is None:
        raise no_table(Place(head.name), head)
    table = read_table(records(head, dialect), place, known)
    traits = {
        "encoding": dialect.encoding,
        "separator": SEPARATORS.get(dialect.separator, dialect.separator) if dialect.separator else "none",
    }
    return FileRead(format_name, (table.sheet,), table.rejects, traits, head.name)


def records(head: FileHead, dialect: Dialect) -> Iterator[RawRow | Reject]:
    """The records of a text table, numbered by the line they begin on; a quote left open costs its own line only."""
    once = Once()
    errors = on_undecodable(dialect.encoding)
    with head.path.open(encoding=dialect.encoding, errors=errors, newline="") as file:
        lines = Lines(bounded_lines(file), dialect)
        while (cells := lines.next_record()) is not None:
            if isinstance(cells, list):
                yield RawRow(lines.first, tuple([once[cell] if cell else None for cell in cells]))
            elif isinstance(cells, CutLine):
                yield Reject(Place(head.name, row=lines.first), "row.endless_line", ENDLESS_LINE, cells[:500])
            else:
                yield Reject(Place(head.name, row=lines.first), "row.unclosed_quote", OPEN_QUOTE, cells[:500])


class CutLine(str):
    """The beginning of a line that is too long to be read."""

    __slots__ = ()


def bounded_lines(file: TextIO) -> Iterator[str]:
    """The lines of a file; of one that is too long only the beginning is kept."""
    while line := file.readline(MAX_LINE_CHARACTERS):
        if len(line) < MAX_LINE_CHARACTERS or line.endswith(("\r", "\n")):
            yield line
        else:
            yield CutLine(line)
            while (more := file.readline(MAX_LINE_CHARACTERS)) and not more.endswith(("\r", "\n")):
                pass


class OpenQuoteError(Exception):
    """A record went on for too many lines."""


class Lines:
    """The lines of a file, with those of the present record at hand so that they can be read anew."""

    def __init__(self, file: Iterator[str], dialect: Dialect) -> None:
        self.file = file
        self.dialect = dialect
        self.waiting: list[str] = []  # lines given back, last first
        self.taken: list[str] = []
        self.first = 1
        self.at_end = False

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_RECORD_LINES:
            raise OpenQuoteError
        line = self.waiting.pop() if self.waiting else next(self.file, None)
        if line is None:
            self.at_end = True
            raise StopIteration
        if isinstance(line, CutLine) and self.taken:
            self.waiting.append(line)
            raise OpenQuoteError
        self.taken.append(line)
        if isinstance(line, CutLine):
            raise OpenQuoteError
        return line.replace("\x00", "")

    def next_record(self) -> list[str] | str | None:
        """The cells of the next record, or the one line that had to be given up; None at the end."""
        self.first += len(self.taken)
        self.taken = []
        self.at_end = False
        try:
            cells = next(self.reader(self), None)
        except (csv.Error, OpenQuoteError):
            return self.give_up()
        if cells is None:
            return None
        if self.at_end or (len(self.taken) > 1 and self.swallowed(cells)):
            return self.give_up()  # at the end the reader asks for one line more only inside quotes
        named = self.first == 1 and SEPARATOR_LINE.fullmatch(self.taken[0])
        return [] if named else cells

    def reader(self, lines: Iterable[str]) -> "Iterator[list[str]]":
        """A reader for the next record; a file without separator is one value a line."""
        separator = self.dialect.separator or UNUSED_SEPARATOR
        return csv.reader(lines, delimiter=separator, skipinitialspace=self.dialect.skip_space)

    def swallowed(self, cells: list[str]) -> bool:
        """Whether a record runs over lines that are records by themselves: the quote it begins was never closed."""
        columns = self.dialect.columns
        if len(cells) == columns <= 2:
            return False  # a sentence with one comma is no sign
        widths = [len(found) for line in self.taken[1:] for found in self.reader([line.replace("\x00", "")])]
        return widths.count(columns) * 2 > len(widths)

    def give_up(self) -> str:
        """Refuse the first line of the present record and give the others back."""
        refused, *back = self.taken
        self.waiting.extend(reversed(back))
        self.taken = [refused]
        return refused if isinstance(refused, CutLine) else refused.strip()


def no_table(place: Place, head: FileHead) -> FileRejected:
    """The refusal of a text without columns, or of bytes that are no text."""
    encoding = encoding_of(head)
    text = head.start.decode(encoding, errors="ignore") if encoding else ""
    if not encoding or not is_text(text):
        message = "The file is neither text nor a format that is known here."
        return FileRejected(place, message, hint="Export the data as CSV or .xlsx.", code="unknown_format")
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if not first:
        hint = "Export it again and check that it has rows."
        return FileRejected(place, "The file holds only blank lines.", hint=hint, code="empty")
    sign = unread_separator([line.strip() for line in text.splitlines()[:100] if line.strip()])
    seems = f' and the lines seem to be separated by "{sign}"' if sign else ""
    message = f'No columns were found{seems}; the first line reads "{first[:60]}".'
    hint = "Export a table with a header row, separated by comma, semicolon, tab or pipe."
    return FileRejected(Place(place.file, row=1), message, hint=hint, code="no_table")
