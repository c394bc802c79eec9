"""Texts: measuring, shortening, and glyph masks for what changes from frame to frame."""

from __future__ import annotations

import functools
import math
import re

import numpy as np
from numpy.typing import NDArray

from gdviz.draw.fonts import check_letters, em, formula_size, properties
from gdviz.draw.mathematics import atoms, plain, prepared


@functools.lru_cache(maxsize=4096)
def _em(text: str, font: str | None, bold: bool, math: bool) -> tuple[float, float, float]:
    """Width, height and depth of a text of a size of 100 pixels."""
    from matplotlib.textpath import text_to_path

    ready, holds = (text, True) if math else prepared(text)
    if holds:
        return formula_size(ready, font, bold)
    text = ready
    check_letters(text, font)
    chosen = properties(font, bold).copy()
    chosen.set_size(100 * em(font))
    return tuple(map(float, text_to_path.get_text_width_height_descent(text, chosen, False)))  # type: ignore[return-value]


def width(text: str, size: float, font: str | None = None, bold: bool = False, math: bool = False) -> float:
    """How wide a text is, pixels."""
    return _em(text, font, bold, math)[0] * size / 100 if text else 0.0


def extent(text: str, size: float, font: str | None = None, math: bool = False) -> tuple[float, float]:
    """How far a text rises above its baseline and falls below it, pixels."""
    _, height, depth = _em(text, font, False, math)
    return (height - depth) * size / 100, depth * size / 100


def fitting(text: str, room: float, size: float, least: float, font: str | None = None, bold: bool = False) -> float:
    """The size in which a text fits into `room` pixels: the one given, or a smaller one down to the least."""
    wide = width(text, size, font, bold)
    return size if wide <= room else max(0.998 * size * room / wide, min(least, size))


def shorten(text: str, room: float, size: float, font: str | None = None, bold: bool = False) -> str:
    """The text, or as much of its beginning as fits into `room` pixels, with an ellipsis; mathematics whole or not."""
    if width(text, size, font, bold) <= room:
        return text
    if prepared(text)[1]:
        words = atoms(text)[:-1]
        while words and width(f"{' '.join(words)} …", size, font, bold) > room:
            words.pop()
        return f"{' '.join(words)} …" if words else shorten(plain(text), room, size, font, bold)
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip(" ,;:·") + "…", size, font, bold) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip(" ,;:·") + "…" if low else ""


def wrap(text: str, room: float, size: float, lines: int, font: str | None = None, bold: bool = False) -> list[str]:
    """The text in at most `lines` lines of `room` pixels; the last is shortened where it does not fit."""
    result = filled(text, room, size, font, bold)
    if len(result) > lines:
        result[lines - 1 :] = [shorten(f"{result[lines - 1]} {atoms(result[lines])[0]} …", room, size, font, bold)]
    return [line if width(line, size, font, bold) <= room else shorten(line, room, size, font, bold) for line in result]


def filled(text: str, room: float, size: float, font: str | None = None, bold: bool = False) -> list[str]:
    """The text in as many lines of `room` pixels as it takes; a word that is longer has one to itself."""
    result: list[str] = []
    for word in atoms(text):
        if result and width(f"{result[-1]} {word}", size, font, bold) <= room:
            result[-1] += f" {word}"
        else:
            result.append(word)
    return result


def sentences(text: str, room: float, size: float, lines: int, font: str | None = None) -> tuple[list[str], str]:
    """As many whole sentences of a text as have room in so many lines, and those that have none; of a text whose first
    sentence is longer, or that holds mathematics, what `wrap` makes of it."""
    ends = [] if prepared(text)[1] else [at.start() for at in re.finditer(r"(?<=\.) (?=\S)", text)]
    ends = [end for end in ends if not text[end + 1].islower()]  # others stand in abbreviations
    for kept, rest in ((text, ""), *((text[: end - 1], text[end + 1 :]) for end in reversed(ends))):
        if len(filled(kept, room, size, font)) <= lines:
            return wrap(kept, room, size, lines, font), rest
    return wrap(text, room, size, lines, font), ""


