"""The legend as a ledger: sample of the line, marker, name, hyperparameters, current loss."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gdviz.draw.measures import Measures
from gdviz.draw.shapes import Box, Text
from gdviz.draw.text import Glyphs, shorten, width
from gdviz.scene.page import Entry, Scene

TITLE = 20.0
"""Size of the line above the values, units of the page."""


@dataclass(frozen=True)
class Row:
    """One entry's place: the line sample from x0 to x1, the marker's centre, and texts with their baselines."""

    entry: int
    y: float  # middle of the sample
    sample: tuple[float, float]
    marker: float
    name: str
    name_at: tuple[float, float]
    details: str
    details_at: tuple[float, float]
    details_room: float
    value_at: tuple[float, float]  # right end


@dataclass(frozen=True)
class Ledger:
    """All rows and the sizes they share, pixels."""

    rows: tuple[Row, ...]
    name: float
    details: float
    value: float
    scale: float  # of the samples and markers, too
    box: Box
    titles: tuple[Text, ...] = ()  # above the values of each column


@dataclass(frozen=True)
class _Fit:
    """How texts are made to fit: their scale, one or two lines a row, and the height of a row."""

    scale: float
    lines: int
    height: float


def _sizes(page: Measures, scale: float) -> tuple[float, float, float]:
    floor = page.size(17)
    return max(page.size(28) * scale, floor), max(page.size(22) * scale, floor), max(page.size(27) * scale, floor)


def _lead(page: Measures, scale: float) -> float:
    """From the row's left edge to its name: sample, marker, gaps."""
    return (page.space(76) + page.line(16)) * scale + page.line(40) * scale


def _values(entries: tuple[Entry, ...], size: float, glyphs: Glyphs) -> float:
    return size * max((glyphs.widest(entry.values) for entry in entries), default=0.0)


def _beside(entry: Entry, size: float, gap: float, glyphs: Glyphs) -> float:
    """What an entry's values take from the line of its name, pixels."""
    widest = size * glyphs.widest(entry.values)
    return widest + gap if widest else 0.0


def needs(scene: Scene, page: Measures, glyphs: Glyphs, scale: float, lines: int) -> float:
    """The width in which every row of the ledger fits unshortened, pixels."""
    name, details, value = _sizes(page, scale)
    gap = page.space(26) * scale
    names = max((width(entry.name, name, scene.font, True) for entry in scene.listed), default=0.0)
    notes = max((width(entry.longest, details, scene.font) for entry in scene.listed), default=0.0)
    if lines == 2:  # a name needs room beside its own value only, and below a value stands nothing
        rooms = [
            _beside(entry, value, gap, glyphs) + width(entry.name, name, scene.font, True) for entry in scene.listed
        ]
        return _lead(page, scale) + max([*rooms, notes])
    values = _values(scene.listed, value, glyphs)
    values += gap if values else 0.0
    return _lead(page, scale) + names + (gap + notes if notes else 0.0) + values


def _choose(scene: Scene, page: Measures, glyphs: Glyphs, room: float, height: float, roomy: bool) -> _Fit:
    """The largest form that fits: one line a row, then two, then smaller letters; shortened texts come last."""
    count = max(len(scene.listed), 1)
    detailed = any(entry.longest for entry in scene.listed)
    tries = [
        (1.1, 1),
        (1.0, 1),
        (0.92, 1),
        (1.0, 2),
        (0.92, 2),
        (0.85, 1),
        (0.85, 2),
        (0.78, 1),
        (0.78, 2),
        (0.7, 2),
        (0.6, 2),
    ]
    if roomy and count <= 6:
        tries = [(1.25, 2), (1.15, 2), *tries]
    for scale, lines in tries:
        if lines == 2 and not detailed:
            continue
        least = _least(page, scale, lines)
        if count * least <= height and needs(scene, page, glyphs, scale, lines) <= room:
            return _Fit(scale, lines, least)
    scale = 0.6
    name, details, _ = _sizes(page, scale)
    least = name * 1.08 + details * 1.1
    if detailed and count * least <= height:
        return _Fit(scale, 2, least)
    return _Fit(scale, 1, min(name * 1.3, height / count))


