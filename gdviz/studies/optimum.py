"""Which cell of a sweep is the best."""

from __future__ import annotations

import numpy as np

from gdviz.studies.problem import Found

MOST = 0.5
"""Share of the runs of a cell beyond which it counts as one that diverges."""


def best_cell(arrays: Found, optimizer: int) -> tuple[int, ...] | None:
    """The indices, one for each axis, of the cell with the most runs that succeed; of several the one with the fewest
    steps by their median, then with the lowest median of the final loss, then the first.

    None where most runs of every cell diverge.
    """
    success, steps, final = (arrays[name][optimizer] for name in ("success", "median_steps", "final_q50"))
    left = np.isfinite(final) & (arrays["diverged"][optimizer] <= MOST)
    if not left.any():
        return None
    for rank in (-success, np.where(np.isnan(steps), np.inf, steps), final):
        left = left & (rank == rank[left].min())
    return tuple(int(at) for at in np.unravel_index(int(left.argmax()), left.shape))
