"""The data sets by name: what options each takes, how large it is, how it is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from engine.datasets import generated, golden, real
from engine.datasets.dataset import Dataset, Shape
from engine.datasets.options import Option, OptionError, checked
from engine.datasets.selection import SEED, TEST_FRACTION, held_back, selecting

CLASSES = Option("classes", "integer", 3, 2, 10)
FEATURES = Option("features", "integer", 2, 2, 64)
UNIT = Option("unit", "boolean", False)


@dataclass(frozen=True)
class DatasetInfo:
    """A row of the catalogue.

    Attributes:
        name: as `load` takes it.
        target: "index", one column with the index of the class (two classes serve categorical and binary
            losses alike), or "flags", a column of 0 and 1 a class.
        size: the size where no option says otherwise.
        options: what may be chosen; one named as a part of the size (samples, features, classes) decides it.
        make: makes the data set from a value for every option.
    """

    name: str
    target: Literal["index", "flags"]
    size: Shape
    options: tuple[Option, ...]
    make: Callable[..., Dataset]


def load(name: str, *, test_fraction: object = 0.0, **options: object) -> Dataset:
    """The data set of this name; options that are not given have their defaults.

    Args:
        name: In the catalogue.
        test_fraction: The share of every class that is held back for testing, by the seed.
        **options: The data set's own.

    Raises:
        OptionError: there is no such data set or option, or a value is not allowed.
    """
    info = _info(name)
    values = checked(name, info.options, options)
    fraction = TEST_FRACTION.check(test_fraction)
    return held_back(info.make(**values), float(fraction or 0), int(values.get(SEED.name) or 0))


def shape(name: str, *, test_fraction: object = 0.0, **options: object) -> Shape:
    """The size that `load` would give for the same arguments, from arithmetic alone, before a split.

    Raises:
        OptionError: where `load` would.
    """
    info = _info(name)
    values = checked(name, info.options, options)
    TEST_FRACTION.check(test_fraction)
    samples, features, classes = (
        default if (value := values.get(part)) is None else int(value)
        for part, default in zip(Shape._fields, info.size, strict=True)
    )
    return Shape(samples, features, classes)


def _info(name: str) -> DatasetInfo:
    if name not in DATASETS:
        raise OptionError("name", f"one of {', '.join(DATASETS)}", name)
    return DATASETS[name]


def _samples(default: int) -> Option:
    return Option("samples", "integer", default, 1, 10_000)


def _noise(default: float) -> Option:
    return Option("noise", "number", default, 0, 10)


def _measured(name: str, size: Shape, make: Callable[..., Dataset], *more: Option) -> DatasetInfo:
    samples, *others = selecting(size.samples)
    return DatasetInfo(name, "index", size, (samples, *more, *others), make)


def _planar(
    name: str, make: Callable[..., Dataset], noise: float, target: Literal["index", "flags"] = "index"
) -> DatasetInfo:
    return DatasetInfo(name, target, Shape(200, 2, 2), (_samples(200), _noise(noise), SEED), make)


def _many_classed(name: str, make: Callable[..., Dataset], *more: Option) -> DatasetInfo:
    return DatasetInfo(
        name, "index", Shape(300, 2, 3), (CLASSES, _samples(300), *more, _noise(0.2), SEED), make
    )


DATASETS: Mapping[str, DatasetInfo] = MappingProxyType(
    {
        info.name: info
        for info in (
            _measured("iris", Shape(150, 4, 3), real.iris),
            _measured("digits", Shape(1797, 64, 10), real.digits, UNIT),
            _many_classed("spiral", generated.spiral),
            _planar("moons", generated.moons, noise=0.1),
            _planar("circles", generated.circles, noise=0.05),
            _planar("xor", generated.xor, noise=0.0),
            _planar("quadrants", generated.quadrants, noise=0.0, target="flags"),
            _many_classed("blobs", generated.blobs, FEATURES),
            DatasetInfo("golden", "index", Shape(3, 3, 3), (), golden.golden),
        )
    }
)
"""Every data set, in the order in which a menu may show them."""
