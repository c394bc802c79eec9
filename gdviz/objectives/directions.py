"""Directions by chance through the weights of a network, filter by filter as long as these."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdviz.objectives.architecture import Architecture
from gdviz.vmath import random

Floats = NDArray[np.float64]


def filter_normalised(architecture: Architecture, weights: Floats, seed: int, count: int = 2) -> Floats:
    """Directions float64[parameter, count] around weights float64[parameter].

    Each is Gaussian, and the incoming weights of every neuron, a column of its layer, are then made as long as those of
    the network: a layer of larger numbers that answers the same is moved as much. Biases are not moved, and neither is
    a neuron whose weights are all 0. Weights are never rescaled one by one: that would leave of chance the signs alone.

    Source: Li et al. 2018, arXiv:1712.09913, section 4.
    """
    normal = random.namespace("float64")["normal"]
    numbers = np.arange(count, dtype=np.uint64)[:, None]
    drawn = normal(seed, random.PLANES, numbers, 1, np.arange(architecture.dim, dtype=np.uint64))
    found = np.zeros((architecture.dim, count))
    for layer in architecture.layers:
        shape = (layer.fan_in, layer.fan_out)
        own = np.linalg.norm(weights[layer.weights].reshape(shape), axis=0)
        for k in range(count):
            columns = drawn[k, layer.weights].reshape(shape)
            long = np.linalg.norm(columns, axis=0)
            scale = np.divide(own, long, out=np.zeros_like(own), where=long > 0)
            found[layer.weights, k] = (columns * scale).ravel()
    return found
