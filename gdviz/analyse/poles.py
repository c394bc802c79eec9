"""Where a sampled function is not bounded: poles between its samples, told from cliffs by looking closer."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Function = Callable[..., object]
"""f of one array for each coordinate."""

PARTS = 7
"""Parts of a window, of which the next look takes the two around the largest value."""
LOOKS = 12
"""Looks, each three and a half times closer: the last window is a millionth of the first."""
GROWTH = 500.0
"""A pole has grown this much by then: 1/x by 10⁶, 1/sqrt(x) by 10³; a cliff or a narrow peak has not."""


def poles(value: Function, axes: Sequence[Floats], f: Floats) -> list[NDArray[np.bool_]]:
    """Where f passes through a pole from one side to the other, for each axis bool[…] one shorter along it.

    axes: rising samples of each coordinate; f: there, float64[…] in the order of the axes. Of pieces between
    neighbours those are looked at that are steeper than both beside them, and the other way.
    """
    found = []
    for k, axis in enumerate(axes):
        turned = np.moveaxis(f, k, -1)
        hit = np.isinf(turned)
        with np.errstate(all="ignore"):
            step = np.diff(turned, axis=-1)
            before, after = step[..., :-2], step[..., 2:]
            odd = (np.sign(before) * np.sign(step[..., 1:-1]) < 0) & (np.sign(after) * np.sign(step[..., 1:-1]) < 0)
            odd &= (np.abs(step[..., 1:-1]) > np.abs(before)) | (np.abs(step[..., 1:-1]) > np.abs(after))
        jumps = np.zeros(step.shape, bool)
        at = np.argwhere(odd)
        at[:, -1] += 1
        if len(at):
            low = np.stack([axes[j][at[:, _place(j, k, len(axes))]] for j in range(len(axes))])
            high = low.copy()
            high[k] = axis[at[:, -1] + 1]
            jumps[tuple(at.T)] = grows(value, low, high)
        # a sample that hits the pole parts its neighbours where one side falls towards it and the other rises
        sides = np.zeros_like(hit)
        sides[..., 2:-2] = hit[..., 2:-2] & (np.sign(step[..., :-3]) * np.sign(step[..., 3:]) > 0)
        jumps |= sides[..., :-1] | sides[..., 1:]
        found.append(np.moveaxis(jumps, -1, k))
    return found


def _place(j: int, k: int, dimension: int) -> int:
    """Where coordinate j stands in an index whose coordinate k was moved to the end."""
    return dimension - 1 if j == k else j - (j > k)


def is_unbounded(value: Function, axes: Sequence[Floats], f: Floats) -> bool:
    """Whether the largest of the samples is one of a pole; f: at the samples, float64[…] in the order of the axes."""
    if np.isinf(f).any():
        return True
    finite = np.where(np.isfinite(f), f, 0.0)
    away = np.abs(finite - np.median(f[np.isfinite(f)])) if np.isfinite(f).any() else finite
    top = [int(i) for i in np.unravel_index(int(away.argmax()), f.shape)]
    low = np.array([[axis[max(i - 1, 0)]] for axis, i in zip(axes, top, strict=True)])
    high = np.array([[axis[min(i + 1, len(axis) - 1)]] for axis, i in zip(axes, top, strict=True)])
    return bool(grows(value, low, high)[0])


def grows(value: Function, low: Floats, high: Floats) -> NDArray[np.bool_]:
    """Whether |f| grows without bound in windows between corners float64[dim, n]: bool[n]."""
    dimension, count = low.shape
    cells = np.array(list(itertools.product(np.linspace(0.0, 1.0, PARTS + 1), repeat=dimension))).T
    first = largest = np.zeros(count)
    for look in range(LOOKS):
        spots = low[:, :, None] + (high - low)[:, :, None] * cells[:, None, :]
        with np.errstate(all="ignore"):
            f = np.abs(np.broadcast_to(np.asarray(value(*spots), np.float64), spots.shape[1:]))
        f = np.where(np.isnan(f), 0.0, f)
        best = f.argmax(axis=1)
        largest = f[np.arange(count), best]
        first = largest if not look else first
        centre = np.take_along_axis(spots, np.broadcast_to(best[None, :, None], (dimension, count, 1)), axis=2)[..., 0]
        arm = (high - low) / PARTS
        low, high = np.maximum(centre - arm, low), np.minimum(centre + arm, high)
    return np.asarray((largest > GROWTH * first) | np.isinf(largest))
