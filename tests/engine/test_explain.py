"""A cell is its terms' sum to rounding, a read factor is the cell it names, and both directions agree."""

from dataclasses import replace

import numpy as np
import pytest

from engine.arrays import Array
from engine.batching import Batching
from engine.explain import Cell, Explanation
from engine.layers import Dense, Layer, ReLU, Softmax
from engine.losses import CategoricalCrossentropy
from engine.network import Network
from engine.optimizers import SGD
from engine.run import Edit, NotComputedError, Run
from tests.engine.cases import LAYERS, LOSS_CASES, LOSSES, prediction_for, run_for, target_for

S = 12
EDITS = (
    Edit(0, "data.input", (2, 1), 3.0),
    Edit(5, "dense_2.output", (1, 1), 0.7),
    Edit(6, "loss.output", (2, 0), 0.9),
    Edit(7, "softmax_1.dvalue", (0, 0), -1.5),
    Edit(9, "dense_2.dinput", (1, 1), 2.0),
    Edit(S, "dense_1.weight.momentum", (0, 1), 0.5),
    Edit(2 * S, "dense_1.weight", (0, 0), 0.3),
    Edit(2 * S + 1, "batch.target", (1, 0), 2),
)


def assert_terms_sum(explanation: Explanation, dtype: type) -> None:
    terms = [term.value for term in explanation.terms]
    limits = np.finfo(dtype)
    bound = 8 * len(terms) * float(limits.eps) * sum(abs(value) for value in terms)
    # Below the smallest normal number the dtype has fewer digits than eps says.
    bound += 8 * len(terms) * float(limits.smallest_subnormal)
    assert abs(explanation.value - sum(terms)) <= bound, explanation


def assert_terms_are_products(explanation: Explanation) -> None:
    for term in explanation.terms:
        assert term.value == pytest.approx(
            np.prod([factor.value for factor in term.factors]), rel=1e-14, abs=0
        )


def assert_factors_are_their_cells(explanation: Explanation, run: Run) -> None:
    for factor in (f for term in explanation.terms for f in term.factors if not f.derived):
        (cell,) = factor.cells
        array = run.frame(cell.position or 0).tensors[cell.tensor]
        assert array is not None
        assert float(array[cell.index]) == factor.value, (explanation.cell, factor)


def cells_of(run: Run, position: int) -> list[Cell]:
    tensors = run.frame(position).tensors
    return [
        Cell(name, (int(index[0]), int(index[1])), position)
        for name, array in tensors.items()
        if array is not None
        for index in np.ndindex(array.shape)
    ]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_by_itself_explains_what_it_computed(name: str, dtype: type) -> None:
    rng = np.random.default_rng(1)
    layer = LAYERS[name](4, dtype)
    layer.forward(rng.standard_normal((3, 4)).astype(dtype))
    layer.backward(rng.standard_normal(layer.output.shape).astype(dtype))
    for attribute in layer.rules:
        for row, column in np.ndindex(vars(layer)[attribute].shape):
            explanation = layer.explain(Cell(attribute, (row, column)))
            assert explanation.value == vars(layer)[attribute][row, column]
            assert_terms_sum(explanation, dtype)
            assert_terms_are_products(explanation)
            assert_reads_what_its_rule_says(layer, explanation)
    assert layer.explain(Cell("input", (0, 0))).terms == ()


def test_zero_selects_whatever_it_keeps_out() -> None:
    relu = ReLU()
    relu.forward(np.array([[-1.0, 0.0, 2.0]]))
    relu.backward(np.array([[np.inf, 3.0, np.nan]]))
    blocked, edge, through = (relu.explain(Cell("dinput", (0, column))).terms[0] for column in range(3))
    assert (blocked.value, blocked.factors[0].value) == (0, 0)
    assert (edge.value, edge.factors[0].value) == (3, 1)
    assert np.isnan(through.value)


def test_a_layer_by_itself_says_where_its_parameters_came_from() -> None:
    drawn, given = Dense(2, 2), Dense(2, 2, weight=np.eye(2))
    assert drawn.explain(Cell("weight", (0, 0))).origin == "initial"
    assert given.explain(Cell("weight", (0, 0))).origin == "given"
    assert given.explain(Cell("bias", (0, 0))).origin == "initial"


