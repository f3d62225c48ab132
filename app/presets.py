"""The runs in the page's menu, by name, as specs."""

from typing import Any


def _dense(units: int, **start: Any) -> dict[str, Any]:
    return {"type": "dense", "units": units, "initializer": {"type": "he"}, **start}


RELU, SIGMOID, SOFTMAX = {"type": "relu"}, {"type": "sigmoid"}, {"type": "softmax"}

DEFAULT = "default"
"""The run that the page opens with: no unit of dense_1 is dead, and each one is off for some samples."""

OPENS_AT = 11
"""The position at which it opens: the whole backward pass is there, nothing is updated yet."""

OPENS_WITH = {"tensor": "dense_2.dweight", "index": [2, 1], "position": OPENS_AT}
"""The cell that stands open there."""

PRESETS: dict[str, dict[str, Any]] = {
    DEFAULT: {
        "dataset": {"name": "iris", "samples": 8, "standardise": True, "seed": 0},
        "layers": [_dense(5), RELU, _dense(3), SOFTMAX],
        "loss": "categorical_crossentropy",
        "seed": 58,
    },
    "spiral": {
        "dataset": {"name": "spiral", "classes": 3, "samples": 90, "noise": 0.2, "seed": 0},
        "layers": [_dense(8), RELU, _dense(8), RELU, _dense(3), SOFTMAX],
        "loss": "categorical_crossentropy",
        "optimizer": {"type": "sgd", "learning_rate": 0.5},
        "seed": 9,
    },
    "digits": {
        "dataset": {"name": "digits", "samples": 20, "standardise": True, "seed": 0},
        "layers": [_dense(16), RELU, _dense(10), SOFTMAX],
        "loss": "categorical_crossentropy",
        "seed": 39,
    },
    "binary": {
        "dataset": {"name": "moons", "samples": 10, "noise": 0.1, "seed": 0},
        "layers": [_dense(4), RELU, _dense(1), SIGMOID],
        "loss": "binary_crossentropy",
        "seed": 286,
    },
    "two_outputs": {
        "dataset": {"name": "quadrants", "samples": 8, "seed": 0},
        "layers": [_dense(4), RELU, _dense(2), SIGMOID],
        "loss": "binary_crossentropy",
        "seed": 238,
    },
    "vanishing": {
        "dataset": {"name": "moons", "samples": 8, "noise": 0.1, "seed": 0},
        "layers": [layer for units in (4, 4, 4, 4, 4, 1) for layer in (_dense(units), SIGMOID)],
        "loss": "binary_crossentropy",
        "seed": 0,
    },
    "golden": {
        "dataset": {"name": "golden"},
        "layers": [SOFTMAX],
        "loss": "categorical_crossentropy",
        "seed": 0,
    },
}
"""Name -> spec, in the menu's order; seeds for which the first pass shows what the preset is for."""
