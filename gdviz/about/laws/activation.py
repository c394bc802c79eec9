"""Laws of activations: finite far out, and a slope that agrees with differences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gdviz.about.laws.pair import agreement, finite
from gdviz.about.laws.verdict import POINTS, Verdict
from gdviz.objectives.pairs import pair
from gdviz.registry.definition import Definition

FAR = 1000.0
"""How far out z is tried."""


def laws(definition: Definition) -> Iterator[Verdict]:
    """From −FAR to FAR, half of the points within 8 of 0, where neurons mostly are."""
    z = np.concatenate([np.linspace(-FAR, FAR, POINTS // 2), np.linspace(-8, 8, POINTS // 2)])[None]
    yield finite(pair(definition), z)
    yield agreement(pair(definition), z)