def assert_reads_what_its_rule_says(layer: Layer, explanation: Explanation) -> None:
    """The explanation's cells are those whose users, by the rule, are this cell."""
    rule = layer.rules[explanation.cell.tensor]
    shape = vars(layer)[explanation.cell.tensor].shape
    named = {cell for term in explanation.terms for factor in term.factors for cell in factor.cells}
    expected = {
        Cell(read, (int(index[0]), int(index[1])))
        for read in rule.reads
        for index in np.ndindex(vars(layer)[read].shape)
        if explanation.cell.index in set(rule.users(read, (int(index[0]), int(index[1])), shape))
    }
    assert named == expected


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("name", "form", "shape"), LOSS_CASES)
def test_a_loss_by_itself_explains_what_it_computed(
    name: str, form: str, shape: tuple[int, int], dtype: type
) -> None:
    rng = np.random.default_rng(2)
    loss = LOSSES[name]()
    prediction: Array = prediction_for(loss, shape, rng).astype(dtype)
    target = target_for(loss, form, *shape, rng)
    loss.forward(prediction, target)
    for attribute in ("output", "value"):
        for row, column in np.ndindex(vars(loss)[attribute].shape):
            assert_terms_sum(loss.explain(Cell(attribute, (row, column))), dtype)
    loss.backward(prediction, target)
    for row, column in np.ndindex(loss.dinput.shape):
        explanation = loss.explain(Cell("dinput", (row, column)))
        assert_terms_sum(explanation, dtype)
        assert_terms_are_products(explanation)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("target", ["sparse", "soft"])
@pytest.mark.parametrize("name", LOSSES)
def test_every_cell_of_a_run_explains_itself(name: str, target: str, dtype: type) -> None:
    run = run_for(name, dtype, target=target)
    for position in (0, 1, 4, S - 2, run.steps_per_iteration, 2 * run.steps_per_iteration + 7):
        for cell in cells_of(run, position):
            explanation = run.explain(cell)
            assert explanation.cell == cell
            assert bool(explanation.terms) != bool(explanation.origin)
            if explanation.terms:
                assert_terms_sum(explanation, dtype)
                assert_factors_are_their_cells(explanation, run)


@pytest.mark.parametrize("position", [0, 2, 6, 7, 9, 11, S, S + 6, 2 * S, 2 * S + 1, 2 * S + 8, 3 * S])
def test_edited_runs_explain_themselves_too(position: int) -> None:
    run = run_for("cce", edits=EDITS)
    for cell in cells_of(run, position):
        explanation = run.explain(cell)
        if explanation.terms:
            assert_terms_sum(explanation, np.float64)
            assert_factors_are_their_cells(explanation, run)
        else:
            assert explanation.origin


def test_used_by_is_made_of_read_backwards() -> None:
    run = run_for("cce", edits=(*EDITS, Edit(S + 4, "dense_2.weight", (1, 1), 5.0)))
    for position in (3, 6, 8, 10, S, S + 3, S + 9, 2 * S):
        for cell in cells_of(run, position):
            for term in run.explain(cell).terms:
                for factor in term.factors:
                    for source in factor.cells:
                        users = {(user.tensor, user.index) for user in run.used_by(source)}
                        assert (cell.tensor, cell.index) in users, (cell, source)


def test_what_a_later_edit_replaced_is_used_no_more() -> None:
    run = run_for("cce", edits=(Edit(S + 4, "dense_2.weight", (1, 1), 5.0),))
    before = run.used_by(Cell("dense_2.weight", (1, 1), S + 2))
    after = run.used_by(Cell("dense_2.weight", (1, 1), S + 4))
    assert [(user.tensor, user.position) for user in before] == [("dense_2.output", S + 4)] * 3
    assert {(user.tensor, user.position) for user in after} == {
        ("dense_2.dinput", S + 9),
        ("dense_2.weight", 2 * S),
    }


