"""NumPy's files as data sets: the same as the table in them; hostile ones are refused unread."""

import io
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import numpy as np
import pytest

from app.npy_files import array_of, members_of
from app.problems import Problem
from engine.arrays import Array
from tests.api.conftest import expect_problem, made

pytestmark = pytest.mark.anyio

BINARY = {"Content-Type": "application/octet-stream"}
INPUT = np.array([[1, 2.5], [-30, 0.1], [4, 1e-300]])


def npy(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(array), allow_pickle=True)
    return file.getvalue()


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, allow_pickle=True, **arrays)
    return file.getvalue()


def compressed(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=True, **arrays)
    return file.getvalue()


async def uploaded(client: httpx.AsyncClient, file: bytes, query: str = "") -> dict[str, Any]:
    answer = await client.post(f"/datasets{query}", content=file, headers=BINARY)
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("archive", [npz, compressed])
async def test_an_archive_is_the_table_that_it_holds(
    client: httpx.AsyncClient, archive: Callable[..., bytes]
) -> None:
    text = "long,wide,target\n1,2.5,b\n-30,0.1,a\n4,1e-300,b\n"
    table = await client.post("/datasets", content=text, headers={"Content-Type": "text/csv"})
    target = np.array(["b", "a", "b"])
    arrays = {"input": INPUT, "target": target, "features": np.array(["long", "wide"])}
    found = await uploaded(client, archive(**arrays))
    assert found == table.json()
    # In another layout, byte order, and with the labels in a column, it is the same.
    arrays |= {"input": np.asfortranarray(INPUT.astype(">f8")), "target": target[:, None].astype(">U9")}
    assert await uploaded(client, npz(**arrays)) == found
    layers = [{"type": "dense", "units": 2}, {"type": "softmax"}]
    run = await made(client, {"dataset": {"upload": found["upload"]}, "layers": layers})
    assert run["data"] == {"features": ["long", "wide"], "classes": ["a", "b"]}


@pytest.mark.parametrize("dtype", ["?", "i1", ">i8", "u8", "f2", "f4", "f8"])
async def test_one_array_has_its_labels_last(client: httpx.AsyncClient, dtype: str) -> None:
    table = np.array([[0, 1, 1], [1, 1, 0], [0, 0, 1]]).astype(dtype)
    found = await uploaded(client, npy(table))
    assert (found["label"], found["features"], found["classes"]) == ("target", ["x0", "x1"], ["0", "1"])
    chosen = await uploaded(client, npy(table), "?label=x0&without=x1")
    assert (chosen["label"], chosen["features"]) == ("x0", ["target"])


async def test_a_preview_of_arrays(client: httpx.AsyncClient) -> None:
    file = npz(input=np.array([[0.1, np.nan], [1, 2]], "f4"), target=np.array([7, 8]))
    found = await uploaded(client, file, "?preview=true")
    assert (found["delimiter"], found["samples"], found["label"]) == ("", 2, "x1")
    assert found["rows"] == [["0.10000000149011612", "nan", "7"], ["1", "2", "8"]]
    problem = expect_problem(await client.post("/datasets", content=file, headers=BINARY), 422, "csv_invalid")
    assert problem["params"] == {"line": 1, "column": "x1", "reason": "number", "got": "nan"}


def archived(*members: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive, pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)  # of a name that stands twice
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def headed(header: bytes, data: bytes = b"", version: bytes = b"\1\0") -> bytes:
    length = struct.pack("<H" if version == b"\1\0" else "<I", len(header))
    return b"\x93NUMPY" + version + length + header + data


def described(descr: str, shape: str, data: bytes = b"") -> bytes:
    return headed(f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode(), data)


GOOD = {"input": INPUT, "target": np.array([0, 1, 0])}


def changed(at: int, new: bytes) -> bytes:
    """An archive with some bytes of its end overwritten."""
    data = bytearray(npz(**GOOD))
    data[len(data) + at : len(data) + at + len(new)] = new
    return bytes(data)


