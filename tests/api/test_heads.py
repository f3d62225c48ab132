"""Apart and fused over HTTP: every number at every point, and the curves."""

from math import exp, log

import httpx
import pytest

pytestmark = pytest.mark.anyio

PATH = "/heads"


async def test_every_point_has_every_number(client: httpx.AsyncClient) -> None:
    answer = (await client.get(PATH)).json()
    points, outputs = len(answer["axis"]), len(answer["target"])
    assert (points, outputs) == (201, 3)
    assert [answer["axis"][0], answer["axis"][-1]] == [-50, 50]
    assert [row[0] for row in answer["logits"]] == answer["axis"]
    assert [len(answer["jacobian"]), *map(len, answer["jacobian"][0])] == [points, *[outputs] * outputs]
    for way, found in answer["ways"].items():
        assert len(found["dinput"]) == points
        assert (found["dvalue"] is None) == (way == "fused")
        if way != "fused":
            # dinput = dvalue · J, wherever it is looked at.
            at = 80
            product = [
                sum(d * row[k] for d, row in zip(found["dvalue"][at], answer["jacobian"][at], strict=True))
                for k in range(outputs)
            ]
            assert found["dinput"][at] == pytest.approx(product, abs=1e-12)
    assert answer["exact"]["loss"][0] == pytest.approx(50 + log(2 + exp(-50)))
    assert answer["ways"]["clipped"]["verdict"]["dinput"][0] == "clipped"
    assert answer["ways"]["fused"]["verdict"]["dinput"][0] == "agrees"


async def test_the_pass_is_that_of_backprop(client: httpx.AsyncClient) -> None:
    answer = (await client.get(PATH, params={"rest": [1.5, -2], "label": "0"})).json()
    assert answer["target"] == [0, 1, 0]
    for at in (0, 70, 130):
        for way, head, clip in (
            ("clipped", "separate", 1e-7),
            ("unclipped", "separate", 0),
            ("fused", "fused", 0),
        ):
            asked = {
                "layers": [{"type": "softmax"}],
                "input": [answer["logits"][at]],
                "target": [1],
                "loss": "categorical_crossentropy",
                "head": head,
                "conventions": {"clip": clip},
            }
            one = (await client.post("/backprop", json=asked)).json()
            assert one["loss"] == answer["ways"][way]["loss"][at]
            assert one["tensors"]["softmax_1.dinput"] == [answer["ways"][way]["dinput"][at]]


async def test_a_probability_goes_to_exactly_zero_and_one(client: httpx.AsyncClient) -> None:
    for loss, others in (("categorical_crossentropy", 2), ("binary_crossentropy", 0)):
        query = {"by": "probability", "dtype": "float32", "loss": loss}
        answer = (await client.get(PATH, params=query)).json()
        assert (answer["axis"][0], answer["axis"][-1]) == ("-Infinity", "Infinity")
        assert (answer["prediction"][0][0], answer["prediction"][-1][0]) == (0, 1)
        middle = answer["prediction"][answer["axis"].index(0)]
        assert middle == pytest.approx([0.5, *[0.25] * others])
        clipped, unclipped = (answer["ways"][way] for way in ("clipped", "unclipped"))
        assert clipped["loss"][0] == pytest.approx(-log(1e-7), rel=1e-6)
        assert unclipped["loss"][0] == "Infinity"
        assert unclipped["dinput"][0][0] == "NaN"
        assert unclipped["error"]["dinput"][0] == "Infinity"
        assert unclipped["verdict"]["dinput"][0] == "not_finite"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("rest=51", "query.rest[0]"),
        ("rest=NaN", "query.rest[0]"),
        ("&".join(["rest=0"] * 10), "query.rest"),
        ("loss=hinge", "query.loss"),
        ("label=2", "query.label"),
        ("by=odds", "query.by"),
        ("dtype=float16", "query.dtype"),
        ("clip=0.5", "query.clip"),
        ("clip=inf", "query.clip"),
    ],
)
async def test_what_is_refused(client: httpx.AsyncClient, query: str, field: str) -> None:
    answer = await client.get(f"{PATH}?{query}")
    assert answer.status_code == 422
    assert answer.json()["field"] == field


@pytest.mark.parametrize("of", ["loss", "dinput"])
async def test_the_figure_draws_each_way_above_its_error(client: httpx.AsyncClient, of: str) -> None:
    query = {"loss": "binary_crossentropy", "label": "0", "of": of, "lang": "zh", "theme": "dark"}
    figure = (await client.get(f"{PATH}/figure", params=query)).json()
    above = [trace for trace in figure["data"] if trace["yaxis"] == "y"]
    below = [trace for trace in figure["data"] if trace["yaxis"] == "y2"]
    assert [trace["name"] for trace in above] == ["真值", "合并", "分开，不裁剪", "分开，裁剪"]
    # Each way has a line of its own below, and what is not finite its crosses: no way by its colour alone.
    assert len({trace["line"]["dash"] for trace in above[1:]}) == 3
    assert [trace["mode"] for trace in below].count("lines") == 3
    assert [trace["name"] for trace in below if trace["mode"] == "markers"] == ["分开，不裁剪"]
