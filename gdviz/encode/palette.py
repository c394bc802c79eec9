"""The one palette of a GIF: up to 255 colours that stand for all frames."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

# Different colours looked at; 2^18 of them cost about 0.3 s. A gdviz picture has 10,000 to 60,000.
MOST = 1 << 18
ROUNDS = 4  # of k-means; the greedy start is near enough that more rounds change nothing visible
# Weight = pixels^POWER: 1 would spend every entry on the field, 0 would forget how large it is.
POWER = 0.75
# Entries set aside, where only the first frame is known, for colours that come later: a 4 × 6 × 4 lattice.
LATTICE = (4, 6, 4)


def clip_palette(frames: Iterable[NDArray[np.uint8]], spare: bool = False) -> NDArray[np.uint8]:
    """The palette of a clip from sample frames.

    Colours that fill most of what their entry stands for (flat fields, ink, the core of a path) are kept exactly.

    frames: uint8[H, W, 3] each, looked at one by one; together they show every colour that matters.
    spare: the frames do not show every colour: keep some entries spread over all colours.
    Returns uint8[n, 3] with n ≤ 255, in the order in which entries were chosen; the same frames give the same bytes.
    Without any frame n is 0.
    """
    from gdviz.raster.palette import COLORS, INDICES, gather, spread, tally

    counts = np.zeros(COLORS, np.uint32)  # 64 MiB of address space; only touched pages take memory
    found = np.empty(MOST, np.uint32)
    known = 0
    for frame in frames:
        known = tally(np.require(frame, np.uint8, ["C", "W"]), counts, found, known)
    if known == 0:
        return np.empty((0, 3), np.uint8)
    found = found[:known]
    colors = np.ascontiguousarray(np.stack([found >> 16, found >> 8 & 255, found & 255]).astype(np.int32))
    pixels = counts[found]
    weights = np.power(pixels, POWER, dtype=np.float32)
    del counts
    lattice = np.stack(np.meshgrid(*(np.linspace(0, 255, n) for n in LATTICE), indexing="ij"), -1).reshape(-1, 3)
    spared = np.rint(lattice).astype(np.uint8)[: len(lattice) if spare else 0]
    chosen = np.empty(INDICES - 1 - len(spared), np.int64)
    chosen = chosen[: spread(colors, weights, chosen)]
    table = palette_table(colors[:, chosen].T)
    if len(chosen) == known:
        return np.concatenate([found_colors(table, known), spared])
    labels = np.empty(known, np.uint8)
    sums = np.empty((INDICES, 4))
    for _ in range(ROUNDS):
        gather(colors, weights, table, labels, sums)
        used = sums[:, 3] > 0
        table[:, used] = np.rint(sums[used, :3] / sums[used, 3:]).T
    gather(colors, weights, table, labels, sums)
    ranked = np.lexsort((found, -pixels.astype(np.int64)))  # most pixels first; the colour decides between equals
    entries, first = np.unique(labels[ranked], return_index=True)
    heaviest = ranked[first]
    exact = pixels[heaviest] >= 0.5 * np.bincount(labels, pixels)[entries]
    table[:, entries[exact]] = colors[:, heaviest[exact]]
    return np.concatenate([found_colors(table, len(chosen)), spared])


def found_colors(table: NDArray[np.int32], count: int) -> NDArray[np.uint8]:
    """The first entries of a table as uint8[count, 3]."""
    return table[:, 1 : count + 1].T.astype(np.uint8)


def palette_table(palette: NDArray[np.integer]) -> NDArray[np.int32]:
    """int32[3, 256] for the kernels: entry 0 and unused ones lie far outside the colour cube."""
    from gdviz.raster.palette import FAR, INDICES

    table = np.full((3, INDICES), FAR, np.int32)
    table[:, 1 : len(palette) + 1] = palette.T
    return table
