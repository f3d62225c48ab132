"""A data set from comma-separated text: numbers in columns, and one column that says what each row is."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from app.problems import Problem
from engine.arrays import Array

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
"""No underscores and no digits of other scripts, which `float` would take."""

MOST_ROWS = 100_000
MOST_COLUMNS = 1_000
MOST_CLASSES = 1_000
LONGEST_NAME = 100


@dataclass(frozen=True)
class Table:
    """What was in the text.

    Attributes:
        input: (samples, features), float64.
        target: (samples, 1), int64: the index of each row's class.
        features: The names of the columns.
        classes: The labels, in order: numbers by size, words by alphabet.
    """

    input: Array
    target: Array
    features: tuple[str, ...]
    classes: tuple[str, ...]


def table_of(data: bytes, label: str | None) -> Table:
    """The table that a file holds.

    Args:
        data: UTF-8, with commas, semicolons or tabs; a first line that is no numbers is the header.
        label: The name of the column that says what each row is; the last one unless given.

    Raises:
        Problem: Text that is no such table, with its line and column.
    """
    rows = list(_rows(data))
    if not rows:
        raise _wrong(1, "expected rows of numbers, got nothing")
    first_line, first = rows[0]
    headed = not all(_is_number(cell) for cell in first[:-1]) or (label is not None and label in first)
    names = (
        [cell.strip() for cell in first] if headed else [f"x{n}" for n in range(len(first) - 1)] + ["label"]
    )
    _expect_names(names, first_line)
    place = _label_place(names, label)
    body = rows[1:] if headed else rows
    if not body:
        raise _wrong(first_line, "expected rows below the header, got none")
    numbers = [_numbers(line, row, names, place) for line, row in body]
    labels = [_label(line, row, names, place) for line, row in body]
    classes = _classes(labels)
    index = {name: number for number, name in enumerate(classes)}
    target = np.array([[index[name]] for name in labels], np.int64)
    features = tuple(name for at, name in enumerate(names) if at != place)
    return Table(np.array(numbers, np.float64), target, features, classes)


def _rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each with its line in the file."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _wrong(line, "expected text in UTF-8, got other bytes") from None
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    width = None
    try:
        for row in reader:
            if not row or row == [""]:
                continue
            width = width or len(row)
            if len(row) != width:
                raise _wrong(reader.line_num, f"expected {width} columns, got {len(row)}")
            if not 2 <= width <= MOST_COLUMNS:
                raise _wrong(reader.line_num, f"expected 2 to {MOST_COLUMNS} columns, got {width}")
            yield reader.line_num, row
            if reader.line_num > MOST_ROWS + 1:
                raise _wrong(reader.line_num, f"expected at most {MOST_ROWS} rows")
    except csv.Error as error:
        raise _wrong(reader.line_num, f"expected comma-separated text, got {error}") from None


def _expect_names(names: list[str], line: int) -> None:
    for at, name in enumerate(names):
        if not name or len(name) > LONGEST_NAME:
            raise _wrong(line, f"expected a name of 1 to {LONGEST_NAME} characters", str(at + 1))
        if name in names[:at]:
            raise _wrong(line, "expected each name once, got it twice", name)


def _label_place(names: list[str], label: str | None) -> int:
    if label is None:
        return len(names) - 1
    if label not in names:
        raise Problem(
            "unknown_value",
            f"query.label: expected one of {', '.join(names[:20])}, got {label[:LONGEST_NAME]}.",
            field="query.label",
        )
    return names.index(label)


def _numbers(line: int, row: list[str], names: list[str], place: int) -> list[float]:
    found: list[float] = []
    for at, cell in enumerate(row):
        if at == place:
            continue
        if not _is_number(cell):
            raise _wrong(line, f"expected a number, got {_shown(cell)}", names[at])
        value = float(cell)
        if not np.isfinite(value):
            raise _wrong(line, f"expected a number that float64 holds, got {_shown(cell)}", names[at])
        found.append(value)
    return found


def _label(line: int, row: list[str], names: list[str], place: int) -> str:
    label = row[place].strip()
    if not label or len(label) > LONGEST_NAME:
        said = f"expected a label of 1 to {LONGEST_NAME} characters, got {_shown(label)}"
        raise _wrong(line, said, names[place])
    return label


def _classes(labels: list[str]) -> tuple[str, ...]:
    found = set(labels)
    if len(found) > MOST_CLASSES:
        raise Problem(
            "out_of_range",
            f"body: expected at most {MOST_CLASSES} different labels, got {len(found)}.",
            field="body",
            figure=len(found),
            limit=MOST_CLASSES,
        )
    if all(_is_number(label) for label in found):
        return tuple(sorted(found, key=lambda label: (float(label), label)))
    return tuple(sorted(found))


def _is_number(cell: str) -> bool:
    return NUMBER.fullmatch(cell.strip()) is not None


def _shown(cell: str) -> str:
    text = cell.strip()
    return repr(text if len(text) <= 40 else text[:39] + "…") if text else "nothing"


def _wrong(line: int, said: str, column: str | None = None) -> Problem:
    place = f"line {line}" if column is None else f"line {line}, column {column}"
    return Problem("csv_invalid", f"{place}: {said}.", field="body", line=line, column=column)