def test_used_by_stays_within_the_pass_and_is_bounded() -> None:
    late = run_for("cce", edits=(Edit(11, "relu_1.output", (1, 1), 5.0),))
    assert late.used_by(Cell("relu_1.output", (1, 1), 11)) == [], "the next batch clears it"
    run = run_for("cce", samples=7, batching=Batching())
    users = run.used_by(Cell("relu_1.output", (1, 1), 5))
    assert {(user.tensor, user.position) for user in users} == {
        ("dense_2.output", 4),
        ("dense_2.dweight", 9),
    }
    wide = Run(
        Network([Dense(2, 5000), Softmax()], CategoricalCrossentropy()),
        SGD(),
        np.ones((2, 2)),
        np.array([0, 1]),
    )
    assert len(wide.used_by(Cell("batch.input", (0, 0), 1))) == 4096


def test_every_user_names_the_cell_among_those_it_was_made_of() -> None:
    run = run_for("bce_mean", batching=None)
    for position in (0, 1, 3, 6, 9, S):
        for cell in cells_of(run, position)[::3]:
            for user in run.used_by(cell):
                sources = {
                    (source.tensor, source.index)
                    for term in run.explain(user).terms
                    for factor in term.factors
                    for source in factor.cells
                }
                assert (cell.tensor, cell.index) in sources, (cell, user)


def test_leaves_say_where_they_came_from() -> None:
    run = run_for("cce", edits=EDITS)

    def origin(tensor: str, index: tuple[int, int], position: int) -> str | None:
        return run.explain(Cell(tensor, index, position)).origin

    assert origin("dense_1.weight", (1, 1), 3) == "initial"
    assert origin("dense_1.bias", (0, 1), 0) == "initial"
    assert origin("dense_1.weight.momentum", (0, 0), 5) == "initial"
    assert origin("data.input", (0, 0), 40) == "data"
    assert origin("data.input", (2, 1), 40) == "edited"
    assert origin("dense_2.output", (1, 1), 5) == "edited"
    assert origin("dense_2.output", (1, 0), 5) is None
    assert origin("dense_1.weight", (0, 0), 2 * S) == "edited"
    assert origin("dense_1.weight", (0, 0), 3 * S) is None


def test_a_wire_answers_to_both_its_names() -> None:
    run = run_for("cce")
    one = run.explain(Cell("dense_2.dvalue", (1, 1), 9))
    other = run.explain(Cell("softmax_1.dinput", (1, 1), 9))
    assert one == other


def test_what_is_not_there_is_refused() -> None:
    run = run_for("cce")
    with pytest.raises(NotComputedError):
        run.explain(Cell("dense_1.dweight", (0, 0), 4))
    with pytest.raises(KeyError):
        run.explain(Cell("dense_9.output", (0, 0), 4))
    with pytest.raises(IndexError):
        run.explain(Cell("dense_1.output", (4, 0), 4))
    with pytest.raises(IndexError):
        run.explain(Cell("dense_1.output", (-1, 0), 4))


def test_the_sum_law_catches_a_term_that_is_missing() -> None:
    run = run_for("cce")
    explanation = run.explain(Cell("dense_2.dweight", (1, 1), 9))
    with pytest.raises(AssertionError):
        assert_terms_sum(replace(explanation, terms=explanation.terms[1:]), np.float64)
    factor = explanation.terms[0].factors[0]
    nudged = replace(factor, value=np.nextafter(factor.value, 2.0))
    term = replace(explanation.terms[0], factors=(nudged, explanation.terms[0].factors[1]))
    with pytest.raises(AssertionError):
        assert_factors_are_their_cells(replace(explanation, terms=(term,)), run)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_sum_law_holds_where_one_probability_is_nearly_all(dtype: type) -> None:
    layer: Layer = LAYERS["softmax"](3, dtype)
    logits: Array = np.array([[8.0, 0, 0], [30, 0, 1], [0, 5, 0]], dtype)
    layer.forward(logits)
    layer.backward(np.array([[-1 / 3, 0, 0], [-1.0, 0.5, 0], [0, -1 / 3, 0]], dtype))
    for row, column in np.ndindex(3, 3):
        assert_terms_sum(layer.explain(Cell("dinput", (row, column))), dtype)
