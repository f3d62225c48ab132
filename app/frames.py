"""Frames on the wire: as JSON, and as a message of a binary stream.

A message of the stream:

    u32 length of the rest │ u32 length of the header │ header │ arrays

little-endian. The header is JSON, padded with spaces so that its length is a multiple of 8; the arrays are
little-endian in C order, each padded to a multiple of 8 bytes, its place in `"at"`, counted from the
header's end.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.build import Live
from app.encoding import json_bytes, nested, number, summary
from app.links import page_link
from engine.arrays import Array
from engine.regions import regions, winners
from engine.run import Frame

SMALL = 4096
"""Cells up to which a tensor's values stand in the frame."""

ALIGNED = 8
"""What offsets are multiples of, so that typed arrays can be laid over the bytes."""


def describe(
    run: Live, frame: Frame, kept: set[str] | None = None, *, with_values: bool = True
) -> dict[str, Any]:
    """A frame as the wire has it.

    Args:
        run: Its run.
        frame: The frame.
        kept: The tensors to tell of; all of them unless given.
        with_values: Whether small tensors carry theirs.
    """
    tensors = {
        name: _tensor(run, frame, name) | _values(run, frame, name, with_values)
        for name in run.run.shapes()
        if kept is None or name in kept
    }
    link = page_link(run.id, run.portable_spec, frame.position)
    return {**_figures(run, frame), "tensors": tensors, "page": link}


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame for the stream.

    Attributes:
        head: Its JSON, without the closing brace.
        body: Its arrays.
    """

    head: bytes
    body: bytes


def picture(run: Live, frame: Frame, resolution: int = 0) -> Picture:
    """A frame with the arrays of its small tensors; the data, which last, are left out.

    Args:
        run: Its run.
        frame: The frame, with the data.
        resolution: Of the decision regions beside it, if any.
    """
    arrays = _Arrays()
    tensors = {}
    for name in run.run.shapes():
        tensors[name] = _tensor(run, frame, name)
        array = frame.tensors[name]
        if array is not None and array.size <= SMALL and not name.startswith("data."):
            tensors[name]["at"] = arrays.add(array)
    members = {**_figures(run, frame), "tensors": tensors}
    if resolution:
        members["regions"] = _regions(run, frame, resolution, arrays)
    return Picture(json_bytes(members)[:-1], arrays.bytes())


def message(picture: Picture, records: Sequence[bytes], *, end: bool) -> bytes:
    """A message of the stream.

    Args:
        picture: The frame.
        records: The JSON of every record since the message before.
        end: Whether it is the last.
    """
    last = b',"end":true}' if end else b"}"
    header = picture.head + b',"records":[' + b",".join(records) + b"]" + last
    header += b" " * (-len(header) % ALIGNED)
    lengths = struct.pack("<II", 4 + len(header) + len(picture.body), len(header))
    return lengths + header + picture.body


class _Arrays:
    """Arrays one after the other."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def add(self, array: Array) -> int:
        """Append an array; where it stands."""
        at = self._length
        data = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
        data += bytes(-len(data) % ALIGNED)
        self._parts.append(data)
        self._length += len(data)
        return at

    def bytes(self) -> bytes:
        """All of them."""
        return b"".join(self._parts)


def _regions(run: Live, frame: Frame, resolution: int, arrays: _Arrays) -> dict[str, Any]:
    found = regions(run.run, frame, resolution)
    return {
        "resolution": resolution,
        "x": list(found.x),
        "y": list(found.y),
        "classes": {"at": arrays.add(found.classes)},
        "share": {"at": arrays.add(found.share)},
        "samples": {"at": arrays.add(winners(run.run, frame))},
    }


def _figures(run: Live, frame: Frame) -> dict[str, Any]:
    return {
        "run": run.id,
        "position": frame.position,
        "iteration": frame.iteration,
        "step": frame.step,
        "loss": number(frame.loss),
        "accuracy": frame.accuracy,
    }


def _tensor(run: Live, frame: Frame, name: str) -> dict[str, Any]:
    array = frame.tensors[name]
    shape = run.run.shape_at(name, frame.position)
    members: dict[str, Any] = {
        "shape": list(shape),
        "dtype": run.run.dtypes()[name].name,
        "computed_at": frame.computed_at[name],
    }
    if array is None:
        members |= dict.fromkeys(("min", "max", "norm", "nan", "inf"))
    else:
        members |= summary(array)
    return members


def _values(run: Live, frame: Frame, name: str, wanted: bool) -> dict[str, Any]:
    rows, columns = run.run.shape_at(name, frame.position)
    if not wanted or rows * columns > SMALL:
        return {}
    array = frame.tensors[name]
    return {"values": None if array is None else nested(array)}
