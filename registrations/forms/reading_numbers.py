"""Reading telephone numbers as people have them: pasted, or in a file from a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from registrations.actions import TypedNumber

MOST_NUMBERS = 1000
LARGEST_FILE = 256 * 1024
# As much of one entry as is shown; a telephone number is never longer.
LONGEST_SHOWN = 40
MOST_COLUMNS = 1000

TOO_MANY = f"At most {MOST_NUMBERS} numbers can be looked at once. Give the rest afterwards."

_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE]\+?\d+")
# How spreadsheets keep a number as it is: ="14155550100", '14155550100. And how they do not.
_AS_TEXT = re.compile(r'="(.*)"|\'(.*)')
_AS_DECIMAL = re.compile(r"(\d{10,11})\.0+")
_BETWEEN_DIGITS = re.compile(r"[\s()./\-]")
_BETWEEN_NUMBERS = re.compile(r"[,;\t\n]")
_NAMES_NUMBERS = re.compile(
    r"(?<![a-z])(numbers?|phones?|telephones?|tel|mobiles?|cells?|msisdn|dids?|e\.?164)(?![a-z])"
)


def numbers_in_text(text: str) -> list[TypedNumber]:
    """Every entry between line ends, commas, semicolons and tabs, each with its line."""
    return [
        number
        for line, row in enumerate(_with_plain_line_ends(text).split("\n"), start=1)
        for number in _typed(f"line {line}", row)
    ]


def numbers_in_file(upload: UploadedFile) -> tuple[list[TypedNumber], str]:
    """The numbers of a CSV or text file, and the heading under which they stand ("" if none).

    Raises ValidationError in a user's words if it is no such file, or if no column holds numbers.
    """
    if (upload.size or 0) > LARGEST_FILE:
        raise ValidationError(
            f"The file is larger than {LARGEST_FILE // 1024} KiB. Keep only the column of numbers."
        )
    rows = list(_rows(_text(upload.read())))
    columns = _columns_of_numbers([cells for _, cells in rows])
    heading = ""
    if rows and _is_heading(rows[0][1], columns):
        _, cells = rows.pop(0)
        heading = ", ".join(_shown(_cell(cells, at)) for at in columns)
    numbers = [
        number
        for line, cells in rows
        for at in columns
        for number in _typed(f"line {line} of the file", _cell(cells, at))
    ]
    if not numbers:
        raise ValidationError("There is no number in the file.")
    return numbers, heading


def digits_of(text: str) -> str:
    """A telephone number as Plivo writes it; what is not one is left as it was typed."""
    bare = _plain(text)
    if kept := _AS_TEXT.fullmatch(bare):
        bare = kept[1] or kept[2] or ""
    if decimal := _AS_DECIMAL.fullmatch(bare):
        bare = decimal[1]
    digits = _BETWEEN_DIGITS.sub("", bare.removeprefix("tel:").strip().removeprefix("+"))
    if not digits.isascii() or not digits.isdigit():
        return _shown(text)
    return _shown(f"1{digits}" if len(digits) == 10 else digits)


def _typed(place: str, cell: str) -> Iterator[TypedNumber]:
    for entry in _BETWEEN_NUMBERS.split(cell):
        if not entry.strip():
            continue
        damage = ""
        if _SCIENTIFIC.fullmatch(_plain(entry)):
            damage = "A spreadsheet has rounded this number, so that its last digits are lost."
        yield TypedNumber(place, _shown(entry), digits_of(entry), damage)


def _plain(text: str) -> str:
    """Without the invisible marks, typographic dashes and odd blanks that copying brings along."""
    if text.isascii():
        return text.strip()
    plain = unicodedata.normalize("NFKC", text)
    kinds = [(sign, unicodedata.category(sign)) for sign in plain]
    return "".join(
        "-" if kind == "Pd" else " " if kind == "Zs" else sign
        for sign, kind in kinds
        if kind != "Cf"
    ).strip()


def _shown(text: str) -> str:
    folded = " ".join(text[: 4 * LONGEST_SHOWN].split())
    return folded if len(folded) <= LONGEST_SHOWN else folded[: LONGEST_SHOWN - 1] + "…"


def _text(data: bytes) -> str:
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ValidationError(
            "This is a workbook of a spreadsheet program. Save the sheet as CSV, and upload that."
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            # Latin-1 as Windows has it: dashes and quotation marks where there is nothing else.
            text = data.decode("cp1252", "replace")
    text = _with_plain_line_ends(text)
    for line, row in enumerate(text.split("\n"), start=1):
        if any(unicodedata.category(sign) == "Cc" and sign != "\t" for sign in row):
            raise ValidationError(
                f"Line {line} of the file is not text. Save the numbers as CSV, and upload that."
            )
    return text


def _with_plain_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, each with the line on which it begins."""
    lines = text.split("\n")
    delimiter = max(",;\t|", key=lambda sign: sum(sign in line for line in lines[:50]))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    count, begins = 0, 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                count += 1
                # The first may be the headings.
                if count > MOST_NUMBERS + 1:
                    raise ValidationError(
                        f"The file has more than {MOST_NUMBERS} rows. Split it, and upload the "
                        "parts one after the other."
                    )
                if len(cells) > MOST_COLUMNS:
                    raise ValidationError(
                        f"Line {begins} of the file has more than {MOST_COLUMNS} columns."
                    )
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as trouble:
        raise ValidationError(
            f"Line {begins} of the file cannot be read as CSV: {trouble}."
        ) from trouble


def _columns_of_numbers(rows: list[list[str]]) -> list[int]:
    """Where the numbers stand: by the heading if it says so, else wherever cells look like them."""
    width = max((len(cells) for cells in rows), default=0)
    if width <= 1:
        return [0]
    hits = Counter(
        at for cells in rows for at, cell in enumerate(cells) if _looks_like_a_number(cell)
    )
    named = [at for at, heading in enumerate(rows[0]) if _names_numbers(heading)]
    if any(hits[at] for at in named):
        return [max(named, key=lambda at: hits[at])]
    if hits:
        return sorted(hits)
    if len(named) == 1:
        return named
    raise ValidationError(
        "No column of the file holds telephone numbers. Give that column the heading “Number”."
    )


def _is_heading(cells: list[str], columns: list[int]) -> bool:
    """Whether this first row names the columns instead of holding numbers."""
    mine = [_cell(cells, at) for at in columns]
    if any(_looks_like_a_number(cell) for cell in mine):
        return False
    alone = len(cells) == 1
    return any(_names_numbers(cell) for cell in mine) or (
        not alone and not any(sign.isdigit() for cell in mine for sign in cell)
    )


def _cell(cells: list[str], column: int) -> str:
    return cells[column] if column < len(cells) else ""


def _names_numbers(heading: str) -> bool:
    return _NAMES_NUMBERS.search(_plain(heading[:200]).lower().replace("_", " ")) is not None


def _looks_like_a_number(cell: str) -> bool:
    if len(cell) > LONGEST_SHOWN:
        return False
    digits = digits_of(cell)
    return (digits.isdigit() and len(digits) == 11) or bool(_SCIENTIFIC.fullmatch(_plain(cell)))
