"""Three predictions small enough to work through by hand."""

import numpy as np

from engine.datasets.dataset import Dataset

PREDICTIONS = np.array([[0.7, 0.1, 0.2], [0.1, 0.5, 0.4], [0.02, 0.9, 0.08]])
"""What a Softmax makes of the data set's input."""


def golden() -> Dataset:
    """Scores from which a Softmax alone makes the three predictions: their natural logarithms."""
    return Dataset(
        input=np.log(PREDICTIONS),
        target=np.array([[0], [1], [1]]),
        features=("score_1", "score_2", "score_3"),
        classes=("dog", "cat", "human"),
    )
