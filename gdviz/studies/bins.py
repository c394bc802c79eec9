"""Bins into which losses are counted: what any number of runs is like, in as much memory, exact to a bin."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

BINS = 4096
"""Bins between the lowest edge and the highest; one below and one above them count all others."""

SPAN = 1e2
"""From this ratio of the highest loss to the lowest on, bins are as wide as their places are high."""

REACH = 1e30
"""Ratio of the highest loss to the lowest edge at most, so that a bin is no wider than a quarter of its lower edge."""

AT_ONCE = 2**17
"""Values that are counted together: 1 MB, so that what is made of them stays near; twice as quick as all at once."""

DIGITS = 52
"""Binary digits of a float64 behind its point."""


@dataclass(frozen=True, eq=False)
class Bins(ABC):
    """Bins numbered from 1 to BINS; 0 counts what is below them, BINS + 1 what is above, infinities and NaN too."""

    @property
    @abstractmethod
    def edges(self) -> Floats:
        """float64[BINS + 1], ascending: where bins begin, and where the last one ends."""

    @abstractmethod
    def _places(self, values: Floats) -> Counts:
        """Numbers of the bins of values, none of which is NaN."""

    @property
    def scale(self) -> str:
        """ "log" where bins grow with their places, else "linear"."""
        return "linear"

    def places(self, values: NDArray[np.floating]) -> Counts:
        """The number of the bin of every value, int64 in their shape."""
        exact = values.astype(np.float64)
        return self._places(np.where(np.isnan(exact), np.inf, exact))

    def counted(self, values: NDArray[np.floating]) -> Counts:
        """How many values of every column lie in each bin, int64[column, bin], of values dtype[run, column]."""
        columns, width = values.shape[1], BINS + 2
        found = np.zeros(columns * width, np.int64)
        for first in range(0, len(values), size := max(1, AT_ONCE // columns)):
            flat = self.places(values[first : first + size]) + np.arange(columns) * width
            found += np.bincount(flat.ravel(), minlength=columns * width)
        return found.reshape(columns, width)

    def decimals(self, values: Floats) -> int:
        """How many decimals of quantiles like these mean something, which are right to the width of a bin."""
        known = values[np.isfinite(values)]
        if not known.size:
            return 0
        places = np.clip(self.places(known), 1, BINS)
        width = float(np.diff(self.edges)[places - 1].max())
        return max(math.ceil(-math.log10(width) - 0.5), 0)

    def quantiles(self, counts: Counts, percents: Sequence[int]) -> Floats:
        """Where in its bin a quantile of the values lies, float64[percent, …], of counts int64[…, bin].

        The quantile is the least value that so many per cent of all are no higher than; values of a bin are taken to
        lie evenly in it, so that it is right to the width of one. Below the bins it is told by the lowest edge, above
        them it is infinite; where nothing is counted it is NaN.
        """
        edges, reached = self.edges, counts.cumsum(axis=-1)
        lows, widths = np.append(edges[:1], edges), np.concatenate([[0.0], np.diff(edges), [np.inf]])
        found = []
        for percent in percents:
            rank = np.maximum(-(-percent * reached[..., -1:] // 100), 1)
            place = np.minimum((reached < rank).sum(axis=-1, keepdims=True), BINS + 1)
            inside = np.take_along_axis(counts, place, -1)
            before = np.take_along_axis(reached, place, -1) - inside
            told = lows[place] + widths[place] * ((rank - before - 0.5) / np.maximum(inside, 1))
            found.append(np.where(inside > 0, told, np.nan)[..., 0])
        return np.stack(found)


@dataclass(frozen=True, eq=False)
class Even(Bins):
    """Bins of one width from `low` on."""

    low: float
    width: float

    @property
    def edges(self) -> Floats:
        """At equal distances."""
        return np.asarray(self.low + self.width * np.arange(BINS + 1))

    def _places(self, values: Floats) -> Counts:
        return np.floor(np.clip((values - self.low) / self.width, -1, BINS)).astype(np.int64) + 1


@dataclass(frozen=True, eq=False)
class Growing(Bins):
    """Bins that every doubling of the height above `floor` has equally many of, a power of two.

    A float64 without its last `shift` binary digits, taken as a whole number, is the number of its bin, from `first`
    on: nothing is rounded, so all machines count alike.
    """

    floor: float
    shift: int
    first: int

    @property
    def edges(self) -> Floats:
        """By their binary digits."""
        digits = np.arange(self.first, self.first + BINS + 1) << self.shift
        return np.asarray(self.floor + digits.view(np.float64))

    @property
    def scale(self) -> str:
        """They grow."""
        return "log"

    def _places(self, values: Floats) -> Counts:
        heights = values - self.floor + 0.0  # not -0.0, whose digits are those of no small number
        return np.clip((heights.view(np.int64) >> self.shift) - self.first + 1, 0, BINS + 1)


def bins_for(values: NDArray[np.floating], floor: float = 0.0) -> Bins:
    """Bins in which values like these can be counted, whatever their shape; those that are not finite do not count.

    They grow with the height above `floor`, the least that is possible, where none of the values is below it and the
    highest are more than SPAN times as high as the lowest that is above it.
    """
    finite = values[np.isfinite(values)].astype(np.float64)
    if not finite.size:
        return Even(floor, 1 / BINS)
    heights = finite - floor
    above = heights[heights > 0]
    if not (heights < 0).any() and above.size and above.max() > SPAN * above.min():
        return _growing(max(float(above.min()), float(above.max()) / REACH), float(above.max()), floor)
    low, high = float(finite.min()), float(finite.max())
    # A tenth beyond both ends, since these are those of a few runs.
    beyond = 0.1 * (high - low) or 1e-3 * abs(high) or 0.5
    return Even(low - beyond, (high - low + 2 * beyond) / BINS)


def _growing(low: float, high: float, floor: float) -> Growing:
    """As many bins to a doubling as there may be, and those that are left over beyond both ends."""
    for digits in range(9, -1, -1):
        shift = DIGITS - digits
        first, last = (int(number) >> shift for number in np.array([low, high]).view(np.int64))
        if (spare := BINS - (last - first + 1)) >= 0:
            break
    highest = int(np.array(np.inf).view(np.int64)) >> shift
    return Growing(floor, shift, int(np.clip(first - spare // 2, 0, highest - BINS)))
