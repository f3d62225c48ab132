"""Where two runs part is where a walk from the beginning first finds them different."""

import numpy as np
import pytest

from engine import compare
from engine.cache import Cache
from engine.compare import blocks, difference, partings, shared
from engine.run import Edit, Run
from engine.steps import Step
from engine.timeline import Timeline
from tests.engine.cases import run_for

S = 12
LAST = 4 * S + 5


def walked(a: Run, b: Run, position: int) -> dict[str, int | None]:
    """The same, by looking at every step."""
    found: dict[str, int | None] = dict.fromkeys(shared(a, b))
    for at in range(position + 1):
        left, right = a.frame(at).tensors, b.frame(at).tensors
        for name, first in found.items():
            one, other = left[name], right[name]
            same = one is other if one is None or other is None else np.array_equal(one, other)
            if first is None and not same:
                found[name] = at
    return found


@pytest.mark.parametrize(
    "edits",
    [
        (),
        (Edit(0, "dense_1.weight", (0, 0), 0.5),),
        (Edit(S + 5, "dense_2.output", (1, 1), 0.7),),
        (Edit(2 * S, "dense_2.bias", (0, 1), 0.7),),
        (Edit(2 * S + 9, "dense_2.dweight", (1, 1), 0.0),),
        (Edit(S + 1, "batch.target", (0, 0), 1), Edit(S + 8, "softmax_1.dinput", (0, 0), 9.0)),
        *((Edit(2 * S, "data.input", (row, 1), 3.0),) for row in range(7)),
        (Edit(2 * S, "dense_2.dweight", (1, 1), 0.0),),
        (Edit(3 * S, "batch.input", (0, 1), 3.0),),
        (Edit(0, "dense_1.weight", (0, 0), 0.5), Edit(4 * S + 1, "batch.input", (0, 1), 3.0)),
    ],
)
@pytest.mark.parametrize("key", [None, "one"])
def test_a_parting_is_found_where_a_walk_finds_it(edits: tuple[Edit, ...], key: str | None) -> None:
    a, b = run_for("cce", key=key), run_for("cce", edits=edits, key=key)
    found = partings(a, b, LAST)
    assert found == walked(a, b, LAST)
    assert any(first is not None for first in found.values()) == bool(edits)


def test_only_what_can_part_is_stepped_through(monkeypatch: pytest.MonkeyPatch) -> None:
    far, late = 900 * S, (Edit(800 * S + 3, "relu_1.output", (0, 0), 0.5),)
    cache = Cache()
    a, b = (run_for("cce", edits=edits, key="one", cache=cache) for edits in ((), late))
    other = run_for("cce", edits=(Edit(0, "dense_1.weight", (0, 0), 0.5),))
    b.frame(800 * S - 1)
    walked: list[int] = []
    step = Timeline.step

    def counted(timeline: Timeline, position: int) -> Step:
        walked.append(position)
        return step(timeline, position)

    monkeypatch.setattr(Timeline, "step", counted)
    assert partings(a, a, far) == dict.fromkeys(shared(a, a))
    assert partings(a, b, 800 * S + 2) == dict.fromkeys(shared(a, a))
    assert not walked
    assert partings(a, b, far)["relu_1.output"] == 800 * S + 3
    assert min(walked) > 700 * S
    walked.clear()
    # All that is computed has parted after two iterations, and what is fed cannot.
    found = partings(a, other, far)
    assert found["dense_1.weight"] == 0
    assert {name for name, first in found.items() if first is None} == {
        "data.input",
        "data.target",
        "batch.input",
        "batch.target",
    }
    assert max(walked) <= 3 * S


def test_the_blocks_of_a_difference_are_its_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "BLOCK", 4)
    a, b = run_for("cce"), run_for("cce", edits=(Edit(0, "dense_1.weight", (1, 2), 2.0),))
    left, right = a.frame(5), b.frame(5)
    whole = difference(left, right, "dense_1.output")
    assert whole is not None
    parts = list(blocks(left, right, "dense_1.output"))
    assert len(parts) > 2
    np.testing.assert_array_equal(np.concatenate(parts), whole.ravel())
    assert list(blocks(left, right, "loss.dinput")) == []


def test_other_optimisers_part_at_the_update() -> None:
    a, b = run_for("cce", momentum=0.9), run_for("cce", momentum=0.5)
    found = partings(a, b, LAST)
    assert found == walked(a, b, LAST)
    # The first update begins from no velocity, so it is the second that differs.
    assert found["dense_1.weight"] == 2 * S
    assert found["dense_1.output"] == 2 * S + 2


def test_a_difference_is_the_other_less_the_one() -> None:
    a, b = run_for("cce"), run_for("cce", edits=(Edit(0, "dense_1.weight", (1, 2), 2.0),))
    found = difference(a.frame(0), b.frame(0), "dense_1.weight")
    assert found is not None
    weight = a.frame(0).tensors["dense_1.weight"]
    assert weight is not None
    assert np.argwhere(found).tolist() == [[1, 2]]
    assert found[1, 2] == 2.0 - weight[1, 2]
    assert difference(a.frame(0), b.frame(0), "dense_1.output") is None


def test_runs_of_other_steps_have_no_positions_in_common() -> None:
    with pytest.raises(ValueError, match="steps"):
        partings(run_for("cce"), run_for("fused_cce"), 3)
