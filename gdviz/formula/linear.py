"""Linear algebra of a few coordinates, in an order of operations that every backend keeps."""

from __future__ import annotations

from typing import Any

import numpy as np


def eliminate(matrix: Any, vector: Any, shift: Any) -> Any:
    """Solution s of (matrix + shift · I) s = vector by elimination with row pivoting: dtype[n, n], dtype[n].

    NaN where the matrix is singular.

    Loops only, so that Numba compiles the same text.
    """
    n = vector.size
    a, b = matrix.copy(), vector.copy()
    for k in range(n):
        a[k, k] = a[k, k] + shift
    for k in range(n):
        best = k
        for i in range(k + 1, n):
            if abs(a[i, k]) > abs(a[best, k]):
                best = i
        if best != k:
            for j in range(k, n):
                kept = a[k, j]
                a[k, j] = a[best, j]
                a[best, j] = kept
            kept = b[k]
            b[k] = b[best]
            b[best] = kept
        if a[k, k] == 0:
            b[:] = np.nan
            return b
        for i in range(k + 1, n):
            factor = a[i, k] / a[k, k]
            for j in range(k + 1, n):
                a[i, j] = a[i, j] - factor * a[k, j]
            b[i] = b[i] - factor * b[k]
    for k in range(n - 1, -1, -1):
        for j in range(k + 1, n):
            b[k] = b[k] - a[k, j] * b[j]
        b[k] = b[k] / a[k, k]
    return b
