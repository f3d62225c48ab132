"""A data set from NumPy's files: an archive of input and target, or one array, its last column the label."""

from collections.abc import Iterator

from app.csv_rows import MOST_COLUMNS, MOST_ROWS, Row, Sheet, expect_names, wrong
from app.npy_files import NPY, NPZ, array_of, members_of, unfit_members
from app.problems import Problem
from engine.arrays import Array

TARGET = "target"
FEATURES = "features"
MEMBERS = ("input", TARGET, FEATURES)
"""The arrays of an archive; features, the columns' names, may be missing."""

MOST_CELLS = 2_000_000
"""Read one by one, as text is: some seconds."""


def is_numpy(data: bytes) -> bool:
    """Whether this is one of NumPy's files, by how it begins."""
    return data.startswith((NPY, *NPZ))


def sheet_of_arrays(data: bytes, limit: int) -> Sheet:
    """The same that comma-separated text is read as: rows of text, the label last.

    Args:
        data: The file.
        limit: The most bytes that its arrays may have.

    Raises:
        Problem: It is none, or its arrays do not fit each other.
    """
    if data.startswith(NPY):
        table = _table_of("table", array_of(data))
        _expect_columns("table", table, 2, MOST_COLUMNS)
        return _sheet([*_numbered(table.shape[1] - 1), TARGET], [table])
    arrays = members_of(data, MEMBERS, limit)
    if not {"input", TARGET} <= set(arrays):
        raise unfit_members(", ".join(arrays))
    input, target = _table_of("input", arrays["input"]), arrays[TARGET]
    _expect_columns("input", input, 1, MOST_COLUMNS - 1)
    samples, width = input.shape
    if target.shape not in ((samples,), (samples, 1)):
        raise _unfit(TARGET, f"({samples},)", target)
    names = _numbered(width)
    if FEATURES in arrays:
        if arrays[FEATURES].shape != (width,):
            raise _unfit(FEATURES, f"({width},)", arrays[FEATURES])
        names = [" ".join(str(name).split()) for name in arrays[FEATURES].tolist()]
    return _sheet([*names, TARGET], [input, target.reshape(samples, 1)])


def _sheet(names: list[str], beside: list[Array]) -> Sheet:
    samples, cells = len(beside[0]), sum(array.size for array in beside)
    if samples > MOST_ROWS:
        raise wrong(MOST_ROWS + 1, "rows", f"expected at most {MOST_ROWS} rows", most=MOST_ROWS)
    if cells > MOST_CELLS:
        said = f"The arrays have {cells} cells; the limit is {MOST_CELLS}."
        raise Problem("too_many_cells", said, field="body", figure=cells, limit=MOST_CELLS)
    expect_names(names, 1)
    return Sheet("", True, names, _rows(beside))


def _rows(beside: list[Array]) -> Iterator[Row]:
    for number, parts in enumerate(zip(*beside, strict=True), 1):
        yield number, [_written(cell) for part in parts for cell in part.tolist()]


def _written(cell: object) -> str:
    """A cell as text that is read as the same number again."""
    if isinstance(cell, float):
        return repr(cell).removesuffix(".0")
    return str(int(cell)) if isinstance(cell, bool) else str(cell)


def _table_of(name: str, array: Array) -> Array:
    if array.ndim != 2:
        raise _unfit(name, "(samples, columns)", array)
    return array


def _expect_columns(name: str, table: Array, least: int, most: int) -> None:
    if not least <= table.shape[1] <= most:
        raise _unfit(name, f"(samples, {least} … {most})", table)


def _numbered(count: int) -> list[str]:
    return [f"x{n}" for n in range(count)]


def _unfit(name: str, expected: str, array: Array) -> Problem:
    got = str(array.shape)
    said = f"{name}: expected the shape {expected}, got {got}."
    return Problem("npy_shape", said, field="body", array=name, expected=expected, got=got)
