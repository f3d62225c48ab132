"""Measured data sets, read from `engine/data`; its README names their sources."""

import csv
from dataclasses import replace
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from engine.datasets.dataset import Dataset
from engine.streams import DATA, stream

FILES = files("engine") / "data"


def iris(*, samples: int | None, standardise: bool, seed: int) -> Dataset:
    """Fisher's irises: sepals and petals of three species, in centimetres."""
    return _chosen(_all_iris(), samples, standardise, seed)


def digits(*, samples: int | None, unit: bool, standardise: bool, seed: int) -> Dataset:
    """Handwritten digits of 8×8 pixels, from 0 (paper) to 16 (ink), or to 1 where `unit` says so."""
    full = _all_digits()
    return _chosen(replace(full, input=full.input / 16) if unit else full, samples, standardise, seed)


@cache
def _all_iris() -> Dataset:
    header, *rows = csv.reader((FILES / "iris.csv").read_text(encoding="utf-8").splitlines())
    classes = tuple(dict.fromkeys(row[-1] for row in rows))
    return Dataset(
        input=np.array([row[:-1] for row in rows], np.float64),
        target=np.array([[classes.index(row[-1])] for row in rows]),
        features=tuple(header[:-1]),
        classes=classes,
    )


@cache
def _all_digits() -> Dataset:
    with (FILES / "digits.npz").open("rb") as file, np.load(file) as arrays:
        pixels, digits = arrays["pixels"], arrays["digits"]
    return Dataset(
        input=pixels,
        target=digits[:, None],
        features=tuple(f"pixel_{row}_{column}" for row in range(8) for column in range(8)),
        classes=tuple("0123456789"),
    )


def _chosen(full: Dataset, samples: int | None, standardise: bool, seed: int) -> Dataset:
    """Of the full set the samples asked for, as measured or standardised by the full set's own figures."""
    input = _standardised(full.input) if standardise else full.input
    if samples is None:
        return replace(full, input=input)
    rows = _interleaved(full.target[:, 0], seed)[:samples]
    return replace(full, input=input[rows], target=full.target[rows])


def _standardised(input: NDArray[np.float64]) -> NDArray[np.float64]:
    """(input − mean) / deviation, column by column; a constant column, which has no deviation, becomes 0."""
    constant = input.min(axis=0) == input.max(axis=0)
    deviation = np.where(constant, 1.0, input.std(axis=0))
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
