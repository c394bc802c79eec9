"""A landscape's values as tones: the quiet ground that paths speak on."""

from __future__ import annotations

import numpy as np

from gdviz.draw.fields import resampled, tone
from gdviz.draw.layer import Drawn
from gdviz.draw.places import Place
from gdviz.draw.shapes import Image, Shape, rgb
from gdviz.scene.layers import Field
from gdviz.scene.themes import Theme


def field(layer: Field, place: Place, theme: Theme) -> Image:
    """One tone between two levels, anti-aliased by twofold oversampling; or smooth tones, in 1024 steps."""
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
    return Image(pixels, box)


class DrawnField(Drawn[Field]):
    """An image that fills the panel."""

    draws = Field

    def below(self) -> list[Shape]:
        """The tones."""
        return [field(self.layer, self.site.place, self.site.theme)]


DRAWN = DrawnField
