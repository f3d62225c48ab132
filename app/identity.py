"""A run's id: the hash of its normalised spec's canonical JSON.

    id = "r" + the first 20 characters, lower case, of base32(sha256(canonical JSON))

Canonical: sorted keys, compact, ASCII; defaults left out, so that a field added later changes no id;
conventions written out; explicit arrays as dtype, shape and sha256 of their bytes (C order, little-endian).
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.schemas.arrays import GivenArray
from app.schemas.spec import Spec
from engine.arrays import Array

VERSION = 1
"""Raised whenever the same spec would give other numbers."""

PATTERN = "^r[a-z2-7]{20}$"


@dataclass(frozen=True, slots=True)
class Identity:
    """A spec's id, its canonical JSON, and the bytes of the arrays that it names by their hash."""

    id: str
    canonical: str
    arrays: dict[str, bytes]


def identify(spec: Spec) -> Identity:
    """The identity of a normalised spec."""
    arrays: dict[str, bytes] = {}
    members = spec.model_dump(exclude_defaults=True)
    members["conventions"] = spec.model_dump(include={"conventions"})["conventions"]
    members["version"] = VERSION
    if members.get("head") == "separate":
        del members["head"]
    canonical = dump(_named(members, arrays))
    return Identity(id_of(canonical), canonical, arrays)


def dump(members: Any) -> str:
    """JSON with sorted keys, compact, in ASCII."""
    return json.dumps(members, sort_keys=True, separators=(",", ":"), allow_nan=False)


def id_of(canonical: str) -> str:
    """The id of a canonical JSON."""
    digest = hashlib.sha256(canonical.encode("ascii")).digest()
    return "r" + base64.b32encode(digest).decode("ascii")[:20].lower()


def is_id(text: str) -> bool:
    """Whether this could be an id."""
    return re.fullmatch(PATTERN[1:-1], text) is not None


def spec_of(canonical: dict[str, Any], arrays: dict[str, bytes]) -> Spec:
    """The spec that a canonical JSON (read back) stands for.

    Args:
        canonical: Its members.
        arrays: The bytes of every array that it names, by hash.
    """
    members = {name: value for name, value in canonical.items() if name != "version"}
    return Spec.model_validate(_restored(members, arrays))


def hashes_in(value: Any) -> set[str]:
    """The hashes of the arrays that a canonical JSON names."""
    if _is_reference(value):
        return {value["sha256"]}
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {found for part in parts for found in hashes_in(part)}


def _named(value: Any, arrays: dict[str, bytes]) -> Any:
    if isinstance(value, GivenArray):
        return _reference(value.array, arrays)
    if isinstance(value, dict):
        return {name: _named(part, arrays) for name, part in value.items()}
    if isinstance(value, list):
        return [_named(part, arrays) for part in value]
    return value


def _reference(array: Array, arrays: dict[str, bytes]) -> dict[str, Any]:
    data = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
    digest = hashlib.sha256(data).hexdigest()
    arrays[digest] = data
    return {"dtype": array.dtype.name, "shape": list(array.shape), "sha256": digest}


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"dtype", "shape", "sha256"}


def _restored(value: Any, arrays: dict[str, bytes]) -> Any:
    if _is_reference(value):
        dtype = np.dtype(value["dtype"]).newbyteorder("<")
        flat = np.frombuffer(arrays[value["sha256"]], dtype)
        return GivenArray(flat.reshape(value["shape"]).astype(dtype.newbyteorder("=")))
    if isinstance(value, dict):
        return {name: _restored(part, arrays) for name, part in value.items()}
    if isinstance(value, list):
        return [_restored(part, arrays) for part in value]
    return value
