"""NumPy's files from strangers: what they say of themselves is checked before any of it is read or unpacked.

An archive may claim a million members, or be 500 KB that unpack to 500 MB; an array's header may name
objects, which only pickle reads, or a shape of which nothing is there. Nothing here ever unpickles.
"""

import io
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Collection

import numpy as np

from app.problems import Problem, brief
from engine.arrays import Array

NPY = b"\x93NUMPY"
NPZ = (b"PK\x03\x04", b"PK\x05\x06")

HEADER = re.compile(
    NPY + rb"[\x01\x02]\x00(?s:..){1,2}\{'descr': '([<>|=]?)(\w)(\d{0,4})', 'fortran_order': (True|False),"
    rb" 'shape': \(((?:\d{1,12},? ?){0,4})\), ?\}[ ]*\n"
)
"""A header as it is written, read and not evaluated: its version and length, then these three alone."""

LONGEST_HEADER = 4096
WIDTHS = {"b": (1,), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "f": (2, 4, 8), "U": ()}
KINDS = "".join(WIDTHS)
"""Truth values, integers, floats, and text: the kinds of an array, and their bytes a cell."""

LONGEST_TEXT = 1000

END = struct.Struct("<4s4H2LH")
"""The end of an archive: signature, disks, members here and in all, size and place of the list, comment."""

MOST_LISTED = 512
"""Bytes of a member's place in that list, its name included."""

READING = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    EOFError,
    OSError,
)
"""What zipfile raises at archives that are none; a codec or a password that it lacks included."""


def members_of(data: bytes, names: Collection[str], limit: int) -> dict[str, Array]:
    """The arrays of an archive as `numpy.savez` writes it.

    Args:
        data: The file.
        names: The members that it may have, and no other.
        limit: The most bytes that they may have together, unpacked.

    Raises:
        Problem: It is no such archive.
    """
    count = _listed(data, len(names))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if len(infos) != count:
                raise _unreadable()
            _expect_members(infos, {f"{name}.npy" for name in names}, limit)
            return {info.filename.removesuffix(".npy"): _read(archive, info) for info in infos}
    except READING:
        raise _unreadable() from None


def array_of(data: bytes, name: str = "table") -> Array:
    """The array of a file as `numpy.save` writes it.

    Args:
        data: The file.
        name: What to call it in a refusal.

    Raises:
        Problem: It is none, or one of another kind than numbers or text.
    """
    match = HEADER.match(data, 0, LONGEST_HEADER)
    if match is None or match.end() not in (10 + _little(data[8:10]), 12 + _little(data[8:12])):
        raise _unreadable()
    order, kind, width, fortran, lengths = (one.decode() for one in match.groups())
    if kind not in KINDS or not width:
        raise Problem("npy_dtype", f"Expected numbers or text, got {kind}{width}.", got=f"{kind}{width}")
    if (size := int(width)) not in (range(1, LONGEST_TEXT) if kind == "U" else WIDTHS[kind]):
        raise Problem("npy_dtype", f"Expected numbers or text, got {kind}{width}.", got=f"{kind}{width}")
    shape = [int(one) for one in lengths.split(",") if one.strip()]
    cells = math.prod(shape)
    if not 1 <= len(shape) <= 2 or cells == 0:
        said = f"{name}: expected one or two dimensions, got ({lengths})."
        raise Problem("npy_shape", said, array=name, expected="(samples, columns)", got=f"({lengths})")
    if cells * size * (4 if kind == "U" else 1) != len(data) - match.end():
        raise _unreadable()
    flat = np.frombuffer(data, f"{order}{kind}{width}", cells, match.end())
    if kind == "U":
        _expect_text(flat.view(f"{order}u4"))
    return flat.reshape(shape, order="F" if fortran == "True" else "C")


def unfit_members(got: str) -> Problem:
    """The refusal of an archive with other arrays than a data set has."""
    return Problem("npy_members", f"Expected the arrays input and target, got {brief(got)}.", got=brief(got))


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _expect_text(codes: Array) -> None:
    if ((codes > 0x10FFFF) | ((codes >= 0xD800) & (codes < 0xE000))).any():
        raise Problem("npy_dtype", "Expected text, got what is no character.", got="U")


def _listed(data: bytes, most: int) -> int:
    """How many members there are: more would be long to list, for zipfile makes an object of each."""
    if len(data) < END.size:
        raise _unreadable()
    signature, *_, members, size, place, comment = END.unpack(data[-END.size :])
    # A comment, or the end of an archive beyond 4 GB: NumPy writes neither, and zipfile would look elsewhere.
    elsewhere = comment or data[-END.size - 20 :].startswith(b"PK\x06\x07")
    if signature != b"PK\x05\x06" or elsewhere or place + size > len(data):
        raise _unreadable()
    if members > most or size > most * MOST_LISTED:
        raise unfit_members(f"{members} members")
    return int(members)


def _expect_members(infos: list[zipfile.ZipInfo], names: Collection[str], limit: int) -> None:
    found = [info.filename for info in infos]
    if len(set(found)) != len(found) or not set(found) <= set(names):
        raise unfit_members(", ".join(found))
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
        raise _unreadable()
    size = sum(info.file_size for info in infos)
    if size > limit:
        said = f"The arrays have {size} bytes, unpacked; the limit is {limit}."
        raise Problem("npy_large", said, figure=size, limit=limit)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Array:
    with archive.open(info) as member:
        data = member.read(info.file_size)  # and never more, whatever else is packed there
    if len(data) != info.file_size:
        raise _unreadable()
    return array_of(data, info.filename.removesuffix(".npy"))


def _unreadable() -> Problem:
    return Problem("npy_invalid", "Expected a file as numpy.save or numpy.savez writes it.")
