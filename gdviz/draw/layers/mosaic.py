"""Cells as an image: averaged where pixels hold several, crisp where a cell holds several pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.fields import LINE, PITCH, hatched
from gdviz.draw.layer import Drawn, Floats
from gdviz.draw.shapes import Image, Shape, rgb
from gdviz.scene.layers import HATCHES, Mosaic

Bytes = NDArray[np.uint8]

EDGE = 1.8
"""Width of lines between kinds of cells, units of the page."""

CLOSE = 0.6
"""How far apart lines over cells are, as a share of PITCH: areas of cells may be small."""


def brightness() -> Floats:
    """float64[256]: linear light of the values of a channel. Source: IEC 61966-2-1."""
    share = np.arange(256) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def reaching(edges: Floats, count: int) -> Floats:
    """float64[count + 1]: where edges of pixels lie among cells, 0 … n; edges: of the cells, pixels, rising."""
    return np.interp(np.arange(count + 1), edges, np.arange(len(edges), dtype=float))


def pooled(values: Floats, at: Floats) -> Floats:
    """float64[pixel, …]: values of cells float64[cell, …] along the first axis, for pixels whose edges lie at `at`.

    The mean over all of a pixel that is wider than a cell, else the cell in its middle.
    """
    low, high = at[:-1], at[1:]
    middle = np.minimum(((low + high) / 2).astype(np.int64), len(values) - 1)
    found = values[middle]
    wide = high - low > 1 + 1e-9
    if wide.any():
        sums = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
        parts = []
        for end in (low[wide], high[wide]):
            whole = np.minimum(end.astype(np.int64), len(values) - 1)
            rest = (end - whole).reshape(-1, *(1,) * (values.ndim - 1))
            parts.append(sums[whole] + rest * values[whole])
        span = (high - low)[wide].reshape(-1, *(1,) * (values.ndim - 1))
        found[wide] = (parts[1] - parts[0]) / span
    return found


class DrawnMosaic(Drawn[Mosaic]):
    """An image that fills the panel."""

    draws = Mosaic

    def below(self) -> list[Shape]:
        """The cells, and the lines over them."""
        site, layer = self.site, self.layer
        box, panel = site.box, site.place.panel
        down = reaching(box.height * panel.y.fraction(layer.y), box.height)
        across = reaching(box.width * panel.x.fraction(layer.x), box.width)
        light = brightness()
        pixels = np.empty((box.height, box.width, 3), np.uint8)
        between = (light[:-1] + light[1:]) / 2
        for part in range(3):
            mean = _both(light[layer.pixels[:, :, part]], down, across)
            pixels[:, :, part] = np.searchsorted(between, mean)
        if layer.hatch is not None:
            for kind, name in enumerate(HATCHES):
                if name and (layer.hatch == kind).any():
                    share = _both((layer.hatch == kind).astype(float), down, across)
                    hatched(pixels, share, site.theme, site.line(CLOSE * PITCH), site.line(LINE), name)
        if layer.kinds is not None and layer.edge:
            cover = _edges(layer.kinds, down, across, max(round(site.line(EDGE)), 1))[:, :, None]
            pixels = np.rint(pixels + cover * (rgb(layer.edge).astype(float) - pixels)).astype(np.uint8)
        return [Image(pixels, box)]


def _edges(kinds: Bytes, down: Floats, across: Floats, wide: int) -> Floats:
    """float64[row, column]: how much of each pixel belongs to lines between kinds, 0…1.

    All of those on both sides of a border of `wide` pixels, and of those that hold several kinds the more the more
    evenly they do. Kind 0 has no border.
    """
    every = np.unique(kinds)
    shares = [_both((kinds == kind).astype(float), down, across) for kind in every]
    mixed = 2.0 * (1.0 - sum(share**2 for share in shares))
    most = every[np.argmax(shares, axis=0)]
    line = np.zeros(most.shape, bool)
    for way in (most, most.T):
        drawn = line if way is most else line.T
        differs = np.zeros(way.shape, bool)
        differs[:-1] = (way[1:] != way[:-1]) & (way[1:] > 0) & (way[:-1] > 0)
        for step in range(wide):
            off = step - (wide - 1) // 2
            drawn[max(off, 0) : len(drawn) + min(off, 0)] |= differs[max(-off, 0) : len(drawn) - max(off, 0)]
    blank = shares[0] if every[0] == 0 else np.zeros(most.shape)
    return np.where(blank > 0, 0.0, np.clip(np.maximum(mixed, line), 0.0, 1.0))


def _both(values: Floats, down: Floats, across: Floats) -> Floats:
    """float64[row, column] of a panel, the upper row first."""
    return pooled(pooled(values, down)[::-1].T, across).T


DRAWN = DrawnMosaic
