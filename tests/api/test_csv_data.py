"""Comma-separated text as a data set, or the line and the column that are wrong."""

import numpy as np
import pytest

from app import csv_data, csv_rows
from app.csv_data import Column, preview_of, table_of, text_of
from app.csv_rows import sheet_of
from app.problems import Problem
from app.uploads import packed


def test_a_header_and_words_for_labels() -> None:
    table = table_of(b"width,height,kind\n1,2.5,cat\n-3e1,.5,dog\n\n4.,5,cat\n", None)
    assert table.label == "kind"
    assert table.data.features == ("width", "height")
    assert table.data.classes == ("cat", "dog")
    np.testing.assert_array_equal(table.data.input, [[1, 2.5], [-30, 0.5], [4, 5]])
    np.testing.assert_array_equal(table.data.target, [[0], [1], [0]])


def test_no_header_and_numbers_for_labels() -> None:
    table = table_of("\ufeff1;2;10\r\n3;4;9\r\n".encode(), None)
    assert table.label == "x2"
    assert table.data.features == ("x0", "x1")
    assert table.data.classes == ("9", "10")
    np.testing.assert_array_equal(table.data.target, [[1], [0]])


def test_a_label_column_by_name() -> None:
    table = table_of("种类\t长\t宽\n甲\t1\t2\n乙\t3\t4\n".encode(), "种类")
    assert table.data.features == ("长", "宽")
    assert table.data.classes == ("乙", "甲")
    np.testing.assert_array_equal(table.data.input, [[1, 2], [3, 4]])


def test_quoted_cells_may_hold_commas_and_markup() -> None:
    table = table_of(b'a,"b, c",kind\n1,2,"<b>x</b>"\n', None)
    assert table.data.features == ("a", "b, c")
    assert table.data.classes == ("<b>x</b>",)


@pytest.mark.parametrize(
    ("data", "headed"),
    [
        (b"a,b\n1,x\n", True),
        (b"setosa,5.1\nversicolor,4.9\n", False),  # a label in front is no header
        (b"country,1990,1991\n7,3,4\n", True),  # years as names
        (b"1,2\n3,4\n", False),
        (b",2\n1,2\n", False),  # a number that is missing
    ],
)
def test_names_are_told_from_samples(data: bytes, headed: bool) -> None:
    assert sheet_of(data).headed is headed


def test_a_header_of_numbers_is_one_where_the_label_is_in_it() -> None:
    assert table_of(b"1,2,kind\n1,2,x\n", "kind").data.features == ("1", "2")


def test_columns_are_left_out() -> None:
    table = table_of(b"id,a,name,kind\nq,1,Ann,x\nr,2,Bob,y\n", "kind", ["id", "name"])
    assert table.data.features == ("a",)
    np.testing.assert_array_equal(table.data.input, [[1], [2]])


def test_nothing_left_to_learn_from_is_refused() -> None:
    with pytest.raises(Problem, match="expected at least one column beside the label"):
        table_of(b"a,kind\n1,x\n", "kind", ["a"])


def test_a_preview_says_what_each_column_is() -> None:
    found = preview_of(sheet_of(b"id;a;kind\nn1;1;x\nn2;2.5;y\nn3;?;x\n" + b"n4;1;x\n" * 9))
    assert (found.sheet.delimiter, found.sheet.headed, found.samples) == (";", True, 12)
    assert found.columns == [Column("id", 4, 2, "n1"), Column("a", 3, 4, "?"), Column("kind", 2, 2, "x")]
    assert found.rows[:2] == [["n1", "1", "x"], ["n2", "2.5", "y"]]
    assert len(found.rows) == 8
    assert found.label == "kind"


@pytest.mark.parametrize(
    ("data", "label"),
    [(b"kind,a,b\nx,1,2\ny,3,4\n", "kind"), (b"a,b,c\n1,2,0\n3,4,1\n", "c"), (b"p,q,r\nx,y,1\n", "r")],
)
def test_the_label_is_guessed(data: bytes, label: str) -> None:
    assert preview_of(sheet_of(data)).label == label


@pytest.mark.parametrize(
    "data",
    [
        b"a,b,kind\n1e300,-0.1,x\n5,1e-9,y\n",
        b'a,"b;c;d;e",kind\n1,2,"x, y"\n3,4,"say ""z"""\n',
        b"1,2,3\n4,5,6\n",
        b"kind,1,2\nx,3,4\n",
        "\t种类\t,长\n5,甲\n".encode(),
    ],
)
def test_a_table_as_text_is_the_same_table(data: bytes) -> None:
    table = table_of(data, "kind" if data.startswith(b"kind") else None)
    assert packed(table_of(text_of(table).encode(), table.label)) == packed(table)


