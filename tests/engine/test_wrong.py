"""The first wrong step of an iteration is named, with its worst cell."""

import numpy as np
import pytest

from engine.check import check, first_wrong
from engine.explain import Cell
from engine.faults import FAULTS
from engine.optimizers import SGD, AdaGrad, Adam, AdamW, Optimizer, RMSprop
from engine.run import Run
from tests.engine.test_check import last
from tests.engine.test_faults import faulty

STEP = {
    "missing_mean": "loss_backward",
    "unsigned_label": "loss_backward",
    "softmax_scalar": "backward:softmax_1",
    "missing_transpose": "backward:dense_2",
    "bias_not_summed": "backward:dense_2",
    "input_overwritten": "backward:dense_2",
    "wrong_sign": "update",
}


@pytest.mark.parametrize("fault", STEP)
def test_it_is_the_faulty_one(fault: str) -> None:
    run = faulty(fault, "cce")
    wrong = first_wrong(run, run.steps_per_iteration)
    assert wrong is not None
    assert wrong.step == STEP[fault]
    assert run.step_at(wrong.cell.position or 0) == wrong.step
    assert wrong.error > 1e-7
    array = run.frame(wrong.cell.position or 0).tensors[wrong.cell.tensor]
    assert array is not None
    if fault != "wrong_sign":
        assert array[wrong.cell.index] == wrong.analytic


def test_before_the_update_its_sign_says_nothing() -> None:
    run = faulty("wrong_sign", "cce")
    assert first_wrong(run, last(run)) is None
    assert FAULTS[-1] == "wrong_sign"


def test_what_was_checked_already_is_not_checked_again() -> None:
    run = faulty("missing_transpose", "cce")
    found = check(run, last(run))
    assert first_wrong(run, last(run), found.items()) == first_wrong(run, last(run))
    assert first_wrong(run, last(run), []) is None


@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(0.1, 0.01, 0.9, nesterov=True),
        SGD(0.0),
        AdaGrad(0.1),
        RMSprop(0.1),
        Adam(0.1),
        AdamW(0.1, weight_decay=3.0),
    ],
)
def test_no_optimiser_goes_uphill(optimizer: Optimizer) -> None:
    right = faulty("wrong_sign", "cce")
    rng = np.random.default_rng(0)
    run = Run(right.network, optimizer, rng.standard_normal((6, 4)), rng.integers(0, 3, 6))
    for iteration in (1, 9):
        assert first_wrong(run, iteration * run.steps_per_iteration) is None


def test_the_worst_cell_is_where_the_error_is() -> None:
    run = faulty("bias_not_summed", "fused_cce")
    wrong = first_wrong(run, last(run))
    found = check(run, last(run))["dense_2.dbias"]
    assert wrong is not None
    assert wrong.cell == Cell("dense_2.dbias", (0, int(np.nanargmax(found.error))), last(run) - 2)
    assert wrong.error == found.worst
