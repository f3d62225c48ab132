"""Every kind of tensor has its formula, as MathML that parses, with the numbers of its terms."""

import re
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from app.mathml import decimal
from tests.api.conftest import SMALL, made

pytestmark = pytest.mark.anyio

DENSE = {"type": "dense", "units": 3}
MATH = "{http://www.w3.org/1998/Math/MathML}"

SPECS: list[dict[str, Any]] = [
    {"layers": [DENSE, {"type": "relu"}, DENSE, {"type": "softmax"}]},
    {"layers": [DENSE, {"type": "softmax"}], "conventions": "pytorch"},
    {"layers": [DENSE, {"type": "softmax"}], "optimizer": {"type": "sgd", "momentum": 0.9}},
    {"layers": [DENSE, {"type": "softmax"}], "optimizer": {"type": "sgd", "momentum": 0.9, "nesterov": True}},
    {"layers": [DENSE | {"l1": 0.1}, {"type": "softmax"}]},
    {"layers": [DENSE | {"l1": 0.1, "l2": 0.2}, {"type": "softmax"}]},
    {"layers": [DENSE, {"type": "softmax"}], "optimizer": {"type": "adagrad"}},
    {"layers": [DENSE, {"type": "softmax"}], "optimizer": {"type": "rmsprop"}},
    {"layers": [DENSE, {"type": "softmax"}], "optimizer": {"type": "adam"}},
    {"layers": [DENSE, {"type": "softmax"}], "optimizer": {"type": "adamw"}},
    {
        "dataset": {"name": "quadrants", "samples": 4},
        "layers": [{"type": "dense", "units": 2}, {"type": "sigmoid"}],
        "loss": "binary_crossentropy",
    },
    {
        "dataset": {"name": "quadrants", "samples": 4},
        "layers": [{"type": "dense", "units": 2}, {"type": "sigmoid"}],
        "loss": "binary_crossentropy",
        "conventions": "book",
        "head": "fused",
    },
]


def spoken(math: str) -> str:
    """The formula's characters."""
    return "".join(ElementTree.fromstring(math).itertext())


@pytest.mark.parametrize("change", SPECS)
async def test_every_tensor_has_a_formula(client: httpx.AsyncClient, change: dict[str, Any]) -> None:
    run = await made(client, SMALL | change)
    position = run["steps_per_iteration"]
    never = {"loss.dinput"} if run["spec"]["head"] == "fused" else set()
    for name in run["tensors"].keys() - never:
        path = f"/runs/{run['id']}/frames/{position}/tensors/{name}/cells/0,0"
        answer = (await client.get(path)).json()
        formula = answer["formula"]
        for math in formula.values():
            assert ElementTree.fromstring(math).tag == f"{MATH}math"
        attribute = name.rpartition(".")[2]
        assert spoken(formula["symbolic"]).startswith(f"{attribute}0,0")
        assert spoken(formula["numeric"]).endswith(spoken(f"<x>{decimal(answer['value'], 6)}</x>"))
        if answer["terms"]:
            assert "=" in spoken(formula["symbolic"])


@pytest.mark.parametrize(
    ("name", "cell", "said"),
    [
        ("dense_1.dweight", "2,1", "dweight2,1=∑ninputn,2·dvaluen,1"),
        ("dense_1.output", "2,1", "output2,1=∑ainput2,a·weighta,1+bias0,1"),
        ("dense_1.dinput", "2,1", "dinput2,1=∑udvalue2,u·weight1,u"),
        ("dense_1.weight", "2,1", "weight2,1=weight2,1−lrt·dweight2,1"),
        ("softmax_1.dinput", "2,1", "dinput2,1=∑jdvalue2,j·output2,j(δj,1−output2,1)"),
        ("softmax_1.output", "2,1", "output2,1=einput2,1∑leinput2,l"),
        ("loss.output", "2,0", "output2,0=−∑jy2,j·ln\u2061ŷ2,j"),
        ("loss.value", "0,0", "value0,0=1n∑ioutputi,0"),
        ("loss.dinput", "2,1", "dinput2,1=−y2,1n·ŷ2,1"),
        ("batch.input", "2,1", "input2,1=data.input2,1"),
    ],
)
async def test_the_formula_in_symbols(client: httpx.AsyncClient, name: str, cell: str, said: str) -> None:
    run = await made(client, SMALL)
    path = f"/runs/{run['id']}/frames/8/tensors/{name}/cells/{cell}"
    formula = (await client.get(path)).json()["formula"]
    assert spoken(formula["symbolic"]) == said


