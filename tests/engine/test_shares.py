"""A parameter's gradient is the sum of its samples' shares."""

import numpy as np
import pytest

from engine.layers import Dense, ReLU
from engine.run import Edit, NotComputedError
from tests.engine.cases import LOSSES, run_for


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("loss", LOSSES)
def test_the_shares_sum_to_the_gradient(loss: str, dtype: type) -> None:
    run = run_for(loss, dtype)
    last = run.steps_per_iteration - 1
    for position in (last, 2 * last + 1):  # a batch of four, and a short one
        for name in ("dense_1.dweight", "dense_1.dbias", "dense_2.dweight", "dense_2.dbias"):
            array = run.frame(position).tensors[name]
            assert array is not None
            shares = run.shares(position, name)
            assert shares.shape == (run.shape_at("batch.input", position)[0], *array.shape)
            assert shares.dtype == dtype
            size = np.abs(shares).sum(axis=0)
            assert (np.abs(shares.sum(axis=0) - array) <= 8 * len(shares) * np.finfo(dtype).eps * size).all()


def test_a_share_is_what_its_sample_alone_would_give() -> None:
    rng = np.random.default_rng(0)
    input, dvalue = rng.standard_normal((5, 4)), rng.standard_normal((5, 3))
    layer = Dense(4, 3)
    layer.forward(input)
    layer.backward(dvalue)
    weight, bias = layer.shares("weight"), layer.shares("bias")
    for n in range(5):
        alone = Dense(4, 3)
        alone.forward(input[n : n + 1])
        alone.backward(dvalue[n : n + 1])
        np.testing.assert_array_equal(weight[n], alone.dweight)
        np.testing.assert_array_equal(bias[n], alone.dbias)


def test_an_edit_after_the_step_changes_no_share() -> None:
    run = run_for("cce")
    last = run.steps_per_iteration - 1
    for name in ("relu_1.output", "relu_1.dinput"):
        edited = run_for("cce", edits=(Edit(last, name, (0, 0), 9.0),))
        for gradient in ("dense_1.dweight", "dense_2.dweight"):
            array = edited.frame(last).tensors[gradient]
            assert array is not None
            np.testing.assert_allclose(edited.shares(last, gradient).sum(axis=0), array, atol=1e-14)


def test_one_sample_s_share_is_formed_alone() -> None:
    run = run_for("cce")
    last = run.steps_per_iteration - 1
    every = run.shares(last, "dense_1.dweight")
    for n in range(len(every)):
        alone = run.shares(last, "dense_1.dweight", samples=slice(n, n + 1))
        np.testing.assert_array_equal(alone, every[n : n + 1])


def test_only_parameters_gradients_have_shares() -> None:
    run = run_for("cce")
    with pytest.raises(NotComputedError):
        run.shares(3, "dense_1.dweight")
    with pytest.raises(KeyError):
        ReLU().shares("weight")
    with pytest.raises(KeyError):
        Dense(1, 1).shares("input")
    with pytest.raises(KeyError):
        run.shares(run.steps_per_iteration - 1, "dense_1.dinput")
