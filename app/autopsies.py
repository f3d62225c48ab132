"""What first went wrong in a run, looked for by the workers in short chunks, and as the wire has it."""

import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from typing import Any

from app.build import Live
from app.encoding import number
from app.explanations import cell_name, factor_of
from app.limits import BYTES_A_SECOND, SECONDS_A_CHUNK
from app.settings import Settings
from app.training import Trainer, runs_here
from engine.autopsy import Finding, Watch
from engine.causes import cause
from engine.run import CHECKPOINT_EVERY, Frame


@dataclass(frozen=True, slots=True)
class Seen:
    """How far it is.

    Attributes:
        watch: What has been found so far.
        after: Where to go on: the frame after the last update, as a parcel.
        kept: One on the way that is worth keeping as a checkpoint.
    """

    watch: Watch
    after: Frame
    kept: Frame | None = None


async def examined(trainer: Trainer, live: Live, stop: int, vanished: float) -> AsyncGenerator[Seen]:
    """All iterations below stop, a chunk at a time.

    Raises:
        Problem: The service is being stopped.
    """
    seconds = SECONDS_A_CHUNK + live.plan.bytes / BYTES_A_SECOND
    seen = Seen(Watch(vanished), live.run.checkpoint(0))
    while seen.after.iteration < stop:
        start = replace(seen, after=live.run.parcel(seen.after), kept=None)
        seen = await trainer.work(examine, live.id, start, stop, seconds)
        if seen.kept:
            live.run.adopt(seen.kept)
        yield seen


def examine(settings: Settings, run_id: str, seen: Seen, stop: int, seconds: float) -> Seen:
    """A worker's part: as many iterations as fit into these seconds, at least one."""
    until = time.monotonic() + seconds
    run = runs_here(settings).get(run_id).run
    kept: Frame | None = None
    for frames in run.passes(seen.after, stop):
        seen.watch.see(run, frames)
        after = frames[-1]
        if after.iteration % CHECKPOINT_EVERY == 0:
            kept = after
        if time.monotonic() > until:
            break
    return Seen(seen.watch, run.parcel(after), kept and run.parcel(kept))


def described(live: Live, seen: Seen, stop: int) -> dict[str, Any]:
    """What has been found so far; each finding is explained by its operands."""
    return {
        "run": live.id,
        "stop": stop,
        "searched": seen.after.iteration,
        "vanished": seen.watch.vanished,
        "findings": [_finding(live, one) for one in seen.watch.findings],
    }


def _finding(live: Live, found: Finding) -> dict[str, Any]:
    found, why = cause(live.run, found)
    position = found.cell.position
    assert position is not None, "a finding knows its position"
    steps = live.run.steps
    return {
        "kind": found.kind,
        "cell": cell_name(found.cell),
        "iteration": (position - 1) // len(steps),
        "step": steps[(position - 1) % len(steps)],
        "cells": found.cells,
        "share": found.share,
        "until": found.until,
        "reason": why.reason,
        "explained": cell_name(why.explained),
        "value": number(why.value),
        "operands": [factor_of(factor) for factor in why.operands],
        "terms": [
            {
                "number": one.number,
                "value": number(one.term.value),
                "factors": [factor_of(factor) for factor in one.term.factors],
            }
            for one in why.terms
        ],
        "terms_total": why.total,
        "limit": why.limit,
        "course": [{"tensor": tensor, "norm": number(size)} for tensor, size in why.course],
    }
