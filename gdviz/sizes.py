"""Sizes of pages: names, pixels and paper."""

from __future__ import annotations

import re

SIZES = {
    "720p": (1280, 720),
    "1080p": (1920, 1080),
    "4k": (3840, 2160),
    "square": (1080, 1080),
    "vertical": (1080, 1920),
}
PAPER_DPI = 300
"""Dots per inch of sizes given in inches or millimetres: what journals ask of images."""


def page_size(text: str) -> tuple[int, int, float | None]:
    """Width and height in pixels of a named size, `WxH`, or paper such as `3.25inx2.4in` or `84mmx60mm`, and its dpi.

    The dpi is None for screens. Raises ValueError saying what can be typed.
    """
    word = text.strip().lower().replace("×", "x")
    if word in SIZES:
        return (*SIZES[word], None)
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(in|mm|cm|px)?x(\d+(?:\.\d+)?)(in|mm|cm|px)?", word)
    if match is None:
        raise ValueError(f"it must be {', '.join(SIZES)}, WxH in pixels, or paper such as 3.25inx2.4in or 84mmx60mm")
    scale = {"in": 1.0, "mm": 1 / 25.4, "cm": 1 / 2.54}
    unit = match[4] or match[2]
    if unit not in scale:
        width, height, dpi = float(match[1]), float(match[3]), None
    else:
        width = float(match[1]) * scale.get(match[2] or unit, 1.0) * PAPER_DPI
        height, dpi = float(match[3]) * scale[unit] * PAPER_DPI, float(PAPER_DPI)
    if not (160 <= width <= 8192 and 120 <= height <= 8192):
        raise ValueError("pages are 160 to 8192 pixels wide and 120 to 8192 high")
    return round(width), round(height), dpi
