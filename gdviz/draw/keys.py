"""The key of maps on the page: bars with what they mean, columns of values, and where it stands beside the maps.

How much room it takes follows from its rows and columns, never from how wide words are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from gdviz.draw.fields import LINE, hatched
from gdviz.draw.markers import marker
from gdviz.draw.measures import SMALLEST, Measures
from gdviz.draw.shapes import Area, Box, Hairlines, Image, Shape, Text
from gdviz.draw.text import shorten, width, wrap
from gdviz.draw.ticks import ticks
from gdviz.scene.keys import Bar, Key
from gdviz.scene.layers import HATCHES
from gdviz.scene.page import Scene
from gdviz.scene.panels import Axis

SIZES = 30.0, 27.5, 25.0, 23.0, 21.0, 19.0, SMALLEST
"""Of letters, units of the page: the largest in which all finds room."""

TRIED = 21.0, SMALLEST
"""The same by which maps and their key share a page: the first in which there is room for both."""

BESIDE, BELOW = 0.66, 0.62
"""Shares of the width and of the height that a key may take from maps."""

NAME, COLUMN, HEADED, BAR = 9.4, 4.2, 5.8, 3.4
"""Widths of names, of a column of values without a head and with one, and of a bar at least, in sizes of letters."""

LETTER = 0.5
"""The width of a letter of a value, at most nearly, in sizes of letters."""

LONGEST, SWATCH = 12.0, 2.2
"""How long a bar of colours and one of a single colour are at most, in sizes of letters."""

STAR = 1.3
"""From the left end of a star to the name beside it, in sizes of letters."""

ROW, THICK = 1.55, 0.95
"""From one row to the next, and how high a bar is, in sizes of letters."""

TICKS, TITLE, NOTE, AIR = 1.15, 1.2, 1.25, 0.6
"""Heights of ticks below a bar, of the name of its axis, of a line of a note, and of the air above what follows."""

FEW = 2000.0
"""How many times the low end of a logarithmic axis its high end is below which ticks are numbers, not powers of ten."""

FIRST = 0.8
"""How far the head of the first column reaches over the names beside it, in widths of columns."""

LINES, HEADS = 3, 2
"""Most lines of a note, and of what stands above a column."""


def least_width(key: Key, size: float, column: float = COLUMN) -> float:
    """The width that a key needs in letters of a size, with columns at least so many of these wide; pixels."""
    longest = max((len(value) for bar in key.bars for value in bar.values), default=0)
    return (NAME + BAR + 1.5 + max(column, LETTER * longest + 1.2) * key.columns) * size


def forms(key: Key) -> Iterator[Key]:
    """The key, and what of it small pages may have room for: without notes and rows of numbers alone, without any."""
    yield key
    bars = tuple(bar for bar in key.bars if bar.colors is not None)
    yield replace(key, bars=bars, notes=())
    yield Key(tuple(replace(bar, values=()) for bar in bars))


def height(key: Key, size: float, width: float) -> float:
    """Pixels of all rows and notes, of which each is taken to fill as many lines as its letters may need."""
    total = (TITLE if key.title else 0.0) + (HEADS * TITLE if key.heads else 0.0) + 0.3
    for bar in key.bars:
        total += ROW
        if bar.axis is not None:
            total += TICKS + (TITLE if bar.axis.label else 0.0) + AIR
    if key.notes:
        total += AIR + NOTE * sum(_lines(note, size, width) for note in key.notes)
    return total * size


def _lines(note: str, size: float, width: float) -> int:
    """Lines of a note, counted by its letters alone: half their size each is more than they take."""
    return min(max(-(-round(LETTER * len(note) * size) // max(round(width), 1)), 1), LINES)


def written(scene: Scene, page: Measures, key: Key, area: Area) -> list[Shape]:
    """All of a key from the top of an area, in the largest letters in which it has room there and no word of a head is
    cut; two pixels may be lost to rounding."""
    for units in SIZES:
        size = page.size(units)
        if least_width(key, size) <= area.width + 2 and height(key, size, area.width) <= area.height + 2:
            writing = _Writing(scene, page, key, area, size)
            if writing.whole:
                return writing.shapes()
    return _Writing(scene, page, key, area, size).shapes()


class _Writing:
    """A key while it is being written."""

    def __init__(self, scene: Scene, page: Measures, key: Key, area: Area, size: float) -> None:
        self.scene, self.page, self.key, self.area, self.size = scene, page, key, area, size
        self.theme, self.font = scene.theme, scene.font
        self.small = max(0.88 * size, page.size(SMALLEST))
        names = [
            self._wide(bar.name, size) + STAR * size * bool(bar.star) for bar in key.bars if bar.colors is not None
        ]
        heads = [self._wide(head, self.small, True) for head in key.heads]
        values = [self._wide(value, size) for bar in key.bars for value in bar.values]
        own = max([*values, 0.0]) + 1.2 * size
        text = max(names, default=0.0) + 0.8 * size
        most = (area.width - (BAR + 0.8) * size - text) / max(key.columns, 1)
        self.column = max(min(max([own, *(head + 0.8 * size for head in heads)]), most), own) if key.columns else 0.0
        room = area.width - self.column * key.columns - text - 0.8 * size
        self.long = max(min(room, LONGEST * size), BAR * size)
        self.begin = area.left + self.long + 0.8 * size
        self.end = min(area.right, self.begin + text + self.column * key.columns)
        self.rooms = [self.column * (1 + FIRST * (number == 0)) - 0.8 * size for number in range(len(key.heads))]
        words = [
            (self._wide(word, self.small, True), room)
            for head, room in zip(key.heads, self.rooms, strict=True)
            for word in head.split()
        ]
        fits = min((room / wide for wide, room in words if wide > room), default=1.0)  # so that no word is cut
        self.whole = fits * self.small >= page.size(SMALLEST)
        self.head = max(fits * self.small, page.size(SMALLEST))

    def shapes(self) -> list[Shape]:
        """Heads, rows, notes."""
        found: list[Shape] = []
        size, y, key = self.size, self.area.top, self.key
        lines = [wrap(*pair, self.head, HEADS, self.font) for pair in zip(key.heads, self.rooms, strict=True)]
        most, pitch = max(map(len, lines), default=0), NOTE * self.head
        y += (TITLE * bool(key.title) + HEADS * TITLE * bool(key.heads)) * size
        base = y - 0.3 * size
        for number, parts in enumerate(lines):
            for above, part in enumerate(reversed(parts)):
                x, at = self._right(number), round(base - above * pitch)
                found.append(Text(x, at, part, self.head, self.theme.ink, "right", bold=True))
        if key.title:
            said = shorten(key.title, self.area.width, self.small, self.font)
            x, align = (self.end, "right") if key.columns else (self.area.left, "left")
            found.append(Text(x, round(base - most * pitch), said, self.small, self.theme.dim, align))
        y += 0.3 * size
        for bar in key.bars:
            found += self._row(bar, y)
            y += ROW * size
            if bar.axis is not None:
                found += self._axis(bar, y)
                y += (TICKS + (TITLE if bar.axis.label else 0.0) + AIR) * size
        y += AIR * size
        for note in key.notes:
            for line in wrap(note, self.area.width, self.small, LINES, self.font):
                y += NOTE * self.small
                found.append(Text(self.area.left, round(y - 0.3 * self.small), line, self.small, self.theme.dim))
        return found

    def _wide(self, text: str, size: float, bold: bool = False) -> float:
        return width(text, size, self.font, bold)

    def _right(self, column: int) -> float:
        return self.end - (self.key.columns - 1 - column) * self.column

    def _row(self, bar: Bar, top: float) -> list[Shape]:
        size, theme = self.size, self.theme
        middle = top + ROW * size / 2
        base = round(middle + 0.34 * size)
        found: list[Shape] = []
        if bar.colors is not None:
            found += self._bar(bar, middle)
        left = self.area.left if bar.colors is None else self.begin
        if bar.star:
            found += marker("star", left + 0.5 * size, middle, 0.5 * size, bar.star, 0.0, theme.halo)
            left += STAR * size
        if bar.name:
            end = self._right(0) - self._wide(bar.values[0], size) - 0.6 * size if bar.values else self.area.right
            room = end - left
            found.append(Text(left, base, shorten(bar.name, room, size, self.font), size, theme.ink))
        for number, value in enumerate(bar.values):
            found.append(Text(self._right(number), base, value, size, theme.ink, "right"))
        return found

    def _bar(self, bar: Bar, middle: float) -> list[Shape]:
        colors, size, theme, page = bar.colors, self.size, self.theme, self.page
        assert colors is not None
        thick = THICK * size if len(colors) > 1 else 0.8 * THICK * size
        x1 = self.area.left + self.long
        x0 = self.area.left if len(colors) > 1 else x1 - min(SWATCH * size, self.long)
        box = Box(round(x0), round(middle - thick / 2), round(x1), round(middle + thick / 2))
        at = np.minimum((np.arange(box.width) + 0.5) / box.width * len(colors), len(colors) - 1).astype(np.int64)
        pixels = np.repeat(colors[at][None], box.height, axis=0)
        if bar.hatch:
            hatched(pixels, 1.0, theme, page.line(9.0), page.line(LINE), HATCHES[bar.hatch])
        edge = np.array([(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1), (box.x0, box.y0)])
        around = Hairlines((edge + 0.0,), theme.dim, max(page.stroke(1.0), 1.0), 0.6)
        return [Image(pixels, box), around]

    def _axis(self, bar: Bar, top: float) -> list[Shape]:
        """Ticks below a bar, which has just ended above `top`, and what its ends are."""
        axis, small, theme = bar.axis, self.small, self.theme
        assert axis is not None
        left, line = self.area.left, max(self.page.stroke(1.3), 1.0)
        above = top - (ROW - THICK) / 2 * self.size
        shown: Sequence[tuple[float, str]] = []
        for room in range(8, 1, -1):
            shown = marks(axis, room)
            if sum(self._wide(label, small) + 0.9 * small for _, label in shown) <= self.long:
                break
        found: list[Shape] = []
        base = round(above + 0.35 * self.size + 0.78 * small)
        for value, label in shown:
            x = left + self.long * float(axis.fraction(np.array(value)))
            half = self._wide(label, small) / 2
            tick = np.array([(x, above), (x, above + 0.22 * self.size)])
            found.append(Hairlines((tick,), theme.dim, line, 0.9))
            inside = min(max(x, left + half), left + self.long + 0.6 * self.size - half)
            found.append(Text(inside, base, label, small, theme.dim, "center"))
        if axis.label:
            said = shorten(axis.label, self.area.width, small, self.font)
            found.append(Text(left, round(base + 1.25 * small), said, small, theme.dim))
        return found


def marks(axis: Axis, room: int) -> list[tuple[float, str]]:
    """Ticks of a bar: of few decades also numbers between powers of ten, written out."""
    if axis.scale == "log" and axis.low >= 0.01 and axis.high < min(FEW * axis.low, 1e5):
        low, high = math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high))
        for mantissas, stride in (((1, 2, 5), 1), ((1, 3), 1), ((1,), 1), ((1,), 2)):
            values = [mantissa * 10.0**power for power in range(low, high + 1, stride) for mantissa in mantissas]
            shown = [value for value in values if axis.low * (1 - 1e-9) <= value <= axis.high * (1 + 1e-9)]
            if len(shown) <= room and len(shown) > 1:
                return [(value, f"{value:.10g}".replace(".", axis.decimal)) for value in shown]
    return ticks(axis, room)


def beside(page: Measures, key: Key, area: Area, units: float) -> tuple[Area, float] | None:
    """What a key to the right of maps in letters of a size leaves to them, and the gap between; None where it has no
    room there."""
    size, gap = page.size(units), page.space(56)
    wide = least_width(key, size, HEADED if key.heads else COLUMN)
    if wide + gap > BESIDE * area.width or height(key, page.size(SMALLEST), wide) > area.height:
        return None
    return replace(area, right=area.right - wide - gap), gap


def below(page: Measures, key: Key, area: Area, units: float) -> tuple[Area, float] | None:
    """The same of a key below maps."""
    size, gap = page.size(units), page.space(34)
    high = height(key, size, area.width)
    if least_width(key, size) > area.width or high > BELOW * area.height:
        return None
    return replace(area, bottom=area.bottom - high - gap), gap
