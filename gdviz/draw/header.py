"""What stands above the panels: title, formula, counter."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gdviz.draw.formulas import lines as lines_of
from gdviz.draw.mathematics import atoms
from gdviz.draw.measures import Measures
from gdviz.draw.text import Glyphs, extent, shorten, width
from gdviz.scene.page import Reading, Scene

LEADING = 1.14
"""From one line of a title to the next, in heights of its letters."""

TIGHTER = 0.88
"""What letters of a title may lose of their size to stay on one line."""

CORNER = 0.42
"""Share of the page's width that the counter may take."""


@dataclass(frozen=True)
class Line:
    """A line of furniture text: its right or left end on the baseline, and its size in pixels."""

    text: str
    x: float
    y: float
    size: float


@dataclass(frozen=True)
class Header:
    """Its lines, and where it ends in whichever language; the counter's text is the longest of all records.

    left_out: whether the formula had no room, which its line says in its place.
    """

    title: tuple[Line, ...]
    formula: tuple[Line, ...]
    counter: Line  # right end
    total: Line  # right end
    end: float
    left_out: bool


def header(scene: Scene, page: Measures, glyphs: Glyphs, left: float, right: float) -> Header:
    """A title of one line, or of two where it has to be; only one that fits neither is set smaller."""
    readings = scene.readings or (Reading(scene.title, formula=scene.formula),)
    size, counter_size, total_size = page.size(48), page.size(42), page.size(23)
    longest = max(scene.counter, key=lambda text: glyphs.width(text, counter_size, False), default="")
    counters = [longest, *(reading.counter for reading in readings if longest)]
    corner, most = max(glyphs.width(text, counter_size, False) for text in counters), (right - left) * CORNER
    if corner > most:
        counter_size, corner = max(counter_size * most / corner, page.size(17)), most
    room = right - left - (corner + page.space(40) if corner else 0.0)
    lines = broken(scene.title, room, size, scene.font)
    kept = max(len(broken(reading.title, room, size, scene.font)) for reading in readings)
    widest = max((width(line, size, scene.font, True) for line in lines), default=0.0)
    title_size = max(size * room / widest * 0.998, page.size(26)) if widest > room else size
    base = page.space(42) + 0.78 * max(size if kept else 0.0, counter_size if longest else 0.0)
    pitch = LEADING * size
    spare = max(kept - len(lines), 0) * pitch  # what another language's second line takes: half of it above, half below
    base += spare / 2
    begin = end = base if kept or longest else page.space(36)
    title = tuple(
        Line(shorten(text, room, title_size, scene.font, True), left, round(base + number * pitch), title_size)
        for number, text in enumerate(lines)
    )
    counter = Line(longest, right, round(base), counter_size)
    low = base + page.space(6) + 0.2 * max(size, counter_size)
    total = Line(scene.counter_total, right, round(low + 0.74 * total_size), total_size)
    if total.text:
        end = max(end, total.y + 0.1 * total_size)
    totals = [total.text, *(reading.counter_total for reading in readings)]
    corner = max([0.0 if title else corner, *(width(text, total_size, scene.font) for text in totals)])
    room = right - left - (corner + page.space(40) if corner else 0.0)
    places, formula_size = _formula(scene, scene.formula, page, room)
    # without a title the formula stands in its place, beside the counter
    below = max(len(lines) - 1, 0) * pitch
    first = low + below if title else max(page.space(36), begin - (places[0][1] if places else 0.0))
    formula = tuple(Line(text, left, round(first + down), formula_size) for text, down, _ in places)
    others = {_even(reading.formula): reading.formula for reading in readings if title}
    others.pop(_even(scene.formula), None)
    ends = [found[-1][2] for text in others.values() if (found := _formula(scene, text, page, room)[0])]
    ends += [places[-1][2]] if places else []
    last = max([base + below, *(first + down for down in ends)]) + spare / 2
    left_out = bool(formula) and not formula[0].text.startswith("$")
    return Header(title, formula, counter, total, max(end, last) + page.space(26), left_out)


def broken(text: str, room: float, size: float, font: str | None) -> list[str]:
    """The title in one line, or in two that are as even as words allow."""
    words = atoms(text)
    if len(words) < 2 or TIGHTER * width(text, size, font, True) <= room:
        return [text] if text else []
    pairs = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return list(min(pairs, key=lambda pair: max(width(line, size, font, True) for line in pair)))


def _formula(scene: Scene, formula: str, page: Measures, room: float) -> tuple[list[tuple[str, float, float]], float]:
    """The lines of a formula, each with its baseline and its end below the first one's top, pixels, and their size."""
    even = _even(formula)
    texts, size = lines_of(even, room, page.size(29), page.size(17), scene.font)
    if even and not texts:  # a formula cannot be shortened: that it is left out is said in its place
        size = page.size(20)
        texts = [shorten(scene.formula_left_out, room, size, scene.font)]
    found, y = [], 0.0
    for text in texts:
        rise, depth = extent(text, size, scene.font, math=text.startswith("$"))
        said = re.sub(r"(?<=\d)\.(?=\d)", "{,}", text) if even != formula else text
        found.append((said, y + rise, y + rise + depth))
        y += rise + depth + page.space(8)
    return found, size


def _even(formula: str) -> str:
    """A formula as it is measured, so that its decimal mark moves nothing."""
    return formula.replace("{,}", ".")
