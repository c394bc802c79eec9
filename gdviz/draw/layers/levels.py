"""Level lines, and their values where they are asked for."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.fields import resampled
from gdviz.draw.labels import samples
from gdviz.draw.layer import Drawn, Floats
from gdviz.draw.places import Place
from gdviz.draw.shapes import Hairlines, Shape, Text
from gdviz.draw.stretches import Places
from gdviz.draw.text import width
from gdviz.lang import SUPERSCRIPTS
from gdviz.scene.layers import Arrows, Levels, Marks, Trails
from gdviz.scene.themes import Theme

EACH = 9.0
"""Heights of a value in the shorter side of a panel for each level that tells it."""


def levels(
    layer: Levels,
    place: Place,
    theme: Theme,
    line: float,
    size: float,
    font: str | None,
    taken: Floats | None = None,
) -> list[Shape]:
    """Level lines as hairlines, and where they are asked for the values of some, along them on straight stretches.

    taken: float64[n, 2], pixels that values keep off.
    """
    from contourpy import contour_generator

    box = place.box
    # a cell of three pixels bends no line visibly and keeps vector files small
    down, across = (np.linspace(0.0, 1.0, min(side // 3 + 2, 700)) for side in (box.height, box.width))
    z = resampled(layer, place, down, across)
    if layer.cut is not None:
        z[_beside(layer.cut, (layer.y, layer.x), (place.y_values(1.0 - down), place.x_values(across)))] = np.nan
    x, y = box.x0 + across * box.width, box.y0 + down * box.height
    generator = contour_generator(x, y, z)
    lines: list[list[Floats]] = []
    for level in layer.levels:
        found = [np.asarray(part) for part in generator.lines(float(level))]
        # in a gorge narrower than the grid a level falls apart into specks: those say nothing
        lines.append([part for part in found if len(part) > 1 and np.ptp(part, axis=0).max() > 12 * line])
    texts: list[Shape] = []
    if layer.labels:
        places = Places(box, size, np.empty((0, 2)) if taken is None else taken)
        for told in _told([bool(parts) for parts in lines], max(int(min(box.width, box.height) / EACH / size), 2)):
            for number in (told, told + 1, told - 1):  # one that has no room leaves its word to the next
                text = _written(float(layer.levels[number % len(lines)]), place.panel.x.decimal)
                if put := places.put(lines[number % len(lines)], width(text, size, font)):
                    part, stretch = put
                    lines[number % len(lines)][part : part + 1] = stretch.rest
                    texts.append(Text(stretch.x, stretch.y, text, size, theme.dim, "center", outline=theme.halo,
                                      rim=0.1 * size, angle=stretch.angle))  # fmt: skip
                    break
    drawn = tuple(part for parts in lines for part in parts)
    return [Hairlines(drawn, theme.level, line, theme.level_alpha, box), *texts]


def _told(seen: list[bool], most: int) -> list[int]:
    """Which of the levels that are seen tell their values: some, evenly spread over all."""
    there = [number for number, one in enumerate(seen) if one]
    stride = max(-(-len(there) // most), 1)
    return there[(len(there) - 1) % stride // 2 :: stride]


def _written(level: float, decimal: str) -> str:
    """A level with three figures: more would tell what no line on a page can."""
    mantissa, _, power = f"{float(f'{level:.3g}'):g}".partition("e")
    text = f"{mantissa}·10{str(int(power)).translate(SUPERSCRIPTS)}" if power else mantissa
    return text.replace("-", "−").replace(".", decimal)


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
        return self._lines

    def written(self) -> list[Text]:
        """The values."""
        return [shape for shape in self._lines if isinstance(shape, Text)] if self.layer.labels else []

    @cached_property
    def _lines(self) -> list[Shape]:
        site = self.site
        line, size = site.page.stroke(1.1), site.page.size(17)
        return levels(self.layer, site.place, site.theme, line, size, site.scene.font, self._taken())

    def _taken(self) -> Floats:
        """Where paths, arrows and marks of the panel are, float64[n, 2] pixels, and where words beside marks stand."""
        place, size = self.site.place, self.site.page.size(17)
        found = [np.empty((0, 2))]
        if not self.layer.labels:
            return found[0]
        for layer in place.panel.layers:
            if isinstance(layer, Trails):
                tracks = (place.track(track.points, layer.kind) for track in layer.tracks)
                found += [samples(points, place.box, size / 3) for points in tracks]
            elif isinstance(layer, Marks):
                marks = place.pixels(layer.points)
                around = (
                    [(across, down) for across in range(-9, 10) for down in (-1, 0, 1)] if layer.texts else [(0, 0)]
                )
                found += [marks + (np.array(offset) * size) for offset in around]
            elif isinstance(layer, Arrows) and layer.scale is None:
                ends = zip(place.pixels(layer.tails), place.pixels(layer.tips), strict=True)
                found += [samples(np.array(pair), place.box, size / 3) for pair in ends]
        return np.concatenate(found)


DRAWN = DrawnLevels
