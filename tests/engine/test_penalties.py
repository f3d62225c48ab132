"""What the weights cost is part of the loss, of its gradient, and of what both say they were made of."""

import numpy as np
import pytest

from engine.arrays import Array
from engine.explain import Cell
from engine.penalties import Penalty
from engine.run import Edit, Run
from tests.engine.cases import run_for
from tests.engine.test_explain import assert_factors_are_their_cells, assert_terms_sum, cells_of

PENALTIES = [Penalty(l1=0.03), Penalty(l2=0.2), Penalty(0.03, 0.2)]


def there(run: Run, name: str, position: int) -> Array:
    array = run.frame(position).tensors[name]
    assert array is not None
    return array


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("loss", ["cce", "fused_cce", "bce_mean"])
def test_the_loss_is_the_samples_mean_and_the_penalty(loss: str, penalty: Penalty) -> None:
    run = run_for(loss, penalty=penalty)
    weight = there(run, "dense_1.weight", 0)
    cost = penalty.l1 * np.abs(weight).sum() + penalty.l2 * (weight**2).sum()
    position = run.steps.index("loss") + 1
    assert there(run, "loss.penalty", position)[0, 0] == pytest.approx(cost, rel=1e-14)
    mean = there(run, "loss.output", position).mean()
    assert there(run, "loss.value", position)[0, 0] == pytest.approx(mean + cost, rel=1e-14)


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("loss", ["cce", "fused_cce"])
def test_dweight_is_the_slope_of_the_whole_loss(loss: str, penalty: Penalty) -> None:
    run = run_for(loss, penalty=penalty)
    last = run.steps_per_iteration - 1
    weight, dweight = there(run, "dense_1.weight", 0), there(run, "dense_1.dweight", last)

    def value(index: tuple[int, int], moved: float) -> float:
        other = run_for(loss, penalty=penalty, edits=(Edit(0, "dense_1.weight", index, moved),))
        return float(there(other, "loss.value", last)[0, 0])

    h = 1e-5
    for index in [(0, 0), (1, 3), (3, 4)]:
        slope = (value(index, weight[index] + h) - value(index, weight[index] - h)) / (2 * h)
        assert slope == pytest.approx(dweight[index], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("penalty", PENALTIES)
def test_every_cell_of_a_penalised_run_explains_itself(penalty: Penalty, dtype: type) -> None:
    run = run_for("cce", dtype, penalty=penalty)
    for position in (6, run.steps_per_iteration - 1, run.steps_per_iteration):
        for cell in cells_of(run, position):
            explanation = run.explain(cell)
            if explanation.terms:
                assert_terms_sum(explanation, dtype)
                assert_factors_are_their_cells(explanation, run)
    assert {array.dtype for array in run.frame(6).tensors.values() if array is not None} <= {
        np.dtype(dtype),
        np.dtype(np.int64),
    }


def test_a_penaltys_share_of_a_gradient_is_a_term_of_its_own() -> None:
    run = run_for("cce", penalty=Penalty(0.03, 0.2))
    plain = run_for("cce")
    cell = Cell("dense_1.dweight", (1, 2), run.steps_per_iteration - 1)
    terms, before = run.explain(cell).terms, plain.explain(cell).terms
    weight = there(run, "dense_1.weight", 0)[1, 2]
    assert [term.value for term in terms[: len(before)]] == [term.value for term in before]
    assert [term.value for term in terms[len(before) :]] == [0.03 * np.sign(weight), 0.4 * weight]


def test_used_by_is_made_of_read_backwards() -> None:
    run = run_for("cce", penalty=Penalty(0.03, 0.2))
    for position in (6, run.steps_per_iteration - 1):
        for cell in cells_of(run, position):
            if cell.tensor not in ("loss.value", "loss.penalty", "dense_1.dweight"):
                continue
            for source in {c for term in run.explain(cell).terms for f in term.factors for c in f.cells}:
                users = {(user.tensor, user.index) for user in run.used_by(source)}
                assert (cell.tensor, cell.index) in users, (cell, source)


def test_at_exactly_zero_the_size_has_no_slope() -> None:
    penalty = Penalty(l1=0.5)
    assert penalty.gradient(np.array([[0.0, -2.0, 3.0]])).tolist() == [[0.0, -0.5, 0.5]]


def test_a_run_without_penalties_has_no_tensor_for_them() -> None:
    assert "loss.penalty" not in run_for("cce").shapes()


@pytest.mark.parametrize("wrong", [{"l1": -1.0}, {"l2": float("nan")}])
def test_a_penalty_is_at_least_zero(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Penalty(**wrong)
