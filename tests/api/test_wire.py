"""What is on the wire, compared with plain NumPy."""

import base64
import io
import json

import httpx
import numpy as np
import pytest

from app.presets import DEFAULT, PRESETS
from engine.datasets import load
from tests.api.conftest import SMALL, close, expect_problem, frame_of, made, value

pytestmark = pytest.mark.anyio


async def test_the_golden_batch_is_the_book_s(client: httpx.AsyncClient) -> None:
    run = await made(client, PRESETS["golden"])
    frame = await frame_of(client, run, run["steps_per_iteration"] - 1)
    prediction = np.array([[0.7, 0.1, 0.2], [0.1, 0.5, 0.4], [0.02, 0.9, 0.08]])
    label = np.eye(3)[[0, 1, 1]]
    close(value(frame, "softmax_1.output"), prediction)
    close(frame["loss"], -np.log([0.7, 0.5, 0.9]).mean())
    assert frame["accuracy"] == 1.0
    close(value(frame, "loss.dinput"), -label / prediction / 3)
    close(value(frame, "softmax_1.dinput"), (prediction - label) / 3)


async def test_the_default_run_is_plain_numpy(client: httpx.AsyncClient) -> None:
    run = await made(client, PRESETS[DEFAULT])
    first = await frame_of(client, run, 0)
    last = await frame_of(client, run, run["steps_per_iteration"])
    data = load("iris", samples=8)
    x, y = data.input, np.eye(3)[data.target[:, 0]]
    w1, w2 = value(first, "dense_1.weight"), value(first, "dense_2.weight")
    z1 = x @ w1
    a1 = np.maximum(z1, 0)
    z2 = a1 @ w2
    e = np.exp(z2)
    p = e / e.sum(axis=1, keepdims=True)
    d2 = (p - y) / 8
    d1 = np.where(z1 >= 0, d2 @ w2.T, 0)
    expected = {
        "data.input": x,
        "dense_1.output": z1,
        "relu_1.output": a1,
        "dense_2.output": z2,
        "softmax_1.output": p,
        "loss.output": -np.log((p * y).sum(axis=1, keepdims=True)),
        "loss.dinput": -y / p / 8,
        "softmax_1.dinput": d2,
        "dense_2.dweight": a1.T @ d2,
        "dense_2.dbias": d2.sum(axis=0, keepdims=True),
        "relu_1.dinput": d1,
        "dense_1.dweight": x.T @ d1,
        "dense_1.dbias": d1.sum(axis=0, keepdims=True),
        "dense_1.dinput": d1 @ w1.T,
        "dense_1.weight": w1 - 0.1 * (x.T @ d1),
        "dense_2.bias": -0.1 * d2.sum(axis=0, keepdims=True),
    }
    for name, array in expected.items():
        close(value(last, name), array, rtol=1e-12, note=name)
    assert last["iteration"] == 1
    assert last["step"] == "update"
    units = z1 > 0
    assert units.any(axis=0).all(), "the default run has no dead unit"
    assert not units.all(axis=0).any(), "and each is off for some samples"


