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
    ranks = [np.where(np.isnan(one), np.inf, one).ravel() for one in (-success, steps, final)]
    lost = ~np.isfinite(final).ravel()
    found = int(np.lexsort((*ranks[::-1], lost))[0])
    return None if lost[found] else tuple(int(at) for at in np.unravel_index(found, final.shape))
