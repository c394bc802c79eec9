"""A landscape's values as tones: the quiet ground that paths speak on."""

from __future__ import annotations

import numpy as np

from gdviz.draw.fields import LINE, PITCH, hatched, resampled, tone
from gdviz.draw.layer import Drawn
from gdviz.draw.places import Place
from gdviz.draw.shapes import Image, Shape, rgb
from gdviz.scene.layers import Field
from gdviz.scene.themes import Theme


def field(layer: Field, place: Place, theme: Theme, hatch: tuple[float, float]) -> Image:
    """One tone between two levels, anti-aliased by twofold oversampling; or smooth tones, in 1024 steps.

    hatch: pixels between the lines over what is not defined, and their width.
    """
    from gdviz.raster.fields import tones

    box = place.box
    down, across = ((np.arange(2 * side) + 0.5) / (2 * side) for side in (box.height, box.width))
    z = resampled(layer, place, down, across)
    steps = np.ascontiguousarray(layer.levels, np.float64)
    if layer.smooth and len(steps) > 1:
        steps = np.interp((np.arange(1023) + 0.5) / 1023, np.linspace(0.0, 1.0, len(steps)), steps)
    table = tone(theme, np.linspace(0.0, 1.0, len(steps) + 1)).astype(np.float32)
    pixels = np.empty((box.height, box.width, 3), np.uint8)
    tones(z, steps, np.ascontiguousarray(table), rgb(theme.page), pixels)
    hole = np.isnan(z)
    if hole.any():
        share = hole.reshape(box.height, 2, box.width, 2).mean(axis=(1, 3))
        hatched(pixels, share, theme, *hatch)
    return Image(pixels, box)


class DrawnField(Drawn[Field]):
    """An image that fills the panel."""

    draws = Field

    def below(self) -> list[Shape]:
        """The tones."""
        site = self.site
        return [field(self.layer, site.place, site.theme, (site.line(PITCH), site.line(LINE)))]


DRAWN = DrawnField
