"""A parameter's gradient is the sum of its samples' shares."""

import numpy as np
import pytest

from engine.layers import Dense, ReLU
from engine.run import NotComputedError
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
