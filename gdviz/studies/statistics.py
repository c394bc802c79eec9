"""Statistics of very many runs: quantiles that infinities do not spoil, limits of shares, how mixed basins are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

Z = 1.959963984540054
"""Of a normal distribution 95 % lie within so many standard deviations."""

BOX = 5
"""Cells along a side of the boxes whose entropies make that of basins, as Daza et al. have them."""


def ordered(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Values of cells, dtype[cell, run], each cell's from the least to the largest; what is NaN counts as infinite."""
    return np.sort(np.where(np.isnan(values), values.dtype.type(np.inf), values), axis=1)


def quantile(values: NDArray[np.floating], share: float) -> NDArray[np.floating]:
    """Of values dtype[cell, run] in order, the least that a share of a cell's runs do not exceed: dtype[cell].

    It is the value of a run, never one between two, so that infinities only count. Hyndman & Fan 1996,
    doi:10.1080/00031305.1996.10473566, definition 1.
    """
    runs = values.shape[1]
    return values[:, max(0, int(np.ceil(share * runs - 1e-9)) - 1)]


def wilson(count: ArrayLike, total: ArrayLike) -> tuple[Floats, Floats]:
    """The 95 % limits of a share of which `count` of `total` were seen, float64[…] each, 0 to 1; total > 0.

    Source: Wilson 1927, doi:10.1080/01621459.1927.10502953.
    """
    n, share = np.asarray(total, np.float64), np.asarray(count, np.float64) / np.asarray(total, np.float64)
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * np.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def basin_entropy(labels: NDArray[np.int64], box: int = BOX) -> tuple[float, float]:
    """How unsure it is where a run ends that begins in a small box: the mean of -Σ p log p over boxes of cells, and the
    same over those boxes alone that hold more than one label, NaN where there is none.

    labels: int64[y, x], or [x]. The second one is above log 2 only where basins have fractal borders. Cells that fill
    no whole box are left out; a map smaller than a box is one. Daza, Wagemakers, Georgeot, Guéry-Odelin & Sanjuán 2016,
    doi:10.1038/srep31416.
    """
    sides = [min(box, count) for count in labels.shape]
    counts = [count // side for count, side in zip(labels.shape, sides, strict=True)]
    whole = labels[tuple(slice(count * side) for count, side in zip(counts, sides, strict=True))]
    split = whole.reshape([part for pair in zip(counts, sides, strict=True) for part in pair])
    ways = range(split.ndim)
    boxes = split.transpose([*ways[::2], *ways[1::2]]).reshape(int(np.prod(counts)), -1)
    shares = [(boxes == label).mean(axis=1) for label in np.unique(boxes)]
    entropies = -np.sum([share * np.log(np.where(share > 0, share, 1.0)) for share in shares], axis=0)
    mixed = np.sum([share > 0 for share in shares], axis=0) > 1
    return float(entropies.mean()), float(entropies[mixed].mean()) if mixed.any() else float("nan")


def in_percent(share: float, digits: int) -> float:
    """A share of 1 in percent, to so many digits of it or of what it lacks to all: 0 and 100 are exact."""
    value = float(f"{100 * float(share):.{digits}g}")
    if value >= 100 > 100 * share:
        value = 100 - float(f"{100 - 100 * float(share):.{digits}g}")
    return float(f"{value:.12g}")
