"""Which cell of a sweep is the best."""

from __future__ import annotations

import numpy as np

from gdviz.studies.problem import Found


def best_cell(arrays: Found, optimizer: int) -> tuple[int, ...] | None:
    """The indices, one for each axis, of the cell with the most runs that succeed; of several the one with the fewest
    steps by their median, then with the lowest median of the final loss, then the first.

    None where no cell has a finite loss.
    """
    success, steps, final = (arrays[name][optimizer] for name in ("success", "median_steps", "final_q50"))
    left = np.isfinite(final)
    if not left.any():
        return None
    for rank in (-success, np.where(np.isnan(steps), np.inf, steps), final):
        left = left & (rank == rank[left].min())
    return tuple(int(at) for at in np.unravel_index(int(left.argmax()), left.shape))