async def test_a_run_says_what_it_is(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    assert run["parent"] is None
    assert run["layers"] == ["dense_1", "softmax_1"]
    assert run["steps"] == [
        "batch", "forward:dense_1", "forward:softmax_1", "loss", "loss_backward",
        "backward:softmax_1", "backward:dense_1", "update",
    ]  # fmt: skip
    assert run["steps_per_iteration"] == len(run["steps"])
    assert run["parameters"] == ["dense_1.weight", "dense_1.bias"]
    assert run["tensors"]["dense_1.output"] == {
        "shape": [8, 3],
        "dtype": "float64",
        "aliases": ["softmax_1.input"],
    }
    assert run["tensors"]["data.target"]["dtype"] == "int64"
    assert (await client.get(f"/runs/{run['id']}")).json() == run


async def test_a_frame_tells_what_is_not_computed(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    frame = await frame_of(client, run, 2)
    assert (frame["step"], frame["iteration"], frame["loss"], frame["accuracy"]) == (
        "forward:dense_1",
        0,
        None,
        None,
    )
    there, missing = frame["tensors"]["dense_1.output"], frame["tensors"]["softmax_1.output"]
    array = np.array(there["values"])
    assert there["computed_at"] == 2
    assert (there["min"], there["max"], there["nan"], there["inf"]) == (array.min(), array.max(), 0, 0)
    assert there["norm"] == pytest.approx(np.linalg.norm(array), rel=1e-15)
    assert missing == {
        "shape": [8, 3],
        "dtype": "float64",
        "computed_at": None,
        **dict.fromkeys(("min", "max", "norm", "nan", "inf", "values")),
    }
    none = await frame_of(client, run, 2, "?values=none")
    assert all("values" not in tensor for tensor in none["tensors"].values())


async def test_since_keeps_what_changed_in_either_direction(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    assert set((await frame_of(client, run, 3, "?since=2"))["tensors"]) == {"softmax_1.output"}
    assert set((await frame_of(client, run, 2, "?since=3"))["tensors"]) == {"softmax_1.output"}
    assert (await frame_of(client, run, 3, "?since=3"))["tensors"] == {}
    step = await frame_of(client, run, 9, "?since=8")
    assert "loss.dinput" in step["tensors"]
    assert "dense_1.weight" not in step["tensors"]


async def test_the_forms_of_a_tensor_agree(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    path = f"/runs/{run['id']}/frames/7/tensors/dense_1.dweight"
    listed = (await client.get(path)).json()
    typed = (await client.get(f"{path}?format=typed")).json()["values"]
    file = await client.get(f"{path}?format=npy")
    array = np.load(io.BytesIO(file.content), allow_pickle=False)
    assert listed["values"] == array.tolist()
    decoded = np.frombuffer(base64.b64decode(typed["bdata"]), typed["dtype"])
    assert decoded.reshape([int(n) for n in typed["shape"].split(",")]).tolist() == array.tolist()
    part = (await client.get(f"{path}?rows=1:3&columns=:2")).json()
    assert (part["shape"], part["rows"], part["columns"]) == ([4, 3], [1, 3], [0, 2])
    assert part["values"] == array[1:3, :2].tolist()
    archive = await client.get(f"/runs/{run['id']}/frames/7?format=npz")
    with np.load(io.BytesIO(archive.content), allow_pickle=False) as arrays:
        assert arrays["dense_1.dweight"].tolist() == array.tolist()
        assert arrays["data.target"].dtype == np.int64
        assert set(arrays.files) == set(run["tensors"])


async def test_another_name_of_a_tensor_opens_it(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    answer = (await client.get(f"/runs/{run['id']}/frames/3/tensors/softmax_1.input")).json()
    assert answer["name"] == "dense_1.output"


async def test_what_is_not_computed_is_null(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    path = f"/runs/{run['id']}/frames/0/tensors/softmax_1.output"
    for form in ("json", "typed"):
        answer = await client.get(f"{path}?format={form}")
        assert answer.json() == {
            "name": "softmax_1.output",
            "shape": [8, 3],
            "rows": [0, 8],
            "columns": [0, 3],
            "values": None,
        }


async def test_a_cell_is_the_sum_of_its_terms(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    answer = (await client.get(f"/runs/{run['id']}/frames/8/tensors/dense_1.dweight/cells/2,1")).json()
    frame = await frame_of(client, run, 7)
    x, dvalue = value(frame, "batch.input"), value(frame, "softmax_1.dinput")
    assert answer["cell"] == {"tensor": "dense_1.dweight", "index": [2, 1], "position": 8}
    assert answer["terms_total"] == len(answer["terms"]) == 8
    for n, term in enumerate(answer["terms"]):
        assert [factor["value"] for factor in term["factors"]] == [x[n, 2], dvalue[n, 1]]
        assert term["factors"][0]["cells"] == [{"tensor": "batch.input", "index": [n, 2], "position": 1}]
        assert not term["factors"][0]["derived"]
    assert sum(term["value"] for term in answer["terms"]) == pytest.approx(answer["value"], rel=1e-14)
    assert answer["used_by"] == [{"tensor": "dense_1.weight", "index": [2, 1], "position": 8}]
    assert answer["formula"]["symbolic"].startswith("<math")
    assert answer["next"] is None
    assert answer["origin"] is None


async def test_terms_beyond_4096_come_in_pages(client: httpx.AsyncClient) -> None:
    samples = 5000
    spec = {
        "dataset": {"name": "spiral", "samples": samples},
        "layers": [{"type": "dense", "units": 3}, {"type": "softmax"}],
    }
    run = await made(client, spec)
    first = (await client.get(f"/runs/{run['id']}/frames/7/tensors/dense_1.dbias/cells/0,0")).json()
    assert (len(first["terms"]), first["terms_total"]) == (4096, samples)
    rest = (await client.get(f"http://backglass{first['next']}")).json()
    assert (len(rest["terms"]), rest["next"]) == (samples - 4096, None)
    assert rest["terms"][0]["factors"][0]["cells"][0]["index"] == [4096, 0]
    assert len(first["formula"]["numeric"]) < 5000


async def test_too_many_terms_are_refused_before_they_are_made(client: httpx.AsyncClient) -> None:
    spec = {"dataset": {"input": [[0]] * 100_001, "target": [0] * 100_001}, "layers": [{"type": "softmax"}]}
    run = await made(client, spec)
    answer = await client.get(f"/runs/{run['id']}/frames/4/tensors/loss.value/cells/0,0")
    problem = expect_problem(answer, 422, "too_many_cells")
    assert problem["params"] == {"figure": 100_001, "limit": 100_000}


async def test_a_jacobian_turns_dvalue_into_dinput(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL)
    answer = (await client.get(f"/runs/{run['id']}/frames/7/jacobians/softmax_1?sample=3")).json()
    s = value(await frame_of(client, run, 7), "softmax_1.output")[3]
    jacobian = np.array(answer["jacobian"])
    close(jacobian, np.diag(s) - np.outer(s, s))
    close(np.array(answer["dvalue"]) @ jacobian, answer["dinput"])
    before = (await client.get(f"/runs/{run['id']}/frames/3/jacobians/softmax_1")).json()
    assert (before["dvalue"], before["dinput"], before["samples"]) == (None, None, 8)


async def test_a_fused_head_has_no_dvalue(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL | {"head": "fused"})
    assert "fused_backward" in run["steps"]
    answer = (await client.get(f"/runs/{run['id']}/frames/6/jacobians/softmax_1")).json()
    assert answer["dvalue"] is None
    assert answer["dinput"] is not None


async def test_numbers_that_are_not_finite_are_words(client: httpx.AsyncClient) -> None:
    spec = {
        "dataset": {"input": [[1e200, -1e200]], "target": [0]},
        "layers": [{"type": "dense", "weight": [[1e200, 1e200], [1e200, -1e200]]}, {"type": "softmax"}],
    }
    run = await made(client, spec)
    frame = await frame_of(client, run, 4)
    tensor = frame["tensors"]["dense_1.output"]
    assert tensor["values"] == [["NaN", "Infinity"]]
    assert (tensor["min"], tensor["max"], tensor["norm"], tensor["nan"], tensor["inf"]) == (
        None,
        None,
        None,
        1,
        1,
    )
    assert frame["loss"] == "NaN"
    answer = await client.get(f"/runs/{run['id']}/frames/4/tensors/dense_1.output/cells/0,1")
    assert answer.json()["value"] == "Infinity"


async def test_float64_round_trips(client: httpx.AsyncClient) -> None:
    row = [[0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 2**53 + 2]]
    run = await made(client, {"dataset": {"input": row, "target": [0]}, "layers": [{"type": "softmax"}]})
    answer = await client.get(f"/runs/{run['id']}/frames/0/tensors/data.input")
    assert json.dumps(answer.json()["values"]) == json.dumps([[float(x) for x in row[0]]])


async def test_a_short_batch_has_its_own_shape(client: httpx.AsyncClient) -> None:
    run = await made(client, SMALL | {"batch": {"size": 5}})
    assert run["tensors"]["dense_1.output"]["shape"] == [5, 3]
    first_of_short = run["steps_per_iteration"] + 1
    frame = await frame_of(client, run, first_of_short)
    assert frame["tensors"]["batch.input"]["shape"] == [3, 4]
    assert frame["tensors"]["dense_1.output"]["shape"] == [3, 3]
    assert frame["tensors"]["data.input"]["shape"] == [8, 4]


async def test_the_samples_shares_sum_to_the_gradient(client: httpx.AsyncClient) -> None:
    run = await made(client, PRESETS[DEFAULT])
    at = f"/runs/{run['id']}/frames/11/tensors"
    for name in ("dense_1.dweight", "dense_2.dbias"):
        whole = np.array((await client.get(f"{at}/{name}")).json()["values"])
        answer = (await client.get(f"{at}/{name}/samples")).json()
        shares = np.array(answer["values"])
        assert answer["shape"] == list(shares.shape) == [8, *whole.shape]
        np.testing.assert_allclose(shares.sum(axis=0), whole, rtol=1e-12, atol=1e-15)
    part = (await client.get(f"{at}/dense_1.dweight/samples?rows=1:3&columns=2:4")).json()
    full = np.array((await client.get(f"{at}/dense_1.dweight/samples")).json()["values"])
    assert (part["rows"], part["columns"]) == ([1, 3], [2, 4])
    np.testing.assert_array_equal(part["values"], full[:, 1:3, 2:4])
    file = await client.get(f"{at}/dense_1.dweight/samples?format=npy")
    np.testing.assert_array_equal(np.load(io.BytesIO(file.content)), full)


async def test_a_sample_s_share_of_every_gradient_comes_in_one_answer(client: httpx.AsyncClient) -> None:
    run = await made(client, PRESETS[DEFAULT])
    at = f"/runs/{run['id']}/frames/11"
    answers = [(await client.get(f"{at}/samples/{sample}")).json() for sample in range(8)]
    frame = await frame_of(client, run, 11)
    assert (answers[3]["sample"], answers[3]["samples"]) == (3, 8)
    names = ["dense_1.dweight", "dense_1.dbias", "dense_2.dweight", "dense_2.dbias"]
    assert [list(answer["tensors"]) for answer in answers] == [names] * 8
    for name in names:
        shares = [np.array(answer["tensors"][name]["values"]) for answer in answers]
        close(sum(shares), value(frame, name))
        stack = np.array((await client.get(f"{at}/tensors/{name}/samples")).json()["values"])
        np.testing.assert_array_equal(shares, stack)
        figures = answers[3]["tensors"][name]
        assert (figures["min"], figures["max"]) == (shares[3].min(), shares[3].max())
        assert figures["norm"] == pytest.approx(np.linalg.norm(shares[3]))
    early = (await client.get(f"/runs/{run['id']}/frames/9/samples/3")).json()["tensors"]
    assert early["dense_1.dweight"]["values"] is None
    assert early["dense_2.dweight"] == answers[3]["tensors"]["dense_2.dweight"]
    # Right after the update, the gradients that it used still stand.
    after = (await client.get(f"/runs/{run['id']}/frames/12/samples/3")).json()["tensors"]
    assert after == answers[3]["tensors"]


async def test_a_sample_beyond_the_batch_has_no_share(client: httpx.AsyncClient) -> None:
    spec = SMALL | {"dataset": {"name": "iris", "samples": 8}, "batch": {"size": 5}}
    run = await made(client, spec)
    first, second = (f"/runs/{run['id']}/frames/{n * run['steps_per_iteration']}/samples" for n in (1, 2))
    assert (await client.get(f"{first}/4")).json()["samples"] == 5
    assert (await client.get(f"{second}/2")).json()["samples"] == 3
    problem = expect_problem(await client.get(f"{second}/3"), 422, "out_of_range")
    assert problem["params"] == {"expected": "0 to 2", "got": 3}


async def test_a_penalty_s_part_is_no_sample_s(client: httpx.AsyncClient) -> None:
    layers = [{"type": "dense", "units": 3, "l1": 0.01, "l2": 0.1}, {"type": "softmax"}]
    run = await made(client, SMALL | {"layers": layers})
    last = run["steps_per_iteration"] - 1
    frame = await frame_of(client, run, last)
    at = f"/runs/{run['id']}/frames/{last}/samples"
    shares = [
        (await client.get(f"{at}/{n}")).json()["tensors"]["dense_1.dweight"]["values"] for n in range(8)
    ]
    weight = value(frame, "dense_1.weight")
    close(np.sum(shares, axis=0) + 0.01 * np.sign(weight) + 0.2 * weight, value(frame, "dense_1.dweight"))


async def test_only_parameters_gradients_have_samples_shares(client: httpx.AsyncClient) -> None:
    run = await made(client, PRESETS[DEFAULT])
    for position, name, status, code in (
        (11, "dense_1.dinput", 404, "no_shares"),
        (11, "loss.value", 404, "no_shares"),
        (11, "dense_1.weight", 404, "no_shares"),
        (3, "dense_1.dweight", 409, "not_computed"),
    ):
        path = f"/runs/{run['id']}/frames/{position}/tensors/{name}/samples"
        expect_problem(await client.get(path), status, code)
