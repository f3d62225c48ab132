"""A cell is judged by what the right step makes of the same numbers; the checker, blind, agrees."""

import numpy as np
import pytest

from engine.check import first_wrong
from engine.explain import Cell
from engine.faults import FAULTS
from engine.hunt import judge, shown
from engine.run import Edit, Run
from tests.engine.test_faults import FIRST, faulty

SHOWING = [fault for fault in FAULTS if fault != "relu_at_zero"]


def with_edit(run: Run, like: Run, edit: Edit) -> Run:
    data = like.frame(0).tensors
    assert data["data.input"] is not None
    assert data["data.target"] is not None
    return Run(run.network, run.optimizer, data["data.input"], data["data.target"], edits=[edit])


@pytest.mark.parametrize("iteration", [0, 1])
@pytest.mark.parametrize("fault", SHOWING)
def test_the_checker_names_the_same_step(fault: str, iteration: int) -> None:
    run, right = faulty(fault, "cce"), faulty([], "cce")
    steps = run.steps_per_iteration
    found = shown(run.frame(iteration * steps), right, run)
    wrong = first_wrong(run, (iteration + 1) * steps)
    assert found is not None
    assert wrong is not None
    assert (found.step, found.cell.tensor) == (wrong.step, wrong.cell.tensor)
    assert judge(run, right, found.cell).verdict == "fault"
    assert judge(run, right, wrong.cell).verdict == "fault"


@pytest.mark.parametrize("fault", FIRST)
def test_every_cell_of_a_pass_is_judged(fault: str) -> None:
    run, right = faulty(fault, "cce"), faulty([], "cce")
    position = run.steps_per_iteration
    first = FIRST[fault][False]
    verdicts: dict[str, set[str]] = {}
    for name, array in run.frame(position).tensors.items():
        if array is not None:
            judged = [judge(run, right, Cell(name, index, position)) for index in np.ndindex(*array.shape)]
            verdicts[name] = {one.verdict for one in judged}
            for one in judged:
                assert (one.value == one.meant) or one.verdict != "right" or np.isclose(one.value, one.meant)
    assert all(verdicts[name] == {"right"} for name in verdicts if name.endswith(".output"))
    assert verdicts["data.input"] == {"leaf"}
    if not first:  # no input is exactly 0
        assert all(found <= {"right", "leaf"} for found in verdicts.values())
        return
    assert "fault" in verdicts[first]
    own = {f"{layer}.{first.split('.')[1]}" for layer in ("dense_1", "dense_2")} | {first}
    assert {name for name in verdicts if "fault" in verdicts[name]} <= own
    assert "consequence" in verdicts["dense_1.weight"] | verdicts["dense_1.bias"]


def test_a_later_iteration_begins_with_the_weights_that_it_has() -> None:
    run, right = faulty("wrong_sign", "cce"), faulty([], "cce")
    steps = run.steps_per_iteration
    assert judge(run, right, Cell("dense_1.weight", (0, 0), steps)).verdict == "fault"
    assert judge(run, right, Cell("dense_1.output", (0, 0), steps + 3)).verdict == "right"


def test_an_edit_is_nobodys_fault() -> None:
    edit = Edit(8, "softmax_1.dinput", (0, 0), 5.0)
    run, right = (with_edit(one, one, edit) for one in (faulty("bias_not_summed", "cce"), faulty([], "cce")))
    last = run.steps_per_iteration - 1
    assert judge(run, right, Cell("softmax_1.dinput", (0, 0), last)).verdict == "leaf"
    assert judge(run, right, Cell("dense_2.dweight", (0, 0), last)).verdict == "right"
    assert judge(run, right, Cell("dense_2.dbias", (0, 0), last)).verdict == "fault"


def test_a_fault_that_changes_nothing_is_not_shown() -> None:
    run, right = faulty("relu_at_zero", "cce"), faulty([], "cce")
    assert shown(right.frame(0), right, run) is None
