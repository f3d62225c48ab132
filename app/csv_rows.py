"""Comma-separated text as rows, each with its line in the file, below a header or none."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from app.problems import Problem

NUMBER = re.compile(r"\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
"""No underscores and no digits of other scripts, which `float` would take; read in one go, however long."""

MOST_ROWS = 100_000
MOST_COLUMNS = 1_000
LONGEST_NAME = 100
DELIMITERS = ",;\t"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

Row = tuple[int, list[str]]
"""The line on which a row begins, and its cells."""


@dataclass(frozen=True)
class Sheet:
    """What stands in a file, as text.

    Attributes:
        delimiter: What stands between two cells; nothing where they were arrays.
        headed: Whether the first row names the columns.
        names: The columns', made up where there is no header.
        rows: Those below the header, read as they are asked for.
    """

    delimiter: str
    headed: bool
    names: list[str]
    rows: Iterator[Row]


def sheet_of(data: bytes, label: str | None = None) -> Sheet:
    """The sheet that a file holds.

    Args:
        data: UTF-8, with commas, semicolons or tabs.
        label: A column that the header must have, where it is given and stands in the first row.

    Raises:
        Problem: Text that is no table, with its line; the rows raise it too.
    """
    text = _decoded(data)
    delimiter = max(DELIMITERS, key=lambda one: _regular(text, one))
    rows = _rows(text, delimiter)
    top = list(islice(rows, 2))
    if not top:
        raise wrong(1, "empty", "expected rows of numbers, got nothing")
    line, first = top[0]
    headed = _is_header(first, top[1][1] if len(top) > 1 else None) or (label is not None and label in first)
    names = [" ".join(cell.split()) for cell in first] if headed else [f"x{n}" for n in range(len(first))]
    expect_names(names, line)
    if headed and len(top) == 1:
        raise wrong(line, "no_rows", "expected rows below the header, got none")
    return Sheet(delimiter, headed, names, _bounded(chain(top[headed:], rows)))


def is_number(cell: str) -> bool:
    """Whether a cell is a decimal number."""
    return NUMBER.fullmatch(cell) is not None


def shown(cell: str) -> str:
    """A cell, short enough to print."""
    text = cell.strip()
    return text if len(text) <= 40 else text[:39] + "…"


def wrong(line: int, reason: str, said: str, column: str | None = None, **params: Any) -> Problem:
    """What is wrong with a file, and where.

    Args:
        line: From 1.
        reason: A word for it, by which the catalogues have their sentences.
        said: The sentence's end.
        column: The name of the column, or its number.
        params: The figures of the sentence.
    """
    place = f"line {line}" if column is None else f"line {line}, column {column}"
    return Problem(
        "csv_invalid",
        f"{place}: {said}.",
        field="body",
        line=line,
        column=column,
        reason=reason,
        **params,
    )


def expect_name(text: str, line: int, what: str, column: str) -> None:
    """Refuse a name that nobody could read.

    Raises:
        Problem: It is empty, too long, or has a control character in it.
    """
    said = (
        f"expected {what} of 1 to {LONGEST_NAME} characters, got {repr(shown(text)) if text else 'nothing'}"
    )
    if not text:
        raise wrong(line, "no_name", said, column)
    if len(text) > LONGEST_NAME:
        raise wrong(line, "long_name", said, column, most=LONGEST_NAME)
    if CONTROL.search(text):
        raise wrong(line, "control", f"expected {what} without control characters", column)


def expect_names(names: list[str], line: int) -> None:
    """Refuse names of columns that nobody could read or tell apart.

    Raises:
        Problem: One is empty, too long, or there twice.
    """
    known: set[str] = set()
    for at, name in enumerate(names):
        expect_name(name, line, "a name", str(at + 1))
        if name in known:
            raise wrong(line, "twice", "expected each name once, got it twice", name)
        known.add(name)


def _decoded(data: bytes) -> str:
    if data[:2] in UTF_16 or b"\0" in data[:2]:
        raise wrong(1, "utf_16", "expected text in UTF-8, got UTF-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise wrong(line, "encoding", "expected text in UTF-8, got other bytes") from None


def _regular(text: str, delimiter: str) -> tuple[bool, int]:
    """Whether the first two rows are equally wide by a delimiter, and how wide: names may hold the others."""
    rows = csv.reader(io.StringIO(text[:65_536], newline=""), delimiter=delimiter)
    widths = [len(row) for row in islice(filter(any, rows), 2)]
    widest = max(widths, default=0)
    return widest > 1 and len(set(widths)) == 1, widest


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    """The rows that are not empty, all of the first one's width."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    width, line = None, 1
    try:
        for row in reader:
            here, line = line, reader.line_num + 1
            if not any(row):
                continue
            width = width or len(row)
            if not 2 <= width <= MOST_COLUMNS:
                said = f"expected 2 to {MOST_COLUMNS} columns, got {width}"
                raise wrong(here, "columns", said, most=MOST_COLUMNS, got=width)
            if len(row) != width:
                said = f"expected {width} columns, got {len(row)}"
                raise wrong(here, "width", said, expected=width, got=len(row))
            yield here, row
    except csv.Error as error:
        raise _no_csv(error, line, reader.line_num) from None


def _no_csv(error: csv.Error, first: int, last: int) -> Problem:
    """What the csv module found, in words that say what to do; it began on the first of these lines."""
    said = str(error)
    large = "field larger" in said
    if "unexpected end" in said or (large and last > first):
        return wrong(first, "quote", "expected the quote that opens here to be closed")
    if large:
        return wrong(first, "long_cell", f"expected cells of at most {csv.field_size_limit()} characters")
    return wrong(last, "quoted", "expected a delimiter after the quote that closes a cell")


def _bounded(rows: Iterator[Row]) -> Iterator[Row]:
    for count, row in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise wrong(row[0], "rows", f"expected at most {MOST_ROWS} rows", most=MOST_ROWS)
        yield row


def _is_header(first: list[str], second: list[str] | None) -> bool:
    """Names stand above numbers; a row without a single number is no sample."""
    if not any(map(is_number, first)):
        return True
    return second is not None and any(
        is_number(below) and cell.strip() and not is_number(cell)
        for cell, below in zip(first, second, strict=True)
    )
