"""What trying a law answers, and the bowl that rules of every kind are tried on."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

POINTS = 2000
"""At which formulas and signals are tried."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """One law: what it asks, whether it holds, and the number or the place that says so."""

    law: str
    holds: bool
    finding: str


def told(x: NDArray[np.float64]) -> str:
    """A point, float64[dim], in four digits."""
    return f"({', '.join(f'{c:.4g}' for c in x)})"


def bowl(x: float, y: float) -> float:
    """Curvatures 1 and 2: the least that every optimizer must get down. Some published forms diverge above 2.1."""
    return x**2 / 2 + y**2
