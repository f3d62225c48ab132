"""Ids and their live runs: a bounded cache over the store, which loses nothing when it forgets."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from app import store_errors
from app.build import Live, build
from app.identity import VERSION, hashes_in, id_of, is_id, spec_of
from app.problems import Problem
from app.schemas.spec import Edit, Spec
from app.settings import Settings
from app.store import Store, StoredRun
from app.uploads import STORE_FAILED, Uploads, hash_of
from app.validation import problem_of
from engine.cache import Cache

LIVE_BYTES = 32 << 10
"""What a run takes beside its numbers, measured."""


class Runs:
    """Every run that was ever made, the latest used of them live.

    Args:
        settings: The limits.
        store: Where specs are kept.

    Attributes:
        cache: All that is kept of what can be had again: runs, frames, uploads, checks, histories.
        uploads: The data that people brought.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._examples: dict[str, Live] = {}
        self.cache = Cache(settings.cache_bytes)
        self.uploads = Uploads(store, self.cache)
        self._largest: Live | None = None

    @property
    def live(self) -> int:
        """How many are."""
        return sum(isinstance(key, tuple) and key[0] == "live" for key in self.cache)

    def create(self, spec: Spec, parent: str | None = None) -> tuple[Live, bool]:
        """The run of a spec, and whether it was new. A known run keeps the parent that it has.

        Raises:
            Problem: The spec is none.
        """
        live = build(spec, self._settings, self.cache, self.uploads)
        if (known := self.ready(live.id)) is not None:
            return known, False
        parent = None if parent == live.id else parent
        if (example := self._examples.get(live.id)) is not None:
            return example, False
        stored = StoredRun(live.id, live.identity.canonical, parent)
        new = self._store.put(stored, live.identity.arrays)
        if not new:
            found = self._store.get(live.id)
            assert found is not None, "what is stored stays"
            parent = found.parent
        return self._keep(live, parent), new

    def ready(self, run_id: str) -> Live | None:
        """The run of an id, where it need not be made again."""
        live: Live | None = self.cache.get(("live", run_id))
        largest = self._largest
        return largest if live is None and largest is not None and largest.id == run_id else live

    def get(self, run_id: str) -> Live:
        """The run of an id.

        Raises:
            Problem: There is none, or it is one of another version.
        """
        if (live := self.ready(run_id)) is not None:
            return live
        if (example := self._examples.get(run_id)) is not None:
            return example
        stored = self._store.get(run_id) if is_id(run_id) else None
        if stored is None:
            raise Problem("run_unknown", "There is no run of this id.", run=run_id)
        if id_of(stored.canonical) != run_id:
            raise store_errors.problem("store_damaged")
        canonical = json.loads(stored.canonical)
        spec = spec_of(canonical, self._arrays(hashes_in(canonical)))
        if canonical["version"] != VERSION:
            successor, _ = self.create(spec, stored.parent)
            raise Problem(
                "run_gone",
                f"This run is of version {canonical['version']}; the same spec is now run {successor.id}.",
                run=run_id,
                version=canonical["version"],
                successor=successor.id,
            )
        return self._keep(build(spec, self._settings, self.cache, self.uploads), stored.parent)

    def fork(self, parent: Live, edits: list[Edit], changes: dict[str, Any]) -> tuple[Live, bool]:
        """The run of the parent's spec with fields replaced whole and edits appended.

        Raises:
            Problem: The outcome is no spec.
        """
        members = parent.spec.model_dump() | changes
        appended = [edit.model_dump() for edit in edits]
        if isinstance(members["edits"], list):
            members["edits"] = [*members["edits"], *appended]
        try:
            spec = Spec.model_validate(members)
        except ValidationError as error:
            found = [
                {**one, "loc": ("body", "changes", *one["loc"])} for one in error.errors(include_url=False)
            ]
            raise problem_of(found, {"changes": members}) from None
        return self.create(spec, parent.id)

    def with_faults(self, live: Live, faults: Sequence[str]) -> Live:
        """The same run with other faults, to be looked at beside it: it is not stored.

        Raises:
            Problem: No part of its network can have one of them.
        """
        spec = live.spec.model_copy(update={"faults": list(faults)})
        return self.imagined(spec)

    def imagined(self, spec: Spec) -> Live:
        """The run of a spec, for a look at it: neither stored nor kept.

        Raises:
            Problem: The spec is none.
        """
        return build(spec, self._settings, self.cache, self.uploads)

    def keep_example(self, spec: Spec) -> None:
        """Have a run, also where the store can keep nothing: then in memory.

        Raises:
            Problem: The spec is none.
        """
        try:
            self.create(spec)
        except STORE_FAILED as error:
            logging.getLogger(__name__).warning("the store keeps nothing: %s", getattr(error, "orig", error))
            live = self.imagined(spec)
            self._examples[live.id] = live

    def _arrays(self, digests: set[str]) -> dict[str, bytes]:
        """The arrays of these hashes, as they were stored."""
        arrays = self._store.get_arrays(digests)
        if any(digest not in arrays or hash_of(arrays[digest]) != digest for digest in digests):
            raise store_errors.problem("store_damaged")
        return arrays

    def _keep(self, live: Live, parent: str | None) -> Live:
        """Have a run ready for who asks next; one that is too large for the cache, until another one is."""
        # The bytes of its arrays are in the store now, or came from there.
        live = replace(live, parent=parent, identity=replace(live.identity, arrays={}))
        weight = live.plan.bytes + LIVE_BYTES
        if weight > self.cache.limit:
            self._largest = live
        self.cache.put(("live", live.id), live, weight)
        return live
