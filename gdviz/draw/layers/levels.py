"""Level lines, and their values where they are asked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.fields import resampled
from gdviz.draw.layer import Drawn, Floats
from gdviz.draw.places import Place
from gdviz.draw.shapes import Hairlines, Shape, Text
from gdviz.draw.text import width
from gdviz.scene.layers import Levels
from gdviz.scene.themes import Theme


def levels(layer: Levels, place: Place, theme: Theme, line: float, size: float, font: str | None) -> list[Shape]:
    """Level lines as hairlines, and their values where they are asked for."""
    from contourpy import contour_generator

    box = place.box
    # a cell of three pixels bends no line visibly and keeps vector files small
    down, across = (np.linspace(0.0, 1.0, min(side // 3 + 2, 700)) for side in (box.height, box.width))
    z = resampled(layer, place, down, across)
    if layer.cut is not None:
        z[_beside(layer.cut, (layer.y, layer.x), (place.y_values(1.0 - down), place.x_values(across)))] = np.nan
    x, y = box.x0 + across * box.width, box.y0 + down * box.height
    generator = contour_generator(x, y, z)
    lines: list[Floats] = []
    texts: list[Shape] = []
    taken: list[tuple[float, float]] = []
    for level in layer.levels:
        found = [np.asarray(part) for part in generator.lines(float(level))]
        # in a gorge narrower than the grid a level falls apart into specks: those say nothing
        lines.extend(part for part in found if len(part) > 1 and np.ptp(part, axis=0).max() > 12 * line)
        if layer.labels and found:
            text = f"{level:g}".replace("-", "−").replace(".", place.panel.x.decimal)
            longest = max(found, key=len)
            span = width(text, size, font)
            for point in longest[len(longest) // 2 :: 7]:
                clear = all(abs(point[0] - a) > 2.2 * span or abs(point[1] - b) > 2.2 * size for a, b in taken)
                if clear and box.x0 + span < point[0] < box.x1 - span and box.y0 + size < point[1] < box.y1 - size:
                    taken.append((point[0], point[1]))
                    texts.append(Text(point[0], point[1] + 0.36 * size, text, size, theme.dim, "center",
                                      outline=theme.halo, rim=0.12 * size))  # fmt: skip
                    break
    return [Hairlines(tuple(lines), theme.level, line, theme.level_alpha, box), *texts]


def _beside(cut: NDArray[np.bool_], samples: tuple[Floats, Floats], nodes: tuple[Floats, Floats]) -> NDArray[np.bool_]:
    """bool[row, column]: nodes nearest to samples that are cut, and the corners of cells that hold such a sample.

    samples, nodes: values of rows and columns; nodes of rows fall.
    """
    nearest = [np.rint(np.interp(at, own, np.arange(len(own)))).astype(np.int64)
               for own, at in zip(samples, nodes, strict=True)]  # fmt: skip
    found = cut[np.ix_(*nearest)]
    down, across = (np.interp(own, np.sort(at), np.arange(len(at))) for own, at in zip(samples, nodes, strict=True))
    rows, columns = np.nonzero(cut)
    for row in (np.floor(down[rows]), np.ceil(down[rows])):
        for column in (np.floor(across[columns]), np.ceil(across[columns])):
            found[len(nodes[0]) - 1 - row.astype(np.int64), column.astype(np.int64)] = True
    return found


class DrawnLevels(Drawn[Levels]):
    """Hairlines, also on small pages."""

    draws = Levels

    def below(self) -> list[Shape]:
        """Lines and values."""
        site = self.site
        line, size = site.page.stroke(1.1), site.page.size(17)
        return levels(self.layer, site.place, site.theme, line, size, site.scene.font)


DRAWN = DrawnLevels
