"""Brands and campaigns from a CSV file, which comes back with what became of each row.

A file is read whole or not at all. Each row of it is then a matter of its own: by the rules of the
forms it becomes a draft, or is refused; either way its line says so in two more columns, so that
the answer can be corrected and given once more. What an `external_id` names is made once.
"""

from registrations.importing.columns import LAYOUTS, Column, Layout
from registrations.importing.files import (
    LARGEST_FILE,
    MOST_ROWS,
    Line,
    Table,
    Unreadable,
    read,
)
from registrations.importing.rows import Import, Outcome, Result, answered, counted

__all__ = [
    "LARGEST_FILE",
    "LAYOUTS",
    "MOST_ROWS",
    "Column",
    "Import",
    "Layout",
    "Line",
    "Outcome",
    "Result",
    "Table",
    "Unreadable",
    "answered",
    "counted",
    "read",
]