async def test_the_formula_in_numbers(client: httpx.AsyncClient) -> None:
    spec = {
        "dataset": {"input": [[2, -3]], "target": [0]},
        "layers": [{"type": "dense", "weight": [[0.5, 1], [-4, 1]], "bias": [1e-5, 0]}, {"type": "softmax"}],
    }
    run = await made(client, spec)
    path = f"/runs/{run['id']}/frames/2/tensors/dense_1.output/cells/0,0"
    formula = (await client.get(path)).json()["formula"]
    assert spoken(formula["numeric"]) == "output0,0=2·0.5+(−3)·(−4)+1×10−5=13"


@pytest.mark.parametrize(("samples", "pluses"), [(12, 11), (13, 12), (150, 12)])
async def test_long_sums_are_elided(client: httpx.AsyncClient, samples: int, pluses: int) -> None:
    run = await made(client, SMALL | {"dataset": {"name": "iris", "samples": samples}})
    path = f"/runs/{run['id']}/frames/7/tensors/dense_1.dbias/cells/0,0"
    said = spoken((await client.get(path)).json()["formula"]["numeric"])
    assert len(re.findall(r"\+", said)) == pluses
    assert ("⋯" in said) == (samples > 12)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.125, "0.125"),
        (-1234.56, "−1235"),
        (1.5e-7, "1.5×10−7"),
        (float("nan"), "NaN"),
        (float("-inf"), "−∞"),
    ],
)
def test_numbers_are_short_and_true(value: float, said: str) -> None:
    assert spoken(f"<x>{decimal(value)}</x>") == said


@pytest.mark.parametrize(
    ("optimizer", "name", "said"),
    [
        ({"type": "sgd", "momentum": 0.9}, "weight", "weight2,1=weight2,1−lrt·momentum2,1"),
        ({"type": "sgd", "momentum": 0.9}, "weight.momentum", "momentum2,1=μ·momentum2,1+dweight2,1"),
        (
            {"type": "sgd", "momentum": 0.9, "nesterov": True},
            "weight",
            "weight2,1=weight2,1−lrt·(dweight2,1+μ·momentum2,1)",
        ),
        ({"type": "adagrad"}, "weight", "weight2,1=weight2,1−lrt·dweight2,1cache2,1+ε"),
        ({"type": "adagrad"}, "bias.cache", "cache0,1=cache0,1+(dbias0,1)2"),
        ({"type": "rmsprop"}, "weight.cache", "cache2,1=ρ·cache2,1+(1−ρ)·(dweight2,1)2"),
        ({"type": "adam"}, "weight.momentum", "momentum2,1=β₁·momentum2,1+(1−β₁)·dweight2,1"),
        (
            {"type": "adamw"},
            "weight",
            "weight2,1=(1−lrt·λ)·weight2,1−lrt·momentum2,11−β₁t+1cache2,11−β₂t+1+ε",
        ),
    ],
)
async def test_an_optimisers_formula_in_symbols(
    client: httpx.AsyncClient, optimizer: dict[str, Any], name: str, said: str
) -> None:
    run = await made(client, SMALL | {"optimizer": optimizer})
    cell = "0,1" if name.startswith("bias") else "2,1"
    path = f"/runs/{run['id']}/frames/8/tensors/dense_1.{name}/cells/{cell}"
    formula = (await client.get(path)).json()["formula"]
    assert spoken(formula["symbolic"]) == said


