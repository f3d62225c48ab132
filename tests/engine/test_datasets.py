"""Named data sets: what they promise, what they refuse, and the numbers themselves."""

import hashlib
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.datasets
from engine.datasets import DATASETS, Dataset, Option, OptionError, Shape, load, shape

REAL = ("iris", "digits")
ROUND_ROBIN = ("spiral", "moons", "circles", "xor", "blobs")
SEEDED = (*REAL, *ROUND_ROBIN, "quadrants")


def values(option: Option) -> st.SearchStrategy[Any]:
    """Every value that an option allows, samples kept few."""
    if option.type == "boolean":
        return st.booleans()
    assert option.minimum is not None
    assert option.maximum is not None
    if option.type == "number":
        return st.floats(option.minimum, option.maximum)
    allowed = st.integers(int(option.minimum), int(min(option.maximum, 200)))
    return st.none() | allowed if option.nullable else allowed


def calls(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments of `load`, any of the options given."""
    return st.sampled_from(names or tuple(DATASETS)).flatmap(
        lambda name: st.fixed_dictionaries(
            {"name": st.just(name)},
            optional={option.name: values(option) for option in DATASETS[name].options},
        )
    )


def same(one: Dataset, other: Dataset) -> bool:
    return bool(np.array_equal(one.input, other.input) and np.array_equal(one.target, other.target))


# What every data set promises


def test_the_public_names_are_these() -> None:
    assert engine.datasets.__all__ == [
        "DATASETS",
        "TEST_FRACTION",
        "Dataset",
        "DatasetInfo",
        "Option",
        "OptionError",
        "Shape",
        "load",
        "select",
        "selecting",
        "shape",
    ]


def test_the_data_sets_are_these() -> None:
    assert list(DATASETS) == [*REAL, "spiral", "moons", "circles", "xor", "quadrants", "blobs", "golden"]
    assert all(info.name == name for name, info in DATASETS.items())


@given(calls())
def test_shape_is_told_before_anything_is_made(call: dict[str, Any]) -> None:
    dataset = load(**call)
    columns = dataset.shape.classes if DATASETS[call["name"]].target == "flags" else 1
    assert dataset.shape == shape(**call)
    assert dataset.input.shape == (dataset.shape.samples, dataset.shape.features)
    assert dataset.target.shape == (dataset.shape.samples, columns)


@given(calls())
def test_arrays_are_finite_typed_contiguous_and_read_only(call: dict[str, Any]) -> None:
    dataset = load(**call)
    assert dataset.input.dtype == np.float64
    assert dataset.target.dtype == np.int64
    assert np.isfinite(dataset.input).all()
    assert 0 <= dataset.target.min() <= dataset.target.max() < dataset.shape.classes
    for array in (dataset.input, dataset.target):
        assert array.flags.c_contiguous
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 7


@given(calls())
def test_the_same_call_gives_the_same_bits(call: dict[str, Any]) -> None:
    assert same(load(**call), load(**call))


@given(calls())
def test_names_are_distinct_words(call: dict[str, Any]) -> None:
    dataset = load(**call)
    for names in (dataset.features, dataset.classes):
        assert len(set(names)) == len(names)
        assert all(name.replace("_", "").isalnum() and name == name.lower() for name in names)


@pytest.mark.parametrize("name", SEEDED)
def test_another_seed_gives_other_numbers(name: str) -> None:
    options = {"samples": 40} | ({} if name in REAL else {"noise": 0.1})
    assert not same(load(name, seed=0, **options), load(name, seed=1, **options))


def test_rows_lie_one_after_the_other_whatever_was_given() -> None:
    columns_first = np.asfortranarray(np.zeros((2, 3)))
    dataset = Dataset(columns_first, np.zeros((2, 1), np.int64), ("x_1", "x_2", "x_3"), ("only",))
    assert dataset.input.flags.c_contiguous


def test_a_caller_keeps_its_own_arrays() -> None:
    mine = np.zeros((1, 1))
    dataset = Dataset(mine, np.zeros((1, 1), np.int64), ("x_1",), ("only",))
    mine[0, 0] = 5
    assert dataset.input[0, 0] == 0


# Options


@pytest.mark.parametrize("name", DATASETS)
def test_defaults_are_allowed_values_of_their_type(name: str) -> None:
    for option in DATASETS[name].options:
        assert option.check(option.default) == option.default


@pytest.mark.parametrize("name", DATASETS)
def test_stating_the_defaults_changes_nothing(name: str) -> None:
    stated = {option.name: option.default for option in DATASETS[name].options}
    assert same(load(name), load(name, **stated))


@pytest.mark.parametrize(
    ("name", "option"), [(name, option) for name, info in DATASETS.items() for option in info.options]
)
def test_bounds_hold_on_both_sides(name: str, option: Option) -> None:
    if option.minimum is None or option.maximum is None:
        assert option.type == "boolean"
        return
    beyond = math.inf if option.type == "number" else 0
    for bound, outside in ((option.minimum, -1), (option.maximum, 1)):
        assert option.check(bound) == bound
        refused = math.nextafter(bound, outside * beyond) if beyond else bound + outside
        for function in (load, shape):
            with pytest.raises(OptionError, match=f"^{option.name}: expected .* from .* to .*, got "):
                function(name, **{option.name: refused})


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ({"name": "iris", "samples": 151}, "samples: expected a whole number from 1 to 150 or None, got 151"),
        ({"name": "digits", "samples": 0}, "samples: expected a whole number from 1 to 1797 or None, got 0"),
        ({"name": "iris", "samples": 8.0}, "samples: expected a whole number from 1 to 150 or None, got 8.0"),
        (
            {"name": "iris", "samples": True},
            "samples: expected a whole number from 1 to 150 or None, got True",
        ),
        ({"name": "iris", "standardise": 1}, "standardise: expected True or False, got 1"),
        ({"name": "xor", "samples": None}, "samples: expected a whole number from 1 to 10000, got None"),
        ({"name": "xor", "samples": "8"}, "samples: expected a whole number from 1 to 10000, got '8'"),
        ({"name": "xor", "samples": [8]}, "samples: expected a whole number from 1 to 10000, got [8]"),
        ({"name": "xor", "noise": False}, "noise: expected a number from 0 to 10, got False"),
        ({"name": "moons", "noise": -0.1}, "noise: expected a number from 0 to 10, got -0.1"),
        ({"name": "moons", "noise": math.nan}, "noise: expected a number from 0 to 10, got nan"),
        ({"name": "moons", "noise": math.inf}, "noise: expected a number from 0 to 10, got inf"),
        ({"name": "spiral", "classes": 11}, "classes: expected a whole number from 2 to 10, got 11"),
        ({"name": "blobs", "classes": 1}, "classes: expected a whole number from 2 to 10, got 1"),
        ({"name": "blobs", "features": 1}, "features: expected a whole number from 2 to 64, got 1"),
        ({"name": "blobs", "seed": -1}, "seed: expected a whole number from 0 to 4294967295, got -1"),
        (
            {"name": "moons", "classes": 3},
            "classes: expected no such option (moons has samples, noise, seed), got 3",
        ),
        ({"name": "golden", "seed": 0}, "seed: expected no such option (golden has none), got 0"),
        (
            {"name": "Iris"},
            f"name: expected one of {', '.join(DATASETS)}, got 'Iris'",
        ),
    ],
)
def test_a_refusal_names_the_option_what_was_expected_and_what_came(
    call: dict[str, Any], sentence: str
) -> None:
    for function in (load, shape):
        with pytest.raises(OptionError) as caught:
            function(**call)
        assert str(caught.value) == sentence
        assert sentence == f"{caught.value.option}: expected {caught.value.expected}, got {caught.value.got}"


@pytest.mark.parametrize(
    "endless",
    [10**400, 10**5000, -(10**5000), "8" * 10**6, [10**5000], [0] * 10**6],
    ids=["digits", "unprintable", "negative", "text", "nested", "list"],
)
def test_a_refusal_of_something_endless_is_short(endless: object) -> None:
    for option in ("samples", "noise", "seed"):
        with pytest.raises(OptionError) as caught:
            load("xor", **{option: endless})
        assert len(str(caught.value)) < 120


def test_numbers_of_numpy_are_numbers() -> None:
    assert same(
        load("moons", samples=np.int32(6), noise=np.float64(0.5), seed=np.uint8(3)),
        load("moons", samples=6, noise=0.5, seed=3),
    )
    assert same(load("iris", standardise=np.False_), load("iris", standardise=False))


def test_the_size_of_too_much_is_refused_and_not_tried() -> None:
    assert shape("blobs", samples=10_000, features=64, classes=10) == Shape(10_000, 64, 10)
    with pytest.raises(OptionError, match="10000, got 1000000000000"):
        shape("blobs", samples=10**12)


# Classes in turns


@given(calls(*ROUND_ROBIN))
def test_generated_classes_take_turns(call: dict[str, Any]) -> None:
    dataset = load(**call)
    expected = np.arange(dataset.shape.samples) % dataset.shape.classes
    np.testing.assert_array_equal(dataset.target[:, 0], expected)


@given(st.integers(1, 150), st.integers(0, 2**32 - 1))
def test_iris_drawn_is_balanced_interleaved_and_without_repeats(samples: int, seed: int) -> None:
    full = load("iris", standardise=False)
    drawn = load("iris", samples=samples, standardise=False, seed=seed)
    np.testing.assert_array_equal(drawn.target[:, 0], np.arange(samples) % 3)
    pool = [(*row, label) for row, label in zip(full.input.tolist(), full.target[:, 0].tolist(), strict=True)]
    for row, label in zip(drawn.input.tolist(), drawn.target[:, 0].tolist(), strict=True):
        pool.remove((*row, label))


def test_eight_of_iris() -> None:
    assert load("iris", samples=8).target[:, 0].tolist() == [0, 1, 2, 0, 1, 2, 0, 1]


def test_digits_take_turns_until_the_smallest_class_is_used_up() -> None:
    full = load("digits")
    counts = np.bincount(full.target[:, 0])
    drawn = load("digits", samples=1797, seed=4)
    even = counts.min() * 10
    np.testing.assert_array_equal(drawn.target[:even, 0], np.arange(even) % 10)
    np.testing.assert_array_equal(np.bincount(drawn.target[:, 0]), counts)
    assert sorted(drawn.input.tolist()) == sorted(full.input.tolist())


@given(st.sampled_from(REAL), st.integers(1, 100), st.integers(0, 50), st.integers(0, 9))
def test_fewer_samples_are_the_first_of_more(name: str, samples: int, more: int, seed: int) -> None:
    fewer, larger = (load(name, samples=count, seed=seed) for count in (samples, min(samples + more, 150)))
    np.testing.assert_array_equal(fewer.input, larger.input[:samples])


@pytest.mark.parametrize("name", REAL)
def test_all_samples_keep_the_order_of_their_file(name: str) -> None:
    assert same(load(name, seed=1), load(name, seed=2))


@pytest.mark.parametrize(("first", "labels"), [(0, [0, 0, 0]), (50, [1, 1, 1]), (100, [2, 2, 2])])
def test_iris_stands_class_by_class(first: int, labels: list[int]) -> None:
    assert load("iris").target[first : first + 3, 0].tolist() == labels


# The real numbers


def test_iris_is_the_published_one() -> None:
    iris = load("iris", standardise=False)
    assert iris.classes == ("setosa", "versicolor", "virginica")
    assert iris.features == ("sepal_length", "sepal_width", "petal_length", "petal_width")
    assert np.bincount(iris.target[:, 0]).tolist() == [50, 50, 50]
    np.testing.assert_allclose(iris.input.sum(axis=0), [876.5, 458.6, 563.7, 179.9], rtol=1e-14)
    np.testing.assert_allclose(iris.input.mean(axis=0), [5.843, 3.057, 3.758, 1.199], atol=5e-4)
    np.testing.assert_array_equal(iris.input.min(axis=0), [4.3, 2.0, 1.0, 0.1])
    np.testing.assert_array_equal(iris.input.max(axis=0), [7.9, 4.4, 6.9, 2.5])


def test_iris_is_the_variant_of_fishers_paper() -> None:
    iris = load("iris", standardise=False)
    np.testing.assert_array_equal(iris.input[[34, 37]], [[4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1]])


def test_digits_are_the_test_set_of_the_source() -> None:
    digits = load("digits", standardise=False)
    assert np.bincount(digits.target[:, 0]).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (digits.input.min(), digits.input.max(), digits.input.sum()) == (0, 16, 561_718)
    assert digits.input[0, :8].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
    assert (digits.features[1], digits.features[8], digits.classes[7]) == ("pixel_0_1", "pixel_1_0", "7")


@pytest.mark.parametrize(
    ("name", "unit", "digest"), [("iris", 0.1, "c422544ce98e916f"), ("digits", 1, "68aea062d35a1277")]
)
def test_no_number_was_changed(name: str, unit: float, digest: str) -> None:
    real = load(name, standardise=False)
    cells = np.hstack([np.rint(real.input / unit), real.target]).astype(np.uint8)
    assert hashlib.sha256(cells.tobytes()).hexdigest()[:16] == digest


@pytest.mark.parametrize("name", REAL)
def test_real_data_agree_with_scikit_learn(name: str) -> None:
    sources = pytest.importorskip("sklearn.datasets")
    source = getattr(sources, f"load_{name}")()
    ours = load(name, standardise=False)
    np.testing.assert_array_equal(ours.input, source.data)
    np.testing.assert_array_equal(ours.target[:, 0], source.target)
    assert ours.classes == tuple(map(str, source.target_names))


@pytest.mark.parametrize("name", REAL)
def test_standardised_columns_have_mean_0_and_deviation_1_or_are_constant(name: str) -> None:
    raw, standardised = load(name, standardise=False).input, load(name, standardise=True).input
    constant = (raw == raw[0]).all(axis=0)
    assert constant.sum() == {"iris": 0, "digits": 3}[name]
    assert (standardised[:, constant] == 0).all()
    varied = standardised[:, ~constant]
    np.testing.assert_allclose(varied.mean(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose((varied**2).mean(axis=0), 1, rtol=1e-12)


@given(st.sampled_from(REAL), st.integers(1, 150), st.integers(0, 99))
def test_a_draw_is_standardised_by_the_full_set(name: str, samples: int, seed: int) -> None:
    full = load(name, standardise=False).input
    raw = load(name, samples=samples, standardise=False, seed=seed).input
    deviation = np.sqrt(((full - full.mean(axis=0)) ** 2).mean(axis=0))
    expected = (raw - full.mean(axis=0)) / np.where(deviation == 0, 1, deviation)
    standardised = load(name, samples=samples, standardise=True, seed=seed).input
    np.testing.assert_allclose(standardised, expected, rtol=1e-12, atol=1e-12)


# Geometry


@given(st.integers(2, 10), st.integers(1, 30), st.integers(0, 99))
def test_every_arm_of_the_spiral_visits_every_radius_once(classes: int, each: int, seed: int) -> None:
    spiral = load("spiral", classes=classes, samples=classes * each, noise=1, seed=seed)
    radius = np.hypot(*spiral.input.T)
    for arm in range(classes):
        of_arm = np.sort(radius[spiral.target[:, 0] == arm])
        np.testing.assert_allclose(of_arm, np.arange(1, each + 1) / each, rtol=1e-12)


@given(st.integers(2, 10), st.integers(1, 200), st.integers(0, 99))
def test_arms_are_one_curve_turned_by_equal_angles(classes: int, samples: int, seed: int) -> None:
    spiral = load("spiral", classes=classes, samples=samples, noise=0, seed=seed)
    point = spiral.input[:, 0] + 1j * spiral.input[:, 1]
    back = point * np.exp(-1j * (2 * np.pi * spiral.target[:, 0] / classes + 4 * abs(point)))
    np.testing.assert_allclose(back, abs(point), atol=1e-12)


@given(st.integers(1, 200), st.integers(0, 99))
def test_moons_are_two_interlocking_half_circles(samples: int, seed: int) -> None:
    moons = load("moons", samples=samples, noise=0, seed=seed)
    upper, lower = (moons.input[moons.target[:, 0] == label] for label in (0, 1))
    np.testing.assert_allclose(np.hypot(*upper.T), 1, rtol=1e-12)
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1, rtol=1e-12)
    assert (upper[:, 1] >= -1e-12).all()
    assert (lower[:, 1] <= 0.5 + 1e-12).all()


def test_moons_reach_from_end_to_end() -> None:
    upper = load("moons", samples=20, noise=0).input[::2]
    np.testing.assert_allclose(np.sort(upper[:, 0]), np.cos(np.linspace(np.pi, 0, 10)), atol=1e-12)


@given(st.integers(1, 200), st.integers(0, 99))
def test_circles_have_radius_one_and_a_half(samples: int, seed: int) -> None:
    circles = load("circles", samples=samples, noise=0, seed=seed)
    expected = np.where(circles.target[:, 0] == 0, 1, 0.5)
    np.testing.assert_allclose(np.hypot(*circles.input.T), expected, rtol=1e-12)
    assert circles.classes == ("outer", "inner")


def test_circles_are_closed_and_even() -> None:
    circles = load("circles", samples=24, noise=0)
    for label in (0, 1):
        x_1, x_2 = circles.input[circles.target[:, 0] == label].T
        np.testing.assert_allclose(np.diff(np.sort(np.arctan2(x_2, x_1))), np.pi / 6, rtol=1e-9)


@given(st.integers(1, 200), st.integers(0, 99))
def test_xor_is_1_where_the_signs_differ(samples: int, seed: int) -> None:
    xor = load("xor", samples=samples, noise=0, seed=seed)
    np.testing.assert_array_equal(xor.target[:, 0] == 1, xor.input.prod(axis=1) < 0)
    assert (abs(xor.input) <= 1).all()
    assert (xor.input != 0).all()


@given(st.integers(1, 50), st.integers(0, 99))
def test_quadrants_say_the_sign_of_each_coordinate(each: int, seed: int) -> None:
    quadrants = load("quadrants", samples=4 * each, noise=0, seed=seed)
    np.testing.assert_array_equal(quadrants.target == 1, quadrants.input > 0)
    assert [quadrants.target.tolist().count(flags) for flags in ([1, 1], [0, 1], [0, 0], [1, 0])] == [
        each
    ] * 4


@given(st.integers(2, 10), st.integers(2, 64), st.integers(1, 50))
def test_centres_of_blobs_are_a_regular_polygon(classes: int, features: int, samples: int) -> None:
    blobs = load("blobs", classes=classes, features=features, samples=samples, noise=0)
    np.testing.assert_allclose((blobs.input**2).sum(axis=1), features / 2, rtol=1e-12)
    angle = 2 * np.pi * blobs.target[:, 0] / classes
    cosine = np.cos(angle[:, None] - angle)
    np.testing.assert_allclose(blobs.input @ blobs.input.T, features / 2 * cosine, atol=1e-11)


@pytest.mark.parametrize("name", ["moons", "circles", "xor", "quadrants", "blobs"])
def test_noise_is_the_deviation_of_every_coordinate(name: str) -> None:
    quiet, noisy = (load(name, samples=10_000, noise=noise).input for noise in (0, 0.5))
    difference = noisy - quiet
    np.testing.assert_allclose(difference.std(axis=0), 0.5, rtol=0.03)
    np.testing.assert_allclose(difference.mean(axis=0), 0, atol=0.02)


@given(st.sampled_from(["spiral", "moons", "circles"]), st.integers(0, 9))
@settings(max_examples=30)
def test_any_run_of_samples_is_spread_over_the_shape(name: str, seed: int) -> None:
    whole = load(name, samples=600, noise=0, seed=seed).input
    for start in range(0, 600, 150):
        part = whole[start : start + 150]
        np.testing.assert_allclose(part.std(axis=0), whole.std(axis=0), rtol=0.25)


# The golden batch


def test_a_softmax_of_golden_gives_the_predictions() -> None:
    golden = load("golden")
    exponentials = np.exp(golden.input)
    predictions = exponentials / exponentials.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(predictions, [[0.7, 0.1, 0.2], [0.1, 0.5, 0.4], [0.02, 0.9, 0.08]], rtol=1e-15)
    assert golden.target.tolist() == [[0], [1], [1]]
    assert -np.log(predictions[range(3), golden.target[:, 0]]).mean() == pytest.approx(0.38506088005216804)


# The streams: these numbers change only together with the version in the spec

FIXTURES = {
    "iris": [[5.2, 4.1, 1.5, 0.1], [5.7, 2.8, 4.1, 1.3], [6.9, 3.1, 5.4, 2.1]],
    "digits": [[6.0, 15.0, 13.0, 2.0], [5.0, 14.0, 1.0, 0.0], [5.0, 16.0, 15.0, 3.0]],
    "spiral": [
        [-0.7541319879395408, -0.6567228827796061],
        [-0.3283591179511456, -0.05737073094755506],
        [0.2286322435645242, -0.24256629673918673],
    ],
    "moons": [
        [-1.1131623230276115, -0.05389929077244135],
        [1.4950034677131874, 0.4420169055889525],
        [-0.7163032690687352, 1.6967752829456595],
    ],
    "circles": [
        [-0.11316232302761164, -1.0538992907724414],
        [-0.5049965322868128, -0.5579830944110473],
        [-1.2163032690687354, 0.8307498791612208],
    ],
    "xor": [
        [0.6505631950550953, 0.6654892490952367],
        [-0.07823918766690664, 0.35819956229229055],
        [-0.6664316820196599, -0.6168235920301712],
    ],
    "blobs": [
        [1.5102297803462956, -0.6389162578285453],
        [-0.39547528831855505, 0.7240830022524563],
        [-0.6131623230276119, -0.91992469455688],
    ],
    "quadrants": [
        [0.6505631950550953, 0.6654892490952367],
        [-0.07823918766690664, 0.35819956229229055],
        [-0.6664316820196599, -0.6168235920301712],
    ],
}


@pytest.mark.parametrize("name", FIXTURES)
def test_the_stream_has_not_changed(name: str) -> None:
    options = {"standardise": False} if name in REAL else {"noise": 0.25}
    dataset = load(name, samples=7, seed=3, **options)
    columns = slice(2, 6) if name == "digits" else slice(4)  # a digit's first pixels are blank
    np.testing.assert_allclose(dataset.input[:3, columns], FIXTURES[name], rtol=1e-12)


def test_every_stream_has_its_fixture() -> None:
    assert set(FIXTURES) == set(SEEDED)


def test_a_share_of_every_class_is_held_back() -> None:
    whole = load("digits", unit=True, standardise=False)
    data = load("digits", unit=True, standardise=False, test_fraction=0.25)
    assert data.test is not None
    assert whole.input.max() == 1
    for label in range(10):
        all_of = int((whole.target == label).sum())
        assert int((data.test.target == label).sum()) == round(0.25 * all_of)
    together = np.vstack([data.input, data.test.input])
    assert sorted(map(bytes, together)) == sorted(map(bytes, whole.input))


def test_a_split_keeps_the_order_and_is_the_seeds() -> None:
    whole = load("iris")
    one, again, other = (load("iris", test_fraction=0.2, seed=seed) for seed in (0, 0, 1))
    assert same(one, again)
    assert one.test is not None
    assert other.test is not None
    assert not np.array_equal(one.test.input, other.test.input)
    # The rows of the whole set that were not held back, in the whole set's order.
    rows = iter(whole.input.tolist())
    assert all(row in rows for row in one.input.tolist())
    assert load("iris").test is None


def test_a_sample_of_several_classes_belongs_to_its_combination() -> None:
    data = load("quadrants", samples=200, test_fraction=0.5)
    assert data.test is not None
    for flags in np.unique(data.target, axis=0):
        held, kept = ((part.target == flags).all(axis=1).sum() for part in (data.test, data))
        assert abs(int(held) - int(kept)) <= 1


@pytest.mark.parametrize("fraction", [-0.1, 0.91, True, "a half"])
def test_a_share_outside_its_range_is_refused(fraction: object) -> None:
    with pytest.raises(OptionError, match="test_fraction"):
        load("iris", test_fraction=fraction)
