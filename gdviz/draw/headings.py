"""Heads of the rows of a grid: a title, and beneath it a sample of each line with what it stands for."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from gdviz.draw.ledger import Column, Ledger, Row
from gdviz.draw.measures import Measures
from gdviz.draw.shapes import Box
from gdviz.draw.text import shorten, width
from gdviz.scene.page import Scene

WIDEST = 0.22
"""Share of the page that heads may take from the panels beside them."""


@dataclass(frozen=True)
class Heading:
    """A head on the page: its title, the left end and baseline of that, its size, and the samples beneath."""

    title: str
    at: tuple[float, float]
    size: float
    samples: Ledger


def beside(page: Measures) -> bool:
    """Whether heads stand to the left of their rows, as there is room for on wide pages; else above them."""
    return page.kind == "wide"


def headings_width(scene: Scene, cell: Measures) -> float:
    """What heads to the left take from the width of the page, pixels; 0 without heads."""
    if not scene.heads:
        return 0.0
    titles = [width(head.title, cell.size(25), scene.font, True) for head in scene.heads]
    names = [
        width(scene.entries[entry].name, cell.size(21), scene.font) for head in scene.heads for entry in head.entries
    ]
    return min(max(titles + [_lead(cell) + name for name in names]), WIDEST * scene.size[0])


def headings_height(scene: Scene, cell: Measures) -> float:
    """What a head above a row takes from the height of the page, pixels; 0 without heads."""
    return 1.5 * cell.size(25) if scene.heads else 0.0


def stacked(
    scene: Scene, cell: Measures, grid: tuple[int, int], boxes: Sequence[Box], left: float
) -> tuple[Heading, ...]:
    """Place the heads beside the first boxes of their rows; lines move together where a row is low."""
    room, size, text = headings_width(scene, cell), cell.size(25), cell.size(21)
    firsts = boxes[:: grid[1]]
    pitch = min((b.y0 - a.y0 for a, b in itertools.pairwise(firsts)), default=float(scene.size[1]))
    found = []
    for head, box in zip(scene.heads, firsts, strict=False):
        line = min(1.3 * text, (pitch - 1.5 * size) / max(len(head.entries), 1))
        base = box.y0 + 0.75 * size
        below = base + 0.15 * size
        rows = [_row(scene, cell, entry, left, below + (n + 1) * line, room) for n, entry in enumerate(head.entries)]
        area = Box(round(left), box.y0, round(left + room), round(base + (len(rows) + 0.5) * line))
        found.append(
            _heading(
                scene, head.title, (left, base), room, size, Ledger(tuple(rows), text, text, text, 1.0, area, Column())
            )
        )
    return tuple(found)


def abreast(
    scene: Scene, cell: Measures, grid: tuple[int, int], tops: Sequence[float], left: float, right: float
) -> tuple[Heading, ...]:
    """Place the heads in one line each above their rows, whose upper ends are `tops`; all samples in columns."""
    size, text = cell.size(25), cell.size(21)
    titles = max(width(head.title, size, scene.font, True) for head in scene.heads)
    count = max(len(head.entries) for head in scene.heads)
    names = [scene.entries[entry].name for head in scene.heads for entry in head.entries]
    each = _lead(cell) + max((width(name, text, scene.font) for name in names), default=0.0) + 1.5 * text
    begin = left + min(titles + 1.5 * size, max(right - left - count * each, 0.3 * (right - left)))
    each = min(each, (right - begin) / max(count, 1))
    found = []
    for head, top in zip(scene.heads, tops, strict=True):
        base = top + size
        rows = [_row(scene, cell, entry, begin + n * each, base, each) for n, entry in enumerate(head.entries)]
        area = Box(round(left), round(top), round(right), round(top + headings_height(scene, cell)))
        book = Ledger(tuple(rows), text, text, text, 1.0, area, Column())
        found.append(_heading(scene, head.title, (left, base), begin - left - 0.5 * size, size, book))
    return tuple(found)


def _heading(scene: Scene, title: str, at: tuple[float, float], room: float, size: float, samples: Ledger) -> Heading:
    return Heading(shorten(title, room, size, scene.font, True), (at[0], float(round(at[1]))), size, samples)


def _row(scene: Scene, cell: Measures, entry: int, left: float, base: float, room: float) -> Row:
    """A sample from its left end on, and what it stands for on the same line."""
    text = cell.size(21)
    end, place = left + _sample(cell), (left + _lead(cell), float(round(base)))
    name = shorten(scene.entries[entry].name, room - _lead(cell), text, scene.font)
    return Row(
        entry, base - 0.36 * text, (left, end), end + 0.9 * text, "", place, name, place, room - _lead(cell), place
    )


def _sample(cell: Measures) -> float:
    return 2.4 * cell.size(21)


def _lead(cell: Measures) -> float:
    """From the left end of a sample to its name: the line, the marker, gaps."""
    return _sample(cell) + 1.9 * cell.size(21)
