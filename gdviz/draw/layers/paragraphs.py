"""What is said of several things, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from gdviz.draw.layer import Drawn
from gdviz.draw.measures import SMALLEST
from gdviz.draw.shapes import Text
from gdviz.draw.text import shorten, wrap
from gdviz.scene.layers import Paragraphs
from gdviz.scene.palette import legible

SIZES = 24.0, 22.0, 20.0, 18.5, SMALLEST
"""Of letters, units of the page: the largest in which all find room."""

LINES = 8
"""Most lines of a text."""

LEAD, AIR = 1.2, 0.55
"""From line to line, and what stands free above a head but the first, in sizes of letters."""


class DrawnParagraphs(Drawn[Paragraphs]):
    """Heads in their colours, texts below them."""

    draws = Paragraphs

    def below(self) -> Sequence[Text]:
        """All that finds room."""
        foot = self.site.box.y1
        for size in SIZES:
            parts = self._parts(self.site.page.size(size))
            if not parts or parts[-1][-1].y <= foot:
                break
        return [*chain.from_iterable(part for part in parts if part[-1].y <= foot)]

    def _parts(self, size: float) -> list[list[Text]]:
        """The lines of every paragraph, in letters of this size."""
        layer, box, theme, font = self.layer, self.site.box, self.site.theme, self.site.scene.font
        base, found = box.y0 + 0.8 * size, []
        for head, color, text in zip(layer.heads, layer.colors, layer.texts, strict=True):
            named = shorten(head, box.width, size, font, True)
            part = [Text(box.x0, round(base), named, size, legible(color, theme.page, theme.ink), bold=True)]
            for line in wrap(text, box.width, size, LINES, font):
                base += LEAD * size
                part.append(Text(box.x0, round(base), line, size, theme.ink))
            base += (LEAD + AIR) * size
            found.append(part)
        return found


DRAWN = DrawnParagraphs
