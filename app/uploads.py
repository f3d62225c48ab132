"""Data sets that people brought, by the hash of what is in them.

An upload is a line of JSON, its names and sizes, and then the input as float64 and the target as int32; its
hash is the sha256 of that. So the same numbers under the same names are the same upload, however the file was
written, and a spec that names one determines every number.
"""

import hashlib
import json

import numpy as np
from sqlalchemy.exc import SQLAlchemyError

from app import store_errors
from app.csv_data import Table
from app.problems import Problem
from app.store import Store
from engine.cache import Cache
from engine.datasets import Dataset

STORE_FAILED = (Problem, SQLAlchemyError)
"""What the store raises where it cannot keep something."""


class Uploads:
    """The uploads of a store, the latest used of them ready.

    Args:
        store: Where they are kept.
        cache: Where some are kept ready.
    """

    def __init__(self, store: Store, cache: Cache) -> None:
        self._store = store
        self._ready = cache
        self._examples: dict[str, Table] = {}

    def add(self, table: Table) -> tuple[str, bool]:
        """Keep a table: its hash, and whether it was new."""
        data = packed(table)
        digest = hash_of(data)
        if digest in self._examples:
            return digest, False
        return digest, self._store.put_upload(digest, data)

    def add_example(self, table: Table) -> None:
        """Keep a table, also where the store can keep nothing: then in memory."""
        try:
            self.add(table)
        except STORE_FAILED:
            self._examples[hash_of(packed(table))] = table

    def find(self, digest: str) -> Table | None:
        """The table of a hash, if it is known."""
        table: Table | None = self._examples.get(digest) or self._ready.get(("upload", digest))
        if table is None and (data := self._store.get_upload(digest)) is not None:
            if hash_of(data) != digest:
                raise store_errors.problem("store_damaged")
            table = unpacked(data)
            self._ready.put(("upload", digest), table, len(data))
        return table

    def get(self, digest: str) -> Dataset:
        """The data that a spec names.

        Raises:
            Problem: They are not here.
        """
        table = self.find(digest)
        if table is None:
            field = "body.dataset.upload"
            said = f"{field}: expected data that were uploaded here."
            raise Problem("upload_unknown", said, field=field, upload=digest)
        return table.data


def hash_of(data: bytes) -> str:
    """The name of an upload, from what `packed` made of it."""
    return hashlib.sha256(data).hexdigest()


def packed(table: Table) -> bytes:
    """A table as bytes."""
    data = table.data
    head = {
        "label": table.label,
        "features": data.features,
        "classes": data.classes,
        "samples": len(data.input),
    }
    numbers = data.input.astype("<f8").tobytes() + data.target.astype("<i4").tobytes()
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + numbers


def unpacked(data: bytes) -> Table:
    """The table that the bytes are."""
    end = data.index(b"\n")
    head = json.loads(data[:end])
    samples, features = head["samples"], tuple(head["features"])
    input = np.frombuffer(data, "<f8", samples * len(features), end + 1)
    target = np.frombuffer(data, "<i4", samples, end + 1 + input.nbytes)
    shaped = input.reshape(samples, -1), target.reshape(samples, 1)
    return Table(Dataset(*shaped, features, tuple(head["classes"])), head["label"])
