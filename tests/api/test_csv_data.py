"""Comma-separated text as a data set, or the line and the column that are wrong."""

from typing import Any

import numpy as np
import pytest

from app import csv_data
from app.csv_data import table_of
from app.problems import Problem


def test_a_header_and_words_for_labels() -> None:
    table = table_of(b"width,height,kind\n1,2.5,cat\n-3e1,.5,dog\n\n4.,5,cat\n", None)
    assert table.features == ("width", "height")
    assert table.classes == ("cat", "dog")
    np.testing.assert_array_equal(table.input, [[1, 2.5], [-30, 0.5], [4, 5]])
    np.testing.assert_array_equal(table.target, [[0], [1], [0]])


def test_no_header_and_numbers_for_labels() -> None:
    table = table_of("\ufeff1;2;10\r\n3;4;9\r\n".encode(), None)
    assert table.features == ("x0", "x1")
    assert table.classes == ("9", "10")
    np.testing.assert_array_equal(table.target, [[1], [0]])


def test_a_label_column_by_name() -> None:
    table = table_of("种类\t长\t宽\n甲\t1\t2\n乙\t3\t4\n".encode(), "种类")
    assert table.features == ("长", "宽")
    assert table.classes == ("乙", "甲")
    np.testing.assert_array_equal(table.input, [[1, 2], [3, 4]])


def test_quoted_cells_may_hold_commas_and_markup() -> None:
    table = table_of(b'a,"b, c",kind\n1,2,"<b>x</b>"\n', None)
    assert table.features == ("a", "b, c")
    assert table.classes == ("<b>x</b>",)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "line 1: expected rows of numbers, got nothing"),
        (b"a,b,kind\n", "line 1: expected rows below the header, got none"),
        (b"a,b,kind\n1,2,x\n1,,x\n", "line 3, column b: expected a number, got nothing"),
        (b"a,b,kind\n1,1_000,x\n", "line 2, column b: expected a number, got '1_000'"),
        ("a,b,kind\n1,٣,x\n".encode(), "line 2, column b: expected a number, got '٣'"),
        (b"a,b,kind\n1,nan,x\n", "line 2, column b: expected a number, got 'nan'"),
        (b"a,b,kind\n1,1e999,x\n", "line 2, column b: expected a number that float64 holds, got '1e999'"),
        (b"a,b,kind\n1,2\n", "line 2: expected 3 columns, got 2"),
        (b"a,b,kind\n1,2,\n", "line 2, column kind: expected a label of 1 to 100 characters, got nothing"),
        (b"a,a,kind\n1,2,x\n", "line 1, column a: expected each name once, got it twice"),
        (b"a,,kind\n1,2,x\n", "line 1, column 2: expected a name of 1 to 100 characters"),
        (b"a\n1\n", "line 1: expected 2 to 1000 columns, got 1"),
        (b"a,b\n1,\xff\n", "line 2: expected text in UTF-8, got other bytes"),
        (b'a,b\n1,"x\n', "line 2: expected comma-separated text, got unexpected end of data"),
        (b"a,b\n1,x" + b"\0" * 3 + b"\n" + b"2," + b"y" * 101, "expected a label of 1 to 100"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(data: bytes, said: str) -> None:
    with pytest.raises(Problem, match="line") as caught:
        table_of(data, None)
    assert said in str(caught.value)


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: dict[str, Any] = {"MOST_ROWS": 2, "MOST_COLUMNS": 3, "MOST_CLASSES": 1}
    for name, value in limits.items():
        monkeypatch.setattr(csv_data, name, value)
    for data in (b"1,2,x\n" * 9, b"1,2,3,x\n", b"1,2,x\n1,2,y\n"):
        with pytest.raises(Problem, match="expected"):
            table_of(data, None)


def test_a_label_that_is_no_column_is_refused() -> None:
    with pytest.raises(Problem, match="expected one of a, b, kind"):
        table_of(b"a,b,kind\n1,2,x\n", "colour")
