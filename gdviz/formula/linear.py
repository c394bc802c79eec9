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


def multiplied(matrix: Any, vector: Any) -> Any:
    """Matrix times vector: dtype[n, n], dtype[n]."""
    n = vector.size
    result = vector.copy()
    for i in range(n):
        entry = matrix[i, 0] * vector[0]
        for j in range(1, n):
            entry = entry + matrix[i, j] * vector[j]
        result[i] = entry
    return result


def diagonal_of(matrix: Any) -> Any:
    """Diagonal of a matrix dtype[n, n]."""
    result = matrix[0].copy()
    for k in range(result.size):
        result[k] = matrix[k, k]
    return result


def jacobi(matrix: Any) -> Any:
    """Eigenvalues dtype[n] of a symmetric matrix dtype[n, n] and their vectors as rows dtype[n, n], by rotations.

    Golub & Van Loan 2013, Matrix Computations, section 8.5. Each rotation makes one pair of entries zero; entries too
    small to change the diagonal count as zero. Some five sweeps do for a few coordinates. Plain numbers are avoided:
    they would turn single precision into double.
    """
    n = matrix.shape[0]
    a, vectors = matrix.copy(), np.zeros_like(matrix)
    for k in range(n):
        vectors[k, k] = 1
    one = vectors[0, 0]
    for _ in range(50):
        turned = False
        for p in range(n - 1):
            for q in range(p + 1, n):
                off = abs(a[p, q])
                first, second = abs(a[p, p]), abs(a[q, q])
                if not off > 0 or (first + off == first and second + off == second):
                    continue
                turned = True
                ratio = (a[q, q] - a[p, p]) / (a[p, q] + a[p, q])
                tangent = one / (abs(ratio) + np.sqrt(ratio * ratio + one))
                if ratio < 0:
                    tangent = -tangent
                cosine = one / np.sqrt(tangent * tangent + one)
                sine = tangent * cosine
                for k in range(n):
                    kept = a[k, p]
                    a[k, p] = cosine * kept - sine * a[k, q]
                    a[k, q] = sine * kept + cosine * a[k, q]
                for k in range(n):
                    kept = a[p, k]
                    a[p, k] = cosine * kept - sine * a[q, k]
                    a[q, k] = sine * kept + cosine * a[q, k]
                    kept = vectors[p, k]
                    vectors[p, k] = cosine * kept - sine * vectors[q, k]
                    vectors[q, k] = sine * kept + cosine * vectors[q, k]
                a[p, q] = 0
                a[q, p] = 0
        if not turned:
            break
    values = a[0].copy()
    for k in range(n):
        values[k] = a[k, k]
    return values, vectors
