"""What counts of runs prove: limits of a share."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

Z = 1.959963984540054
"""Of a normal distribution 95 % lie within so many standard deviations."""


def wilson(count: ArrayLike, total: ArrayLike) -> tuple[Floats, Floats]:
    """The 95 % limits of a share of which `count` of `total` were seen, float64[…] each, 0 to 1; total > 0.

    Source: Wilson 1927, doi:10.1080/01621459.1927.10502953.
    """
    n, share = np.asarray(total, np.float64), np.asarray(count, np.float64) / np.asarray(total, np.float64)
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * np.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
