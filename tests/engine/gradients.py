"""Gradients found without knowing any formula: central differences in float64."""

from collections.abc import Callable

import numpy as np

from engine.arrays import Array

TOLERANCE = 2e-8


def numeric(function: Callable[[Array], float], at: Array, step: float = 1e-4) -> Array:
    """∂function/∂cell for every cell, by a four-point central difference (error ∝ step⁴)."""
    gradient = np.empty_like(at)
    for index in np.ndindex(at.shape):
        values = []
        for shift in (-2, -1, 1, 2):
            moved = at.copy()
            moved[index] += shift * step
            values.append(function(moved))
        gradient[index] = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)
    return gradient


def assert_same_gradient(analytic: Array, found: Array, tolerance: float = TOLERANCE) -> None:
    """The two agree to a relative error (against the larger of the two, or 1e-3) below the tolerance."""
    assert analytic.shape == found.shape
    error = np.abs(analytic - found) / np.maximum(np.maximum(np.abs(analytic), np.abs(found)), 1e-3)
    assert error.max() < tolerance, f"worst relative error {error.max():.2e}"
