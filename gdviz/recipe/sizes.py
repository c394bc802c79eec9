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

SHAPES = {"px": 9 / 16, "in": 3 / 4, "mm": 3 / 4, "cm": 3 / 4}
"""Height per width where a width alone is given: of screens, and of figures on paper."""


def page_size(text: str) -> tuple[int, int, float | None]:
    """Width and height in pixels of a named size, `WxH`, or paper such as `3.25inx2.4in` or `84mmx60mm`, and its dpi.

    A width alone, with its unit (`6.75in`, `800px`), has the height of its kind's shape. The dpi is None for screens.
    Raises ValueError saying what can be typed.
    """
    word = text.strip().lower().replace("×", "x")
    if word in SIZES:
        return (*SIZES[word], None)
    number = r"(\d+(?:\.\d+)?)"
    if alone := re.fullmatch(rf"{number}(in|mm|cm|px)", word):
        word = f"{word}x{float(alone[1]) * SHAPES[alone[2]]:f}{alone[2]}"
    match = re.fullmatch(rf"{number}(in|mm|cm|px)?x{number}(in|mm|cm|px)?", word)
    if match is None:
        if re.fullmatch(number, word):
            named = f"{word}p, " if f"{word}p" in SIZES else ""
            raise ValueError(f"a width alone needs its unit: type {named}{word}px, or 6.75in for paper")
        raise ValueError(
            f"it must be {', '.join(SIZES)}, WxH in pixels, paper such as 3.25inx2.4in or 84mmx60mm, or a width alone "
            f"such as 6.75in"
        )
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
