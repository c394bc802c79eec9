"""Two pictures compared."""

from __future__ import annotations

import os

SEEN = 24
"""Steps of 255 in a channel from which a pixel counts as another: below are the last bits of other processors."""


def differing(one: str | os.PathLike[str], other: str | os.PathLike[str]) -> float:
    """Share of the pixels in which two pictures differ to the eye; 1 where their sizes do."""
    from PIL import Image, ImageChops

    with Image.open(one) as first, Image.open(other) as second:
        a, b = first.convert("RGB"), second.convert("RGB")
    if a.size != b.size:
        return 1.0
    channels = ImageChops.difference(a, b).split()
    largest = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    count = sum(largest.histogram()[SEEN:])
    return count / (a.width * a.height)
