"""Small pictures of pictures, for pages of many."""

from __future__ import annotations

import os

QUALITY = 82
"""Of WebP with loss: hairlines stay, and a thumbnail has some 10 kB."""


def thumbnail(picture: str | os.PathLike[str], out: str | os.PathLike[str], width: int = 480) -> tuple[int, int]:
    """Write a picture's thumbnail, WebP, of so many pixels across; its width and height."""
    from PIL import Image

    with Image.open(picture) as opened:
        whole = opened.convert("RGB")
    size = (width, max(1, round(width * whole.height / whole.width)))
    whole.resize(size, Image.Resampling.LANCZOS).save(out, "WEBP", quality=QUALITY, method=6)
    return size
