"""What is said of several things, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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

APART, CLOSE = (1.2, 0.55), (1.05, 0.25)
"""From line to line, and what stands free above a head but the first, in sizes of letters: as a rule, and where nothing
else finds room."""

BELOW = 46
"""Units of the page below the panel that numbers and the name of an axis would take, which it has not."""


class DrawnParagraphs(Drawn[Paragraphs]):
    """Heads in their colours, texts below them."""

    draws = Paragraphs

    def below(self) -> Sequence[Text]:
        """All that finds room, else all without their last sentences, else as many as do, and then an ellipsis."""
        page, box, font, whole = self.site.page, self.site.box, self.site.scene.font, self.layer.texts
        low, short = box.y1 + page.space(BELOW), tuple(text.rpartition(". ")[0] or text for text in whole)
        tries = [(size, APART, box.y1, whole) for size in SIZES]
        for size, spacing, end, texts in (*tries, (SMALLEST, CLOSE, low, whole), (SMALLEST, CLOSE, low, short)):
            parts = self._parts(texts, page.size(size), *spacing)
            if not parts or parts[-1][-1].y <= end:
                break
        found = [*chain.from_iterable(part for part in parts if part[-1].y <= end)]
        if found and parts[-1][-1].y > end:
            last = found.pop()
            found.append(replace(last, text=shorten(f"{last.text} …", box.width, last.size, font)))
        return found

    def _parts(self, texts: Sequence[str], size: float, lead: float, air: float) -> list[list[Text]]:
        """The lines of every paragraph, in letters of this size and so far apart, in their sizes."""
        layer, box, theme, font = self.layer, self.site.box, self.site.theme, self.site.scene.font
        base, found = box.y0 + 0.8 * size, []
        for head, color, text in zip(layer.heads, layer.colors, texts, strict=True):
            named = shorten(head, box.width, size, font, True)
            part = [Text(box.x0, round(base), named, size, legible(color, theme.page, theme.ink), bold=True)]
            for line in wrap(text, box.width, size, LINES, font):
                base += lead * size
                part.append(Text(box.x0, round(base), line, size, theme.ink))
            base += (lead + air) * size
            found.append(part)
        return found


DRAWN = DrawnParagraphs