async def test_a_penaltys_formula_names_the_weights_that_cost_something(client: httpx.AsyncClient) -> None:
    layers = [DENSE | {"l1": 0.1, "l2": 0.2}, {"type": "relu"}, DENSE | {"l2": 0.3}, {"type": "softmax"}]
    for spec, said in (
        (layers, "penalty0,0=λ₁·∑a,u|dense_1.weighta,u|+λ₂·∑a,udense_1.weighta,u2+λ₂·∑a,udense_2.weighta,u2"),
        (layers[2:], "penalty0,0=λ₂·∑a,uweighta,u2"),
    ):
        run = await made(client, SMALL | {"layers": spec})
        path = f"/runs/{run['id']}/frames/{run['steps_per_iteration']}/tensors/loss.penalty/cells/0,0"
        assert spoken((await client.get(path)).json()["formula"]["symbolic"]) == said


async def test_an_updates_terms_are_called_as_their_tensors_and_what_is_kept_is_not_rounded_to_1(
    client: httpx.AsyncClient,
) -> None:
    run = await made(client, SMALL | {"optimizer": {"type": "adamw", "weight_decay": 0.02}})
    path = f"/runs/{run['id']}/frames/{run['steps_per_iteration']}/tensors/dense_1"
    weight, cache = [
        (await client.get(f"{path}.{name}/cells/0,0")).json() for name in ("weight", "bias.cache")
    ]
    assert [[f["label"] for f in term["factors"]] for term in weight["terms"]] == [
        ["1 − lr·λ", "weight"],
        ["−lr", "m̂", "1/(√ĉ + ε)"],
    ]
    assert "=0.99998·" in spoken(weight["formula"]["numeric"])
    assert [f["label"] for f in cache["terms"][1]["factors"]] == ["1 − β₂", "dbias", "dbias"]


@pytest.mark.parametrize(
    ("fault", "name", "said"),
    [
        ("missing_mean", "loss.dinput", "dinput2,1=−y2,1ŷ2,1"),
        ("unsigned_label", "loss.dinput", "dinput2,1=((−y2,1)mod256)n·ŷ2,1"),
        ("softmax_scalar", "softmax_1.dinput", "dinput2,1=∑jdvalue2,j(δj,1·output2,j−∑loutput2,l2)"),
        ("missing_transpose", "dense_1.dinput", "dinput2,1=∑udvalue2,u·reshape(weight)u,1"),
        ("bias_not_summed", "dense_1.dbias", "dbias0,1=dvalue0,1"),
        ("input_overwritten", "dense_1.dweight", "dweight2,1=∑ndinputn,2·dvaluen,1"),
        ("relu_at_zero", "relu_1.dinput", "dinput2,1={dvalue2,1input2,1>00input2,1≤0"),
        ("wrong_sign", "dense_1.weight", "weight2,1=weight2,1+lrt·dweight2,1"),
    ],
)
async def test_a_fault_is_in_the_formula_of_what_it_spoils(
    client: httpx.AsyncClient, fault: str, name: str, said: str
) -> None:
    layers = [DENSE, {"type": "relu"}, DENSE, {"type": "softmax"}]
    run = await made(client, SMALL | {"layers": layers, "faults": [fault]})
    cell = "0,1" if name.endswith("dbias") else "2,1"
    path = f"/runs/{run['id']}/frames/12/tensors/{name}/cells/{cell}"
    answer = (await client.get(path)).json()
    assert spoken(answer["formula"]["symbolic"]) == said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (SPECS[-2], "dinput2,1=((−y2,1)mod256)ŷ2,1+1−y2,11−ŷ2,1"),
        (SPECS[-1], "dinput2,1=ŷ2,1+((−y2,1)mod256)J"),
        ({"head": "fused"}, "dinput2,1=ŷ2,1·∑ly2,l+((−y2,1)mod256)"),
    ],
)
async def test_two_faults_of_a_loss_are_both_in_its_formula(
    client: httpx.AsyncClient, change: dict[str, Any], said: str
) -> None:
    run = await made(client, SMALL | change | {"faults": ["missing_mean", "unsigned_label"]})
    name = f"{run['layers'][-1]}.dinput" if run["spec"]["head"] == "fused" else "loss.dinput"
    path = f"/runs/{run['id']}/frames/{run['steps_per_iteration']}/tensors/{name}/cells/2,1"
    assert spoken((await client.get(path)).json()["formula"]["symbolic"]) == said
