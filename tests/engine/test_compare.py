"""Where two runs part is where a walk from the beginning first finds them different."""

import numpy as np
import pytest

from engine.compare import difference, partings, shared
from engine.run import Edit, Run
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
        (Edit(3 * S, "data.input", (2, 1), 3.0),),
    ],
)
def test_a_parting_is_found_where_a_walk_finds_it(edits: tuple[Edit, ...]) -> None:
    a, b = run_for("cce"), run_for("cce", edits=edits)
    found = partings(a, b, LAST)
    assert found == walked(a, b, LAST)
    assert any(first is not None for first in found.values()) == bool(edits)


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
