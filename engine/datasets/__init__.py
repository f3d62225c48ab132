"""Named data sets, seeded, such as `load("spiral", samples=90)`; `DATASETS` lists them and their options."""

from engine.datasets.catalogue import DATASETS, DatasetInfo, load, shape
from engine.datasets.dataset import Dataset, Shape
from engine.datasets.options import Option, OptionError
from engine.datasets.selection import TEST_FRACTION, select, selecting

__all__ = [
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
