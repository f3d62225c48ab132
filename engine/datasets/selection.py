"""What is taken of measured samples: how many, standardised or not, and what is held back for testing."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.datasets.dataset import Dataset
from engine.datasets.options import Option, OptionError, checked
from engine.streams import DATA, stream

SEED = Option("seed", "integer", 0, 0, 2**32 - 1)
STANDARDISE = Option("standardise", "boolean", True)
TEST_FRACTION = Option("test_fraction", "number", 0.0, 0, 0.9)
"""An option of all data sets, beside their own."""


def selecting(samples: int) -> tuple[Option, ...]:
    """The options of so many measured samples."""
    return Option("samples", "integer", None, 1, samples, nullable=True), STANDARDISE, SEED


def select(full: Dataset, **options: object) -> Dataset:
    """Of one's own samples those asked for, as a data set of the catalogue takes them of its own.

    Args:
        full: All of them.
        **options: `samples`, `standardise`, `seed` and `test_fraction`.

    Raises:
        OptionError: there is no such option, or a value is not allowed.
    """
    known = (*selecting(len(full.input)), TEST_FRACTION)
    values = checked("it", known, options)
    fraction = values.pop(TEST_FRACTION.name)
    return held_back(chosen(full, **values), fraction, values[SEED.name])  # type: ignore[arg-type]


def held_back(data: Dataset, fraction: float, seed: int) -> Dataset:
    """The data with a share of every class held back, and at least one sample left.

    Raises:
        OptionError: nothing is left to train with.
    """
    if not fraction:
        return data
    data = data.split(fraction, seed)
    if not len(data.input):
        raise OptionError(TEST_FRACTION.name, "at least one sample left to train with", fraction)
    return data


def chosen(full: Dataset, samples: int | None, standardise: bool, seed: int) -> Dataset:
    """Of the full set the samples asked for, as measured or standardised by the full set's own figures."""
    input = _standardised(full.input) if standardise else full.input
    if samples is None:
        return replace(full, input=input)
    rows = _interleaved(full.target[:, 0], seed)[:samples]
    return replace(full, input=input[rows], target=full.target[rows])


def _standardised(input: NDArray[np.float64]) -> NDArray[np.float64]:
    """(input − mean) / deviation, column by column; a constant column, which has no deviation, becomes 0."""
    constant = input.min(axis=0) == input.max(axis=0)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        # Beyond 1e150 squares overflow: an infinite deviation would make zeros of all, and is made no number.
        deviation = np.where(constant, 1.0, input.std(axis=0))
        deviation = np.where(np.isfinite(deviation), deviation, np.nan)
        return np.where(constant, 0.0, (input - input.mean(axis=0)) / deviation)


def _interleaved(labels: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """All rows in an order decided by the seed, the classes in turns for as long as they last."""
    order = stream(seed, DATA).permutation(len(labels))
    shuffled = labels[order]
    turn = np.empty_like(shuffled)
    for label in np.unique(shuffled):
        of_class = shuffled == label
        turn[of_class] = np.arange(np.count_nonzero(of_class))
    return order[np.lexsort((shuffled, turn))]
