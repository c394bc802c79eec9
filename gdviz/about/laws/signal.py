"""Laws of signals: finite, within their range, the same however many points are asked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gdviz.about.laws.verdict import POINTS, Verdict
from gdviz.registry.definition import Definition
from gdviz.registry.kinds.signal import SignalFacts
from gdviz.runs.response import sampled


def laws(definition: Definition) -> Iterator[Verdict]:
    """Of its first points."""
    made = sampled(definition, definition.parameters, POINTS)  # refuses what is not finite
    yield Verdict("finite at every point", True, f"{POINTS} points, {made.min():.4g} to {made.max():.4g}")
    if stated := SignalFacts.of(definition).range:
        low, high = stated
        inside = bool((low <= made).all() and (made <= high).all())
        yield Verdict("within its range", inside, f"stated {low:g} to {high:g}")
    same = np.array_equal(sampled(definition, definition.parameters, 100), made[:100])
    yield Verdict("the beginning of a longer one is the shorter one", same, "100 points, bit for bit")