def test_lines_are_those_of_the_file() -> None:
    data = b'a,kind\r\n\r\n1,"two\r\nlines"\r\n,,\r\n\r\nx,z\r\n'
    with pytest.raises(Problem, match="line 5: expected 2 columns, got 3"):
        table_of(data.replace(b",,", b"1,2,3"), None)
    with pytest.raises(Problem, match="line 7, column a: expected a number, got 'x'"):
        table_of(data.replace(b",,", b","), None)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "line 1: expected rows of numbers, got nothing"),
        (b"a,b,kind\n", "line 1: expected rows below the header, got none"),
        (b"a,b,kind\n1,2,x\n1,,x\n", "line 3, column b: expected a number, got nothing"),
        (b"a,b,kind\n1,1_000,x\n", "line 2, column b: expected a number, got '1_000'"),
        ("a,b,kind\n1,٣,x\n".encode(), "line 2, column b: expected a number, got '٣'"),
        (b"a,b,kind\n1,nan,x\n", "line 2, column b: expected a number, got 'nan'"),
        (
            b"a,b,kind\n1,1e999,x\n",
            "line 2, column b: expected a number that float64 holds, got one beyond it",
        ),
        (b"a,b,kind\n1,2\n", "line 2: expected 3 columns, got 2"),
        (b"a,b,kind\n1,2,\n", "line 2, column kind: expected a label of 1 to 100 characters, got nothing"),
        (b"a,a,kind\n1,2,x\n", "line 1, column a: expected each name once, got it twice"),
        (b"a,,kind\n1,2,x\n", "line 1, column 2: expected a name of 1 to 100 characters"),
        (b"a\n1\n", "line 1: expected 2 to 1000 columns, got 1"),
        (b"a,b\n1,\xff\n", "line 2: expected text in UTF-8, got other bytes"),
        (b'a,b\n1,"x\n', "line 2: expected the quote that opens here to be closed"),
        (b'a,b\n1,x\n2,"x\n' + b"3,y\n" * 50_000, "line 3: expected the quote that opens here to be closed"),
        (b'a,b\n1,"x"y\n', "line 2: expected a delimiter after the quote that closes a cell"),
        (b"a,b\n1,x\n" + b"2" * 200_000 + b",x\n", "line 3: expected cells of at most 131072 characters"),
        (b"a,b\n" + b"1" * 100_000 + b"z,x\n", "line 2, column a: expected a number, got '1111"),
        (b"a,b\n1,x\0\n", "line 2, column b: expected a label without control characters"),
        (b"a,b\n1\0,x\n", "line 2, column a: expected a number, got '1\\x00'"),
        (b"ab\0,b\n1,x\n", "line 1, column 1: expected a name without control characters"),
        (b"a,b\n2," + b"y" * 101, "line 2, column b: expected a label of 1 to 100 characters, got 'yyy"),
        (b"a," * 1_000_000 + b"b\n", "line 1: expected 2 to 1000 columns, got 1000001"),
        (b"a;b\n1,5;x\n", "line 2, column a: expected a number, got '1,5'"),
        ("a,b\n1,x\n".encode("utf-16"), "line 1: expected text in UTF-8, got UTF-16"),
        ("a,b\n1,x\n".encode("utf-16-le"), "line 1: expected text in UTF-8, got UTF-16"),
        ("长,类\n1,甲\n".encode("gbk"), "line 1: expected text in UTF-8, got other bytes"),
        (b"\0\0\0\0", "line 1: expected text in UTF-8, got UTF-16"),
        (b"\xef\xbb\xbf\r\n", "line 1: expected rows of numbers, got nothing"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(data: bytes, said: str) -> None:
    with pytest.raises(Problem, match="line") as caught:
        table_of(data, None)
    assert said in str(caught.value)


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "MOST_ROWS", 2)
    monkeypatch.setattr(csv_rows, "MOST_COLUMNS", 3)
    monkeypatch.setattr(csv_data, "MOST_CLASSES", 1)
    for data in (b"1,2,x\n" * 9, b"1,2,3,x\n", b"1,2,x\n1,2,y\n"):
        with pytest.raises(Problem, match="expected"):
            table_of(data, None)


def test_a_label_that_is_no_column_is_refused() -> None:
    with pytest.raises(Problem, match="expected one of a, b, kind"):
        table_of(b"a,b,kind\n1,2,x\n", "colour")
