"""Letters and markers as outlines for what draws them by itself: a page that plays."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gdviz.draw.fonts import em, properties
from gdviz.draw.markers import OUTLINES
from gdviz.draw.text import Glyphs

EM = 1000
"""Units of an em in which outlines are told, whole numbers: a fiftieth of a pixel of the largest letters of a page."""

_COMMANDS = {1: ("M", 1), 2: ("L", 1), 3: ("Q", 2), 4: ("C", 3)}  # of Matplotlib's codes, with their corners


def letter(sign: str, glyphs: Glyphs, bold: bool) -> tuple[int, str]:
    """How far the pen moves and the way of an SVG path, y downwards from the baseline, both in shares of EM."""
    from matplotlib.textpath import TextPath

    advance = round(EM * glyphs.advance(sign, 1.0, bold))
    if sign.isspace():
        return advance, ""
    path = TextPath((0, 0), sign, size=EM * em(glyphs.font), prop=properties(glyphs.font, bold))
    corners = np.rint(np.asarray(path.vertices) * (1.0, -1.0)).astype(int).tolist()
    codes = [] if path.codes is None else path.codes.tolist()
    parts: list[str] = []
    at = 0
    while at < len(codes):
        if codes[at] not in _COMMANDS:  # the outline is closed
            parts.append("Z")
            at += 1
            continue
        name, count = _COMMANDS[codes[at]]
        parts.append(name + " ".join(f"{x} {y}" for x, y in corners[at : at + count]))
        at += count
    return advance, "".join(parts)


def letters(texts: Iterable[tuple[str, bool]], glyphs: Glyphs) -> dict[str, dict[str, tuple[int, str]]]:
    """Every letter of texts, by its cut, "bold" or "regular"; each text says whether it is bold."""
    wanted: dict[str, set[str]] = {"regular": set(), "bold": set()}
    for text, bold in texts:
        wanted["bold" if bold else "regular"] |= set(text)
    return {cut: {sign: letter(sign, glyphs, cut == "bold") for sign in sorted(signs)} for cut, signs in wanted.items()}


def markers() -> dict[str, list[float]]:
    """The corners of every marker, x and y in turn, in shares of its radius."""
    return {name: np.round(corners, 3).ravel().tolist() for name, corners in OUTLINES.items()}
