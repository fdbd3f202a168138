"""Reading a CSV file strictly, and writing it again as it was.

Whatever is odd about the file as a whole is said once, with the line and the remedy: guessing would
put texts into the wrong fields.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from registrations.exporting import neutralised

MOST_ROWS = 1000
LARGEST_FILE = 5 * 1024 * 1024
DELIMITERS = ",;\t"
# By this Excel knows the encoding.
BYTE_ORDER_MARK = "\ufeff"
LONGEST_SHOWN = 40


class Unreadable(Exception):
    """The file as a whole cannot be used, and nothing of it was. The message says what mends it."""


@dataclass(frozen=True)
class Line:
    """A row: its number as a spreadsheet counts it, with the headings as 1, and its cells."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A file that was understood: its columns in their order, as its first line has them."""

    headings: list[str]
    delimiter: str
    lines: list[Line]


def read(
    data: bytes,
    known: Collection[str],
    needed: Iterable[Sequence[str]],
    replaced: Collection[str] = (),
) -> Table:
    """The rows of a file whose columns are all `known`; raises Unreadable.

    Of each group in `needed` one column has to be there. Columns to be `replaced` by an answer are
    passed over.
    """
    text = _text(data)
    delimiter = _delimiter(text, known)
    records = list(_records(text, delimiter))
    if not records:
        raise Unreadable("The file is empty. Its first line names the columns; see the template.")
    _, _, headings = records.pop(0)
    names = [name_of(heading) for heading in headings]
    _demand_columns(headings, names, {*known, *replaced}, list(needed))
    if not records:
        raise Unreadable("The file has no row below its headings. Fill one in for each.")
    kept = [at for at, name in enumerate(names) if name not in replaced]
    return Table(
        headings=[headings[at] for at in kept],
        delimiter=delimiter,
        lines=[
            Line(number, _cells(begins, cells, names, kept)) for number, begins, cells in records
        ],
    )


def write(
    headings: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = DELIMITERS[0]
) -> str:
    """The same as text of a CSV file, with formulas neutralised."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    file.write(BYTE_ORDER_MARK)
    writer.writerow(headings)
    writer.writerows([neutralised(cell) for cell in row] for row in rows)
    return file.getvalue()


def name_of(heading: str) -> str:
    """The column that a heading means: blanks around it and capitals do not matter."""
    return heading.strip().lower()


def _text(data: bytes) -> str:
    if len(data) > LARGEST_FILE:
        most = LARGEST_FILE // 1024**2
        raise Unreadable(f"The file is larger than {most} MB. Split it, and import the parts.")
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Unreadable(
            "This is a workbook of a spreadsheet program. Save the sheet as “CSV UTF-8”."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as trouble:
        line = data.count(b"\n", 0, trouble.start) + 1
        raise Unreadable(
            f"Line {line} is not UTF-8, so that letters would be mistaken for others. Save the "
            "file as “CSV UTF-8”."
        ) from trouble
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise Unreadable(
            f"Line {line} holds a NUL, which no text does. Save the file as “CSV UTF-8”."
        )
    return text


def _delimiter(text: str, known: Collection[str]) -> str:
    """The one that finds the most columns in the first line."""
    first = re.split(r"[\r\n]", text.lstrip(), maxsplit=1)[0]

    def found(sign: str) -> int:
        return len({part.strip(' "').lower() for part in first.split(sign)} & {*known})

    return max(DELIMITERS, key=found)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, int, list[str]]]:
    """The rows that hold anything, each with its number and the line on which it begins."""
    # Strict: a quote that is never closed would swallow the rest of the file.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    count, begins = 0, 1
    try:
        for number, cells in enumerate(reader, start=1):
            if any(cell.strip() for cell in cells):
                count += 1
                if count > MOST_ROWS + 1:
                    message = f"The file has more than {MOST_ROWS:,} rows."
                    raise Unreadable(f"{message} Split it, and import the parts.")
                yield number, begins, cells
            begins = reader.line_num + 1
    except csv.Error as trouble:
        raise Unreadable(
            f"The row that begins on line {begins} is no CSV: {trouble}. A text that holds a "
            "delimiter, a line end or a quote stands between quotes, and its own quotes are "
            "doubled."
        ) from trouble


def _demand_columns(
    headings: list[str], names: list[str], known: Collection[str], needed: list[Sequence[str]]
) -> None:
    if not set(names) & set(known):
        raise Unreadable(
            "The first line names no column that is known here. Begin with the template, whose "
            "first line does."
        )
    first: dict[str, int] = {}
    for place, (heading, name) in enumerate(zip(headings, names, strict=True), start=1):
        if not name:
            raise Unreadable(f"Column {place} has no heading. Name it, or delete the column.")
        if name not in known:
            near = difflib.get_close_matches(name[: 2 * LONGEST_SHOWN], known, n=1)
            remedy = f"Did you mean “{near[0]}”?" if near else "Delete it, or see the template."
            raise Unreadable(f"Column {place}, “{_shown(heading)}”, is not known here. {remedy}")
        if name in first:
            raise Unreadable(
                f"Column {place} is “{name}”, as column {first[name]} is. Delete one of the two."
            )
        first[name] = place
    for group in needed:
        if not first.keys() & set(group):
            missing = "” or “".join(group)
            raise Unreadable(f"The column “{missing}” is missing. Add it, and fill it in.")


def _cells(begins: int, cells: list[str], names: list[str], kept: list[int]) -> dict[str, str]:
    if any(cell.strip() for cell in cells[len(names) :]):
        raise Unreadable(
            f"The row that begins on line {begins} has {len(cells)} cells for {len(names)} "
            "columns. Put a text that holds a delimiter between quotes."
        )
    # Spreadsheets leave out empty cells at the end of a row.
    filled = cells + [""] * (len(names) - len(cells))
    return {names[at]: _restored(filled[at]) for at in kept}


def _restored(cell: str) -> str:
    """The cell as it was before an answer neutralised it."""
    bare = cell.removeprefix("'")
    return bare if neutralised(bare) == cell else cell


def _shown(text: str) -> str:
    folded = " ".join(text[: 4 * LONGEST_SHOWN].split())
    return folded if len(folded) <= LONGEST_SHOWN else folded[: LONGEST_SHOWN - 1] + "…"
