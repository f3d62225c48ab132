"""Measured data sets, read from `engine/data`; its README names their sources."""

import csv
from dataclasses import replace
from functools import cache
from importlib.resources import files

import numpy as np

from engine.datasets.dataset import Dataset
from engine.datasets.selection import chosen

FILES = files("engine") / "data"


def iris(*, samples: int | None, standardise: bool, seed: int) -> Dataset:
    """Fisher's irises: sepals and petals of three species, in centimetres."""
    return chosen(_all_iris(), samples, standardise, seed)


def digits(*, samples: int | None, unit: bool, standardise: bool, seed: int) -> Dataset:
    """Handwritten digits of 8×8 pixels, from 0 (paper) to 16 (ink), or to 1 where `unit` says so."""
    full = _all_digits()
    return chosen(replace(full, input=full.input / 16) if unit else full, samples, standardise, seed)


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
