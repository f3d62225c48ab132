"""A data set from comma-separated text: numbers in columns, and one column that says what each row is."""

import csv
import io
from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from app.csv_rows import LONGEST_NAME, NUMBER, Sheet, expect_name, is_number, sheet_of, shown, wrong
from app.problems import Problem
from engine.arrays import Array
from engine.datasets import Dataset

MOST_CLASSES = 1_000
PREVIEW_ROWS = 8
PREVIEW_CHUNK = 256


@dataclass(frozen=True)
class Table:
    """What was in the text.

    Attributes:
        data: The samples, their columns' names, and the labels: numbers by size, words by alphabet.
        label: The name of the column that the labels stood in.
    """

    data: Dataset
    label: str


@dataclass(frozen=True)
class Column:
    """A column before it is known what it is for.

    Attributes:
        name: From the header, or made up.
        different: How many different values it has; one more than `MOST_CLASSES` stands for more.
        line: The first line on which it is no number, if there is one.
        got: What stands there.
    """

    name: str
    different: int
    line: int | None
    got: str | None


@dataclass(frozen=True)
class Preview:
    """A file before a label was chosen.

    Attributes:
        sheet: How it is written.
        samples: How many rows it has.
        columns: Its columns.
        rows: The first of its rows, as text.
    """

    sheet: Sheet
    samples: int
    columns: list[Column]
    rows: list[list[str]]

    @property
    def label(self) -> str:
        """The column that is likely to be the label: the only one that is no numbers, else the last."""
        words = [column.name for column in self.columns if column.line is not None]
        return words[0] if len(words) == 1 else self.columns[-1].name


def table_of(data: bytes, label: str | None, without: Collection[str] = ()) -> Table:
    """The table that text holds, in UTF-8, with commas, semicolons or tabs."""
    return table_in(sheet_of(data, label), label, without)


def table_in(sheet: Sheet, label: str | None, without: Collection[str] = ()) -> Table:
    """The table that a sheet holds.

    Args:
        sheet: Its rows; a first row of names is the header.
        label: The name of the column that says what each row is; the last one unless given.
        without: Columns that are left out.

    Raises:
        Problem: Text that is no such table, with its line and column.
    """
    names = sheet.names
    if label is None:
        label = names[-1]
    for field, name in (("query.label", label), *(("query.without", name) for name in without)):
        _expect_known(name, names, field)
    place = names.index(label)
    kept = [at for at, name in enumerate(names) if at != place and name not in without]
    if not kept:
        said = "query.without: expected at least one column beside the label to be kept."
        raise Problem("conflict", said, field="query.without")
    cells, lines, labels = array("d"), array("q"), list[str]()
    classes: set[str] = set()
    for line, row in sheet.rows:
        found = [row[at] for at in kept]
        if not all(map(NUMBER.fullmatch, found)):
            raise _no_number(line, row, kept, names)
        name = " ".join(row[place].split())
        expect_name(name, line, "a label", label)
        cells.extend(map(float, found))
        lines.append(line)
        labels.append(name)
        classes.add(name)
        if len(classes) > MOST_CLASSES:
            said = f"expected at most {MOST_CLASSES} different labels"
            raise wrong(line, "classes", said, label, most=MOST_CLASSES)
    input: Array = np.frombuffer(cells, np.float64).reshape(len(lines), len(kept))
    _expect_finite(input, lines, [names[at] for at in kept])
    ordered = _ordered(classes)
    index = {name: number for number, name in enumerate(ordered)}
    target = np.array([[index[name]] for name in labels], np.int64)
    return Table(Dataset(input, target, tuple(names[at] for at in kept), ordered), label)


def text_of(table: Table) -> str:
    """The text of which `table_of` makes this table again, where it is told the label: its last column."""
    out = io.StringIO()
    data = table.data
    # In quotes: a name may be full of semicolons, and the header decides what the delimiter is.
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow([*data.features, table.label])
    writer = csv.writer(out, lineterminator="\n")
    for numbers, (label,) in zip(data.input.tolist(), data.target.tolist(), strict=True):
        writer.writerow([*(repr(one).removesuffix(".0") for one in numbers), data.classes[label]])
    return out.getvalue()


def preview_of(sheet: Sheet) -> Preview:
    """What a file holds, for a person to choose the label.

    Raises:
        Problem: Text that is no table, with its line.
    """
    width = len(sheet.names)
    seen: list[set[int]] = [set() for _ in range(width)]
    # The first line on which a column is no number, and what stands there.
    words: list[tuple[int, str] | None] = [None] * width
    rows: list[list[str]] = []
    samples = 0
    # Column by column, some rows at a time: several times as fast as cell by cell.
    while some := list(islice(sheet.rows, PREVIEW_CHUNK)):
        samples += len(some)
        rows += [[shown(cell) for cell in row] for _, row in some[: PREVIEW_ROWS - len(rows)]]
        for at, column in enumerate(zip(*(row for _, row in some), strict=True)):
            if words[at] is None and not all(map(NUMBER.fullmatch, column)):
                first = next(n for n, cell in enumerate(column) if not is_number(cell))
                words[at] = some[first][0], shown(column[first])
            if len(seen[at]) <= MOST_CLASSES:
                seen[at].update(map(hash, map(str.strip, column)))
    columns = [
        Column(name, min(len(different), MOST_CLASSES + 1), *(word or (None, None)))
        for name, different, word in zip(sheet.names, seen, words, strict=True)
    ]
    return Preview(sheet, samples, columns, rows)


def _expect_known(name: str, names: list[str], field: str) -> None:
    if name not in names:
        said = f"{field}: expected one of {', '.join(names[:20])}, got {name[:LONGEST_NAME]}."
        raise Problem("unknown_value", said, field=field)


def _no_number(line: int, row: list[str], kept: list[int], names: list[str]) -> Problem:
    at = next(at for at in kept if not is_number(row[at]))
    got = shown(row[at])
    if not got:
        return wrong(line, "no_number", "expected a number, got nothing", names[at])
    reason = "decimal_comma" if is_number(got.replace(",", ".", 1)) else "number"
    return wrong(line, reason, f"expected a number, got {got!r}", names[at], got=got)


def _expect_finite(input: Array, lines: Sequence[int], names: list[str]) -> None:
    beyond = np.argwhere(~np.isfinite(input))
    if len(beyond):
        row, column = beyond[0]
        said = "expected a number that float64 holds, got one beyond it"
        raise wrong(lines[row], "large", said, names[column])


def _ordered(classes: set[str]) -> tuple[str, ...]:
    if all(map(is_number, classes)):
        return tuple(sorted(classes, key=lambda label: (float(label), label)))
    return tuple(sorted(classes))
