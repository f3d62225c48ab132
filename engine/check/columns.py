"""Only the column that moves: what layers make of a wire of which one column is another."""

import numpy as np
import numpy.typing as npt

from engine.arrays import Array
from engine.layers import Dense, Layer, ReLU


def by_feature(wire: Array) -> Array:
    """The same, laid out so that a sum over a few features is one over many samples at once."""
    return np.asfortranarray(wire)


def whole(wire: Array, units: Array, columns: Array) -> Array:
    """A wire with one column replaced, another in each variant: (variants · samples, features)."""
    n, variants = columns.shape
    wires = np.empty((wire.shape[1], variants, n))
    wires[:] = wire.T[:, None, :]
    wires[units, np.arange(variants)] = columns.T
    return wires.reshape(len(wires), -1).T


def by_column(layer: Dense, wire: Array, unit: int, columns: Array) -> Array:
    """What the layer makes of a wire with one column replaced, the same one in all variants.

    The layer adds up its inputs' shares. Those that stay are added up once, and stand where its bias stood.
    """
    still = wire.copy()
    still[:, unit] = 0
    rest = np.tile(layer.forward(still), (columns.shape[1], 1))
    alone = layer.holding({"weight": layer.weight[[unit]], "bias": rest})
    return by_feature(alone.forward(columns.T.reshape(-1, 1)))


def elementwise(layer: Layer) -> bool:
    """Whether each output is made of one input."""
    rule = layer.rules["output"]
    return dict(rule.reads) == {"input": rule.produced}


def kinks(layer: ReLU, wire: Array, before: Array) -> npt.NDArray[np.bool_]:
    """Where a ReLU's input has left the side of zero that it is on; 0 is on the side that the layer means."""
    # Its own attribute, not what it does with it: that is what is to be checked.
    crossed: npt.NDArray[np.bool_] = (
        (wire >= 0) != (before >= 0) if layer.at_zero else (wire > 0) != (before > 0)
    )
    return crossed
