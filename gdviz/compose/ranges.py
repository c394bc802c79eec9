"""Where level lines stand, and how far the axis of a graph with poles reaches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdviz.errors import remark

Floats = NDArray[np.float64]

LEVELS = 22
"""Level lines of a contour view: enough to read the slope, few enough to stay quiet."""

BULK = 0.1
"""Where a pole rules the range, an axis holds all but so many values on either side, and as much again beyond."""

RULED = 0.25
"""Share of a field between two lines, or below or above all, from which a pole is said to rule its range."""

CROWDED = 0.5
"""The same share, of a cliff or a narrow peak without a pole: lines then are for the plain, where that is uneven."""

EVEN = 50.0
"""A plain is uneven where half of it lies at most this many times higher above its lowest place than a quarter of it
does: less than the tail of a peak, which falls by decades and is as good as flat."""

CLIFF = 10.0
"""Times by which a gap between level lines is larger than the one below it from which a field is said to be a cliff."""


def level_heights(z: Floats, wanted: str | tuple[float, ...] | None, pole: bool = False) -> Floats:
    """Rising heights of the level lines of a field float64[row, column].

    wanted: "log" (dense at the bottom), "quantile" (the same area between neighbours), "linear", heights, or None for
    whichever suits: log where most of the field is low beside its peaks, quantile where most of it would lie between
    two of the lines because a few values rule the range: those beside a pole, which `pole` says that they may, or above
    a cliff.
    """
    if wanted is not None and not isinstance(wanted, str):
        return np.unique(np.asarray(wanted, np.float64))
    finite = z[np.isfinite(z)]
    if not len(finite) or finite.min() == finite.max():
        return np.array([float(finite[0]) if len(finite) else 0.0])
    low, middle, high = np.quantile(finite, [0.0, 0.5, 1.0])
    if wanted is None:
        wanted = "log" if high - low > 6 * (middle - low) else "linear"
        between = np.searchsorted(level_heights(z, wanted), finite)
        most = int(np.bincount(between).argmax())
        crowd = finite[between == most]
        if len(crowd) > (RULED if pole else CROWDED) * len(finite) and (pole or (most == 0 and _uneven(crowd))):
            wanted = "quantile"
    if wanted == "quantile":
        return np.unique(np.quantile(finite, np.linspace(0.01, 0.99, LEVELS)))
    if wanted == "log":
        bottom = max(float(np.quantile(finite, 0.004)) - low, 1e-5 * (high - low))
        return np.asarray(low + np.geomspace(bottom, high - low, LEVELS + 1)[:-1])
    return np.asarray(np.linspace(low, high, LEVELS + 2)[1:-1])


def check_levels(wanted: str | tuple[float, ...] | None, z: Floats, typed: bool) -> None:
    """Remark on heights of level lines that a field float64[row, column] does not reach: nothing is drawn there.

    typed: whether the window was asked for; one that follows the paths shows a part of the heights meant for all of f,
    so there only a picture without any line is remarked on.
    """
    if wanted is None or isinstance(wanted, str):
        return
    finite = z[np.isfinite(z)]
    low, high = float(finite.min()), float(finite.max())
    lost = [height for height in wanted if not low <= height <= high]
    if len(lost) == len(wanted) or (lost and typed):
        said = ", ".join(f"{height:g}" for height in lost[:4]) + ("…" if len(lost) > 4 else "")
        which = "no level line" if len(lost) == len(wanted) else f"no level line at {said}"
        remark(
            f"{which} is in view, where f goes from {low:.4g} to {high:.4g}; type other --levels or another --domain"
        )


def _uneven(plain: Floats) -> bool:
    """Whether level lines have something to say of a plain: see EVEN."""
    low, quarter, half = np.quantile(plain, [0.0, 0.25, 0.5])
    return bool(0 < half - low <= EVEN * (quarter - low))


def heights_of(y: Floats, unbounded: bool, kept: Floats | None = None) -> tuple[float, float]:
    """From where to where an axis for values y goes: all of them, but of a pole what stands beside most of the others.

    kept: values that are in it all the same, where they are finite.
    """
    finite = y[np.isfinite(y)]
    low, high = float(finite.min()), float(finite.max())
    if not unbounded:
        return low, high
    first, last = np.quantile(finite, [BULK, 1.0 - BULK])
    also = kept[np.isfinite(kept)] if kept is not None else np.empty(0)
    low = min(max(low, 2 * float(first) - float(last)), *also.tolist(), float(last))
    return low, max(min(high, 2 * float(last) - float(first)), *also.tolist(), low)


def continued(heights: Floats, z: Floats) -> Floats:
    """Heights, and more above them where the field rises higher: gaps go on growing as the last two did, and a bit.

    On a cliff, where they grew by more than CLIFF, there are none: such lines would lie over one another.
    """
    more = list(heights)
    top = float(z[np.isfinite(z)].max())
    if len(more) > 2 and more[-1] - more[-2] <= CLIFF * (more[-2] - more[-3]):
        growth = min(max((more[-1] - more[-2]) / (more[-2] - more[-3]), 1.1), 1.5)
        while len(more) < 2 * len(heights) and more[-1] + growth * (more[-1] - more[-2]) < top:
            more.append(more[-1] + growth * (more[-1] - more[-2]))
    return np.array(more)


def toned(heights: Floats, z: Floats) -> Floats:
    """The heights between which a field float64[row, column] has values: its tones then use the whole scale."""
    finite = z[np.isfinite(z)]
    within = heights[(heights > finite.min()) & (heights < finite.max())]
    return within if len(within) else heights