HOSTILE: dict[str, tuple[bytes, str]] = {
    "objects": (npy(np.array([[1, None]], object)), "npy_dtype"),
    "objects in an archive": (npz(input=INPUT, target=np.array([None, 1, 2], object)), "npy_dtype"),
    "a pickle": (archived(("input.npy", b"\x80\x04N."), ("target.npy", b"\x80\x04N.")), "npy_invalid"),
    "fields": (npy(np.zeros((2, 2), [("a", "f8"), ("b", "i4")])), "npy_invalid"),
    "times": (npy(np.zeros((2, 2), "M8[s]")), "npy_invalid"),
    "complex numbers": (npy(np.zeros((2, 2), complex)), "npy_dtype"),
    "bytes": (npy(np.array([[b"a", b"b"]])), "npy_dtype"),
    "long numbers": (described("'<f16'", "(1, 2)", b"\0" * 32), "npy_dtype"),
    "text of no length": (described("'<U0'", "(1000000000, 2)"), "npy_dtype"),
    "text without end": (described("'<U9999'", "(1, 2)"), "npy_dtype"),
    "no characters": (described("'<U1'", "(1, 2)", b"\xff" * 8), "npy_dtype"),
    "a lone surrogate": (described("'<U1'", "(1, 2)", b"a\0\0\0\0\xd8\0\0"), "npy_dtype"),
    "no dimension": (npy(np.float64(3)), "npy_shape"),
    "three dimensions": (npy(np.zeros((2, 2, 2))), "npy_shape"),
    "nothing in it": (npy(np.zeros((0, 3))), "npy_shape"),
    "one dimension": (npy(np.zeros(3)), "npy_shape"),
    "one column": (npy(np.zeros((3, 1))), "npy_shape"),
    "an exabyte of which nothing is there": (described("'<f8'", "(100000000000, 1000000)"), "npy_invalid"),
    "a shape below nothing": (described("'<f8'", "(-1, -2)", b"\0" * 16), "npy_invalid"),
    "a shape that is a sum": (described("'<f8'", "(1+1, 2)", b"\0" * 32), "npy_invalid"),
    "a shape without end": (described("'<f8'", "(" + "1," * 1000 + ")", b"\0" * 8), "npy_invalid"),
    "a header that is deep": (headed(b"(" * 3000 + b")" * 3000), "npy_invalid"),
    "a header that calls": (headed(b"{'descr': __import__('os'), 'shape': (1, 1)}"), "npy_invalid"),
    "a header longer than it says": (
        npy(INPUT)[:8] + b"\x10\x00" + npy(INPUT)[10:],
        "npy_invalid",
    ),
    "a header of 4 GB": (b"\x93NUMPY\2\0\xff\xff\xff\xff{'descr'", "npy_invalid"),
    "another version": (b"\x93NUMPY\3\0" + npy(INPUT)[8:], "npy_invalid"),
    "less than it says": (npy(INPUT)[:-1], "npy_invalid"),
    "more than it says": (npy(INPUT) + b"\0", "npy_invalid"),
    "only its name": (b"\x93NUMPY", "npy_invalid"),
    "too many rows": (npy(np.zeros((100_001, 2), "u1")), "csv_invalid"),
    "too many columns": (npy(np.zeros((1, 1001), "u1")), "npy_shape"),
    "too many columns in an archive": (npz(input=np.zeros((3, 1000), "u1"), target=np.zeros(3)), "npy_shape"),
    "no target": (npz(input=INPUT), "npy_members"),
    "arrays without names": (npz(arr_0=INPUT, arr_1=INPUT), "npy_members"),
    "one array too many": (npz(**GOOD, other=INPUT), "npy_members"),
    "an array twice": (archived(*[("input.npy", npy(INPUT))] * 2), "npy_members"),
    "another target": (npz(input=INPUT, target=np.zeros((3, 2))), "npy_shape"),
    "a shorter target": (npz(input=INPUT, target=np.zeros(2)), "npy_shape"),
    "other names": (npz(**GOOD, features=np.array(["a"])), "npy_shape"),
    "a name twice": (npz(**GOOD, features=np.array(["a", "a"])), "csv_invalid"),
    "a name with a NUL within": (npz(**GOOD, features=np.array(["a\0b", "c"])), "csv_invalid"),
    "a way out": (archived(("../input.npy", npy(INPUT)), ("/target.npy", npy(INPUT))), "npy_members"),
    "a million members": (archived(*((f"{n}.npy", b"") for n in range(5_000))), "npy_members"),
    "fewer members than there are": (changed(-14, b"\1\0\1\0"), "npy_invalid"),
    "a list beyond its end": (changed(-6, b"\xff\xff\xff\x7f"), "npy_invalid"),
    "a list that is too long": (changed(-10, b"\xff\xff\0\0"), "npy_invalid"),
    "a comment": (changed(-2, b"\1\0"), "npy_invalid"),
    "another codec": (archived(("input.npy", npy(INPUT)), method=zipfile.ZIP_LZMA), "npy_invalid"),
    "a password": (
        npz(**GOOD).replace(b"PK\1\2\x2d\x03\x2d\x00\0\0", b"PK\1\2\x2d\x03\x2d\x00\1\0"),
        "npy_invalid",
    ),
    "a wrong sum": (npz(**GOOD).replace(INPUT.tobytes(), INPUT[::-1].tobytes()), "npy_invalid"),
    "half of it": (npz(**GOOD)[: len(npz(**GOOD)) // 2], "npy_invalid"),
    "an empty archive": (archived(), "npy_members"),
    "a bomb": (compressed(input=np.zeros((1000, 999)), target=np.zeros(1000)), "npy_large"),
    "a bomb of bytes": (
        archived(("input.npy", b"\0" * 50_000_000), method=zipfile.ZIP_DEFLATED),
        "npy_large",
    ),
}


@pytest.mark.parametrize(("file", "code"), HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("query", ["", "?preview=true"])
async def test_what_is_no_data_set_is_refused(
    client: httpx.AsyncClient, file: bytes, code: str, query: str
) -> None:
    assert len(file) < 1024 * 1024
    problem = expect_problem(await client.post(f"/datasets{query}", content=file, headers=BINARY), 422, code)
    assert code != "npy_shape" or problem["params"]["array"] in ("table", "input", "target", "features")


@pytest.mark.parametrize("read", [array_of, lambda data: members_of(data, ("input", "target"), 10**6)])
@pytest.mark.parametrize("file", [npy(INPUT), npz(**GOOD), compressed(**GOOD)])
def test_no_byte_that_is_changed_or_missing_surprises(
    read: Callable[[bytes], Array | dict[str, Array]], file: bytes
) -> None:
    rng = np.random.default_rng(0)
    for n in range(len(file)):
        spoiled = bytearray(file)
        spoiled[n] ^= 1 << int(rng.integers(8))
        for data in (bytes(spoiled), file[:n], file[n:]):
            with suppress(Problem):
                read(data)


def test_what_is_packed_beyond_its_stated_size_is_not_unpacked() -> None:
    member = npy(INPUT)
    bomb = archived(("input.npy", member + b"\0" * 50_000_000), method=zipfile.ZIP_DEFLATED)
    for size in (len(member), 0, 1):
        lying = bomb.replace(struct.pack("<L", len(member) + 50_000_000), struct.pack("<L", size))
        with pytest.raises(Problem, match="numpy"):
            members_of(lying, ("input",), 10**6)


def test_many_members_are_refused_before_they_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    many = HOSTILE["a million members"][0]
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(Problem, match="5000 members"):
        members_of(many, ("input", "target"), 10**6)