def ledger(
    scene: Scene, page: Measures, glyphs: Glyphs, box: Box, spread: float = 2.1, columns: int = 1, roomy: bool = False
) -> Ledger:
    """Place the ledger's rows at the top of a box, in columns filled downwards.

    Rows are set apart up to `spread` times the height of a name where the box has room for it; a `roomy` ledger has
    its column to itself and may be larger than its usual self.
    """
    count = len(scene.listed)
    per = -(-count // columns) if count else 1
    gutter = page.space(56)
    room = (box.width - gutter * (columns - 1)) / columns
    size, head = page.size(TITLE), head_height(scene, page)
    above = shorten(scene.values_title, room, size, scene.font)
    titles = tuple(
        Text(
            box.x0 + column * (room + gutter) + room, round(box.y0 + 1.1 * size), above, size, scene.theme.dim, "right"
        )
        for column in range(columns if head else 0)
    )
    whole, box = box, replace(box, y0=box.y0 + round(head))
    fit = _choose(scene, page, glyphs, room, box.height * count / per if count else box.height, roomy)
    name, details, value = _sizes(page, fit.scale)
    pitch = max(fit.height, min(box.height / per, name * spread + (details * 0.9 if fit.lines == 2 else 0.0)))
    rise = (0.36 if fit.lines == 1 else 0.74) * name  # the capitals of the first name begin where the box does
    lead = _lead(page, fit.scale)
    gap = page.space(26) * fit.scale
    values = _values(scene.listed, value, glyphs)
    text = room - lead - (values + gap if values else 0.0)
    longest = max((width(entry.name, name, scene.font, True) for entry in scene.listed), default=0.0)
    notes = any(entry.longest for entry in scene.listed)
    # where both do not fit on one line the name may take three fifths
    names = text if fit.lines == 2 or not notes else min(longest, max(0.6 * text, text - gap - _notes(scene, details)))
    rows = []
    for number, entry in enumerate(scene.listed):
        left = box.x0 + (number // per) * (room + gutter)
        middle = box.y0 + rise + (number % per) * pitch
        sample = (left, left + page.space(76) * fit.scale)
        base = middle + 0.36 * name if fit.lines == 1 else middle - 0.02 * name
        below = base if fit.lines == 1 else base + 1.2 * details
        details_x = left + lead + (names + gap if fit.lines == 1 else 0.0)
        details_room = (left + lead + text if fit.lines == 1 else left + room) - details_x
        rows.append(
            Row(
                entry=number,
                y=middle if fit.lines == 1 else base - 0.36 * name,
                sample=sample,
                marker=sample[1] + page.line(26) * fit.scale,
                name=shorten(
                    entry.name,
                    names if fit.lines == 1 else room - lead - _beside(entry, value, gap, glyphs),
                    name,
                    scene.font,
                    True,
                ),
                name_at=(left + lead, round(base)),
                details=shorten(entry.details, details_room, details, scene.font),
                details_at=(details_x, round(below)),
                details_room=details_room,
                value_at=(left + room, round(base)),
            )
        )
    used = replace(whole, y1=min(box.y1, box.y0 + round(per * pitch)))
    return Ledger(tuple(rows), name, details, value, fit.scale, used, titles)


def _notes(scene: Scene, size: float) -> float:
    return max((width(entry.longest, size, scene.font) for entry in scene.listed), default=0.0)


def head_height(scene: Scene, page: Measures) -> float:
    """The height of the line above the rows that says what their values are, pixels; 0 where nothing needs saying."""
    return 1.35 * page.size(TITLE) if scene.values_title and any(entry.values for entry in scene.listed) else 0.0


def _least(page: Measures, scale: float, lines: int) -> float:
    """The height of a row of one or two lines, pixels."""
    name, details, _ = _sizes(page, scale)
    return name * 1.42 if lines == 1 else name * 1.15 + details * 1.25