class Glyphs:
    """Masks of single letters, made once from the font's outlines; digits all stand in cells of one width."""

    def __init__(self, font: str | None) -> None:
        self.font = font
        self._masks: dict[tuple[str, float, bool, float], tuple[NDArray[np.uint8], int, int]] = {}
        self._words: dict[tuple[str, float, bool, float], tuple[NDArray[np.uint8], int, int]] = {}
        self._contours: dict[tuple[str, float, bool], list[NDArray[np.float64]]] = {}
        self._advances: dict[tuple[str, bool], float] = {}  # for a size of one pixel, as are widths
        self._widths: dict[tuple[str, bool], float] = {}
        self._parted: dict[tuple[str, ...], tuple[float, float, float]] = {}

    def advance(self, letter: str, size: float, bold: bool) -> float:
        """How far the pen moves, pixels; the same for all digits."""
        key = (letter, bold)
        if key not in self._advances:
            same = "0123456789" if letter in "0123456789" else letter
            # a letter's own width leaves out its side bearings, so it is measured between two others
            rail = width("||", 1.0, self.font, bold)
            self._advances[key] = max(width(f"|{one}|", 1.0, self.font, bold) - rail for one in same)
        return self._advances[key] * size

    def width(self, text: str, size: float, bold: bool) -> float:
        """How wide the text is when it is stamped, pixels."""
        text = plain(text)
        key = (text, bold)
        if key not in self._widths:
            if len(self._widths) > 10_000:  # values of a long run: measured again when asked for again
                self._widths.clear()
            self._widths[key] = sum(self.advance(letter, 1.0, bold) for letter in text)
        return self._widths[key] * size

    def number(self, text: str) -> tuple[float, float] | None:
        """Of a number the widths before its decimal mark and from there on, for a size of one pixel; else None."""
        if not text[:2].lstrip("−-")[:1].isdigit():
            return None
        before = re.match(r"[−-]?\d*", text)[0]  # type: ignore[index]
        return self.width(before, 1.0, False), self.width(text[len(before) :], 1.0, False)

    def parted(self, texts: tuple[str, ...]) -> tuple[float, float, float]:
        """The widest parts of numbers before and from their decimal marks on, and the widest text that is none."""
        if texts not in self._parted:
            numbers = [(text, self.number(text)) for text in set(texts)]
            parts = [number for _, number in numbers if number]
            words = (self.width(text, 1.0, False) for text, number in numbers if not number)
            self._parted[texts] = (
                max((one for one, _ in parts), default=0.0),
                max((one for _, one in parts), default=0.0),
                max(words, default=0.0),
            )
        return self._parted[texts]

    def word(self, text: str, size: float, bold: bool, rim: float) -> tuple[NDArray[np.uint8], int, int]:
        """The mask of a whole text and its corner (top, left) from the pen, for texts that move as one."""
        key = (text, size, bold, rim)
        if key not in self._words:
            pen, parts = 0.0, []
            for letter in text:
                mask, top, left = self.mask(letter, size, bold, rim)
                parts += [(mask, top, round(pen) + left)] if mask.size else []
                pen += self.advance(letter, size, bold)
            y0, x0 = min((top for _, top, _ in parts), default=0), min((left for *_, left in parts), default=0)
            y1 = max((top + len(mask) for mask, top, _ in parts), default=0)
            x1 = max((left + mask.shape[1] for mask, _, left in parts), default=0)
            whole = np.zeros((y1 - y0, x1 - x0), np.uint8)
            for mask, top, left in parts:
                part = whole[top - y0 : top - y0 + mask.shape[0], left - x0 : left - x0 + mask.shape[1]]
                np.maximum(part, mask, out=part)
            self._words[key] = whole, y0, x0
        return self._words[key]

    def mask(self, letter: str, size: float, bold: bool, rim: float = 0.0) -> tuple[NDArray[np.uint8], int, int]:
        """uint8[row, column] of one letter, or of the rim around it, and its corner (top, left) seen from the pen."""
        key = (letter, size, bold, rim)
        if key not in self._masks:
            self._masks[key] = self._trace(letter, size, bold, rim)
        return self._masks[key]

    def _outline(self, letter: str, size: float, bold: bool) -> list[NDArray[np.float64]]:
        """The contours of a letter, float64[n, 2] each, pixels from the pen, y downwards."""
        from matplotlib.textpath import TextPath

        key = (letter, size, bold)
        if key not in self._contours:
            path = TextPath((0, 0), letter, size=size * em(self.font), prop=properties(self.font, bold))
            flipped = [np.ascontiguousarray(np.asarray(part, float) * (1.0, -1.0)) for part in path.to_polygons()]
            self._contours[key] = [part for part in flipped if len(part) > 2]
        return self._contours[key]

    def _trace(self, letter: str, size: float, bold: bool, rim: float) -> tuple[NDArray[np.uint8], int, int]:
        from gdviz.raster import blends, strokes

        contours = [] if letter.isspace() else self._outline(letter, size, bold)
        if not contours:
            return np.zeros((0, 0), np.uint8), 0, 0
        every = np.concatenate(contours)
        edge = math.ceil(rim) + 1
        left, top = math.floor(every[:, 0].min()) - edge, math.floor(every[:, 1].min()) - edge
        columns, rows = math.ceil(every[:, 0].max()) + edge - left, math.ceil(every[:, 1].max()) + edge - top
        area = np.zeros((rows, columns + 2))
        for contour in contours:
            blends.outline(area, contour, float(left), float(top))
        cover = np.minimum(np.abs(np.cumsum(area, axis=1)[:, :columns]), 1.0)
        mask = np.ascontiguousarray((255 * cover + 0.5).astype(np.uint8))
        if rim > 0:
            spans = np.zeros((rows, 2), np.int32)
            for contour in contours:
                closed = np.concatenate([contour, contour[:1]]) - (left, top)
                reach = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
                strokes.stroke(
                    mask, spans, np.ascontiguousarray(closed), reach, np.full(len(closed), rim),
                    np.ones(len(closed)), np.empty(0),
                )  # fmt: skip
        return mask, top, left
